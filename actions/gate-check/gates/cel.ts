import * as z from 'zod';
import { seenKinds } from '../evidence/rules/seen.js';
import { defineGate } from '../gate/gate.js';
import { judgeRules, withSeen } from '../gate/own-rules.js';

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

const gate = defineGate({
  name: 'cel',
  byPeople: true,
  schema,
  needs: { rules: (rules) => rules },
  judge: (rules, { evidence }) => judgeRules(rules, evidence.rules),
});

/** Every rule of the team is true. A rule that cannot be evaluated, such as by a field that is not there, does not pass. */
export const cel = withSeen(gate);
