import * as z from 'zod';
import { integer, lines } from '../../shared/config/fields.js';
import { environmentInput, githubToken, serviceInput, type FieldMeta } from '../../shared/runner/fields.js';

const fields = z.strictObject({
  mode: z
    .enum(['evidence', 'minutes', 'kind', 'delivered'])
    .describe(
      'evidence: fail unless the description links a log, a trace or an incident. minutes: say how long each stage took; it never fails for being late. kind: say whether the commit of this run is a hotfix of what is live. delivered: the minutes once production has it, and where the fix is still missing.',
    ),
  'pull-request': z
    .string()
    .regex(/^[1-9]\d{0,9}$/, 'the number of a pull request')
    .transform(Number)
    .optional()
    .meta({ example: '${{ github.event.pull_request.number }}' } satisfies FieldMeta)
    .describe(
      'evidence, minutes: number of the pull request. Its description is read through the API, as it is now.',
    ),
  service: serviceInput().describe('The service that is fixed; an incident must be about it.'),
  'evidence-hosts': lines()
    .prefault('')
    .refine((hosts) => hosts.every((host) => /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(host)), 'names of hosts')
    .describe(
      'Hosts whose links count, one a line, such as grafana.acme.io; hosts below them count too. Empty: any.',
    ),
  environment: environmentInput().optional().describe('kind, delivered: the environment of the users.'),
  'also-into': z
    .string()
    .regex(/^[\w./-]{0,200}$/, 'the name of a branch')
    .default('develop')
    .describe(
      'delivered: branch that a fix has to come back to; it is left alone where there is none. Empty: none.',
    ),
  'target-minutes': integer(1, 99_999)
    .prefault('35')
    .describe('Minutes from the first commit to production.'),
  'ledger-writers': lines()
    .prefault('github-actions[bot]')
    .describe('Identities whose incidents count, one a line: github-actions[bot] or an App as <slug>[bot].'),
  'github-token': githubToken(),
});

/** What a mode cannot do without. */
const needed: Partial<Record<string, keyof z.output<typeof fields>>> = {
  evidence: 'pull-request',
  minutes: 'pull-request',
  kind: 'environment',
  delivered: 'environment',
};

export const inputs = fields.superRefine((values, ctx) => {
  const name = needed[values.mode];
  if (name !== undefined && values[name] === undefined)
    ctx.addIssue({ code: 'custom', path: [name], message: `mode ${values.mode} needs it` });
});

export const outputs = z.strictObject({
  result: z.string().describe('proved, refused, in-time, late, hotfix, release, not-delivered or error.'),
  kind: z.string().describe('kind: hotfix or release; it asks the gate, and proves nothing.'),
  report: z.string().describe('Path of the JSON report (schemas/hotfix-report.json).'),
});
