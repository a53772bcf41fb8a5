import * as z from 'zod';
import { duration } from '../config/fields.js';
import { nameSchema } from '../contracts/formats.js';
import type { Condition, Criterion } from '../contracts/reports/analysis-report.js';
import { formatDuration, parseDuration } from '../time/duration.js';
import { hasSomeOf } from '../schema/json-form.js';
import { alwaysOrNever, conditionForm, conditionPattern, parseCondition } from './condition.js';
import { presetNames, presets, type Preset } from './presets.js';
import type { Gives } from './source.js';

const condition = () =>
  z
    .string()
    .regex(conditionPattern, conditionForm)
    .transform((text) => parseCondition(text)!)
    .superRefine((parsed, ctx) => {
      const always = alwaysOrNever(parsed);
      if (always !== undefined) ctx.addIssue({ code: 'custom', message: always });
    });

/** A criterion as it stands in the criteria file. */
export const criterionFields = z
  .strictObject({
    preset: z
      .enum(presetNames)
      .optional()
      .describe('A ready rule (docs/rollback-criteria.md); keys beside it replace its own.'),
    name: nameSchema.optional().describe('Name in reports and incidents; that of the preset when not given.'),
    source: z.string().describe('One of the sources of this environment.'),
    'fail-when': condition()
      .optional()
      .describe('Takes the release back when it held for the whole of "for".'),
    'success-when': condition()
      .optional()
      .describe('With fail-when: neither is inconclusive. Alone: its opposite fails.'),
    by: z
      .string()
      .regex(/^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/, 'the name of a label')
      .optional()
      .describe('A label, such as route: each of its values is judged by itself.'),
    for: duration().optional().describe('How long it must last; one interval when not given.'),
    over: duration()
      .optional()
      .describe('Length of the parts of "for" that must each be bad; the whole of it when not given.'),
    confidence: z
      .enum(['90 %', '95 %', '99 %'])
      .default('99 %')
      .describe('How sure it must be, from the requests seen, that the rate is bad.'),
    judge: z
      .enum(['mean', 'mann-whitney'])
      .default('mean')
      .describe(
        'How a number is compared with its baseline: by its mean, or by the Mann-Whitney test on all values of both.',
      ),
    'min-requests': z
      .int()
      .min(1)
      .optional()
      .describe('Requests within "for" below which nothing is judged; error-rate needs it.'),
    'no-data': z
      .enum(['inconclusive', 'fail', 'pass'])
      .default('inconclusive')
      .describe('What too few requests, or no numbers, mean.'),
    modes: z
      .array(z.enum(['watch', 'check']))
      .min(1)
      .default(['watch', 'check'])
      .describe('Modes of auto-rollback that judge it; a source without a past is for watch only.'),
    observe: z.boolean().default(false).describe('It is reported and decides nothing.'),
    'max-failures': z.int().min(0).default(0).describe('Failed measurements tolerated.'),
    'max-inconclusive': z
      .int()
      .min(0)
      .optional()
      .describe('Inconclusive measurements tolerated; all of them when not given.'),
    'max-consecutive-errors': z.int().min(0).default(4).describe('Unanswered looks in a row tolerated.'),
  })
  .meta({
    ...hasSomeOf(['fail-when', 'success-when', 'preset']),
    allOf: [hasSomeOf(['name', 'preset'])],
  });

type Written = z.output<typeof criterionFields>;

/** A criterion with what its preset says. */
export type CriterionFields = Written & { name: string };

/** The criterion with the keys of its preset, where it has one; its own keys go first. */
export function withPreset(written: Written): CriterionFields {
  const preset: Preset | undefined = written.preset && presets[written.preset];
  if (!preset) return { ...written, name: written.name ?? '' };
  const { failWhen, by, minRequests, judge } = preset;
  const own = written['fail-when'] ?? written['success-when'];
  const known = own === undefined ? parseCondition(failWhen) : undefined;
  const length = parseDuration(preset.for);
  return {
    ...written,
    name: written.name ?? written.preset ?? '',
    ...(known ? { 'fail-when': known } : {}),
    ...(written.for === undefined && length !== undefined ? { for: length } : {}),
    ...(written.by === undefined && by !== undefined ? { by } : {}),
    ...(written['min-requests'] === undefined && minRequests !== undefined
      ? { 'min-requests': minRequests }
      : {}),
    ...(judge ? { judge } : {}),
  };
}

const confidences = { '90 %': 0.9, '95 %': 0.95, '99 %': 0.99 } as const;

/** The criterion with every default filled in. */
export function resolveCriterion(one: CriterionFields, intervalMs: number): Criterion {
  const forMs = one.for ?? intervalMs;
  return {
    name: one.name,
    source: one.source,
    ...(one['fail-when'] ? { failWhen: one['fail-when'] } : {}),
    ...(one['success-when'] ? { successWhen: one['success-when'] } : {}),
    ...(one.by === undefined ? {} : { by: one.by }),
    ...(one.judge === 'mann-whitney' ? { judge: one.judge } : {}),
    ...(one.observe ? { observe: true } : {}),
    forMs,
    overMs: one.over ?? forMs,
    confidence: confidences[one.confidence],
    minRequests: one['min-requests'] ?? 0,
    noData: one['no-data'],
    maxFailures: one['max-failures'],
    ...(one['max-inconclusive'] !== undefined ? { maxInconclusive: one['max-inconclusive'] } : {}),
    maxConsecutiveErrors: one['max-consecutive-errors'],
  };
}

/** Units in which a source must give the numbers of a metric. */
const unitsOf = {
  latency: ['seconds', 'milliseconds'],
  saturation: ['share', 'percent'],
  restarts: ['number'],
  violations: ['number'],
  value: ['number'],
} as const;

/** Whether a condition is met by what is above its bound; undefined for one that is wrong in itself. */
const isAbove = (condition: unknown): boolean | undefined =>
  typeof condition === 'object' && condition !== null && 'operator' in condition
    ? String(condition.operator).startsWith('>')
    : undefined;

/** What does not fit between a criterion and what its source gives, each with the key that is wrong. */
export function misfits(
  one: CriterionFields,
  gives: Gives,
): { key: keyof CriterionFields; allowed: string }[] {
  const found: { key: keyof CriterionFields; allowed: string }[] = [];
  const refuse = (key: keyof CriterionFields, allowed: string) => void found.push({ key, allowed });
  // One that is wrong in itself is refused already, and comes as the text that it is.
  const both = [one['fail-when'], one['success-when']].filter((given) => typeof given === 'object');
  if (new Set(both.map(({ metric, of }) => `${metric} ${of}`)).size > 1)
    refuse('success-when', 'a condition of the same metric as fail-when');
  const key = one['fail-when'] ? 'fail-when' : 'success-when';
  const asked = both[0];
  if (!asked) return found;
  const wrong = misfit(asked, gives);
  if (wrong !== undefined) refuse(key, wrong);
  if (one.judge === 'mann-whitney' && (!asked.of || one.over !== undefined))
    refuse('judge', 'mean: only a condition "of baseline" without "over" is judged by ranks');
  if (asked.metric === 'error-rate') {
    if (one['fail-when'] && isAbove(one['fail-when']) === false)
      refuse('fail-when', 'an error-rate with > or >=: this one takes a release back for failing less');
    if (one['success-when'] && isAbove(one['success-when']) === true)
      refuse(
        'success-when',
        'an error-rate with < or <=: this one is content with a release that fails more',
      );
    if (one['min-requests'] === undefined) refuse('min-requests', 'a number of requests, from 1 on');
  } else if (one['min-requests'] !== undefined)
    refuse('min-requests', 'nothing: numbers are judged, not requests');
  const lag = gives.is === 'numbers' ? (gives.lagMs ?? 0) : 0;
  if (lag > 0 && (one.for ?? 0) < 3 * lag)
    refuse('for', `at least ${formatDuration(3 * lag)}: three times "every" and "delay" of its source`);
  if (one.by !== undefined && !gives.by) refuse('by', 'nothing: this source has no labels');
  return found;
}

function misfit({ metric, of }: Condition, gives: Gives): string | undefined {
  if (gives.is === 'counts')
    return metric === 'error-rate'
      ? undefined
      : 'a condition of error-rate: its source counts requests and errors';
  if (metric === 'error-rate')
    return 'a condition of a number: its source counts no requests (latency, saturation, restarts, violations or value)';
  const units: readonly string[] = unitsOf[metric];
  if (!units.includes(gives.unit))
    return `a metric in the unit of its source, ${gives.unit}; ${metric} needs unit: ${units.join(' or ')}`;
  return of && !gives.baseline
    ? 'a bound without baseline: its source has none (add baseline to the source)'
    : undefined;
}
