import * as z from 'zod';
import { seenKinds } from '../evidence/rules.js';
import { defineGate, type AnyGate } from '../gate/gate.js';

const rule = z.strictObject({
  name: z
    .string()
    .regex(/^\S(.{0,78}\S)?$/, 'a name of at most 80 characters')
    .describe('What must hold, for people; it stands in the summary.'),
  sees: z
    .array(z.enum(seenKinds))
    .max(seenKinds.length)
    .default([])
    .describe('Evidence that the rule looks at, as evidence.<kind>.'),
  expression: z
    .string()
    .min(1)
    .max(4_000)
    .describe('CEL over release, now and evidence; true lets the release go.'),
});

const schema = z
  .array(rule)
  .min(1)
  .max(20)
  .refine((rules) => new Set(rules.map(({ name }) => name)).size === rules.length, {
    message: 'each name once',
    params: { fix: 'give each rule a name of its own' },
  })
  .describe("The team's own rules, in the Common Expression Language (cel.dev).");

type Rules = z.output<typeof schema>;

const gate = defineGate({
  name: 'cel',
  byPeople: true,
  schema,
  needs: { rules: (rules) => rules },
  judge: (rules, { evidence }) => {
    const judged = rules.map(({ name }) => {
      const found = evidence.rules.find((one) => one.name === name);
      if (found?.is === 'held')
        return {
          name,
          is: found.value ? 'true' : 'false',
          text: found.value ? name : `${name}: does not hold`,
        };
      const reason = found?.reason ?? 'it was not asked';
      return { name, is: 'error', text: `${name}: not known, the expression fails: ${reason}` };
    });
    const [wrong, failed] = ['false', 'error'].map((is) => judged.filter((one) => one.is === is)) as [
      typeof judged,
      typeof judged,
    ];
    const texts = (some: typeof judged) => some.map(({ text }) => text).join('; ');
    if (wrong.length + failed.length === 0) return { is: 'pass', reason: texts(judged) };
    return {
      is: 'fail',
      reason: texts([...wrong, ...failed]),
      byPerson: failed.length === 0 ? wrong.map(({ name }) => name).join('; ') : undefined,
    };
  },
});

/** Every rule of the team is true. A rule that cannot be evaluated, such as by a field that is not there, does not pass. */
export const cel: AnyGate = {
  ...gate,
  needs: (config, request) => [
    ...gate.needs(config, request),
    ...[...new Set((config as Rules).flatMap(({ sees }) => sees))].map((kind) => ({ kind, detail: true })),
  ],
};
