import * as z from 'zod';
import { oneNumberSchema } from '../../../shared/analysis/sources/one-number.js';
import { hasSomeOf, withJsonForm } from '../../../shared/schema/json-form.js';
import { defineGate } from '../gate/gate.js';
import { letHotfix } from '../gate/hotfix-proof.js';

const bound = z
  .strictObject({
    name: z
      .string()
      .regex(/^\S(.{0,78}\S)?$/, 'a name of at most 80 characters')
      .describe('What the number is, such as error budget left; it stands in the summary.'),
    source: oneNumberSchema.describe('Where the number is read.'),
    min: z.number().optional().describe('The least it may be.'),
    max: z.number().optional().describe('The most it may be.'),
  })
  .refine(
    withJsonForm(
      ({ min, max }: { min?: number | undefined; max?: number | undefined }) =>
        min !== undefined || max !== undefined,
      () => [hasSomeOf(['min', 'max'])],
    ),
    { message: 'min, max or both', params: { fix: 'add for example min: 0.1' } },
  )
  .refine(({ min = -Infinity, max = Infinity }) => min <= max, {
    message: 'a max that is not below min: no number would pass',
    path: ['max'],
    when: ({ issues }) => issues.length === 0,
  });

const schema = z
  .strictObject({
    bounds: z
      .array(bound)
      .min(1)
      .max(10)
      .refine((bounds) => new Set(bounds.map(({ name }) => name)).size === bounds.length, {
        message: 'each name once',
        params: { fix: 'give each number a name of its own' },
      })
      .describe('Numbers, and what each may be at the release.'),
    'let-hotfix': letHotfix('a number outside its bounds'),
  })
  .describe('Numbers such as the error budget left are within their bounds.');

/**
 * Each number is within its bounds. It can be let through, since it says how production is and not how the release is:
 * the fix of what burns the error budget must be able to go out.
 */
export const metric = defineGate({
  name: 'metric',
  byPeople: true,
  schema,
  needs: { metrics: ({ bounds }) => bounds.map(({ name, source }) => ({ name, source })) },
  hotfixLevels: (config) => [config['let-hotfix']],
  judge: ({ bounds }, { evidence: { metrics } }) => {
    const judged = bounds.map(({ name, min = -Infinity, max = Infinity }) => {
      const found = metrics.find((one) => one.name === name);
      if (found?.is !== 'known')
        return { name, is: 'unknown', text: `${name} is not known: ${found?.reason ?? 'it was not asked'}` };
      const { value } = found;
      const is = value >= min && value <= max ? 'within' : 'outside';
      const wanted = value < min ? `at least ${min}` : `at most ${max}`;
      return {
        name,
        is,
        text: is === 'within' ? `${name} is ${value}` : `${name} is ${value}, allowed is ${wanted}`,
      };
    });
    const unknown = judged.filter(({ is }) => is === 'unknown');
    const outside = judged.filter(({ is }) => is === 'outside');
    const reason = (some: readonly { text: string }[]) => some.map(({ text }) => text).join('; ');
    if (unknown.length === 0 && outside.length === 0) return { is: 'pass', reason: reason(judged) };
    return {
      is: 'fail',
      reason: reason([...outside, ...unknown]),
      despite: unknown.length === 0 ? reason(outside) : undefined,
      notes: judged.filter(({ is }) => is === 'within').map(({ text }) => text),
    };
  },
});
