import * as z from 'zod';
import { seenKinds } from '../evidence/rules/seen.js';
import { defineGate } from '../gate/gate.js';
import { judgeRules, withSeen } from '../gate/own-rules.js';

const reference = z
  .string()
  .regex(/^data(\.[A-Za-z_][A-Za-z0-9_]*)+$/, 'the full name of a rule, such as data.release.allow');

const rule = z.strictObject({
  name: z
    .string()
    .regex(/^\S(.{0,78}\S)?$/, 'a name of at most 80 characters')
    .describe('What must hold, for people; it stands in the summary.'),
  file: z
    .string()
    .regex(/^(?!\/)(?!.*(^|\/)\.\.(\/|$))[\w./-]+\.rego$/, 'a path inside the repository that ends in .rego')
    .describe('The module; it is read from the default branch.'),
  allow: reference.default('data.release.allow').describe('The rule that must be true.'),
  reasons: reference.optional().describe('A rule that gives texts, shown when the release may not go.'),
  sees: z
    .array(z.enum(seenKinds))
    .max(seenKinds.length)
    .default([])
    .describe('Evidence that the rule looks at, as input.evidence.<kind>.'),
});

const schema = z
  .array(rule)
  .min(1)
  .max(5)
  .refine((rules) => new Set(rules.map(({ name }) => name)).size === rules.length, {
    message: 'each name once',
    params: { fix: 'give each rule a name of its own' },
  })
  .describe("The team's own rules, in Rego, evaluated by the program opa on the path.");

const gate = defineGate({
  name: 'rego',
  byPeople: true,
  schema,
  needs: { rego: (rules) => rules },
  judge: (rules, { evidence }) => judgeRules(rules, evidence.rego),
});

/** Every rule of the team is true. One that is undefined, or names what is not there, does not pass. */
export const rego = withSeen(gate);
