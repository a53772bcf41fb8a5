import * as z from 'zod';
import { integer, lines } from '../../shared/config/fields.js';
import { githubToken, serviceInput, type FieldMeta } from '../../shared/runner/fields.js';

export const inputs = z.strictObject({
  mode: z
    .enum(['evidence', 'minutes'])
    .describe(
      'evidence: fail unless the description links a log, a trace or an incident. minutes: say how long each stage took; it never fails for being late.',
    ),
  'pull-request': z
    .string()
    .regex(/^[1-9]\d{0,9}$/, 'the number of a pull request')
    .transform(Number)
    .meta({ example: '${{ github.event.pull_request.number }}' } satisfies FieldMeta)
    .describe('Number of the pull request. Its description is read through the API, as it is now.'),
  service: serviceInput().describe('The service that is fixed; an incident must be about it.'),
  'evidence-hosts': lines()
    .prefault('')
    .refine((hosts) => hosts.every((host) => /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(host)), 'names of hosts')
    .describe(
      'Hosts whose links count, one a line, such as grafana.acme.io; hosts below them count too. Empty: any.',
    ),
  'target-minutes': integer(1, 99_999)
    .prefault('35')
    .describe('Minutes from the first commit to production.'),
  'ledger-writers': lines()
    .prefault('github-actions[bot]')
    .describe('Identities whose incidents count, one a line: github-actions[bot] or an App as <slug>[bot].'),
  'github-token': githubToken(),
});

export const outputs = z.strictObject({
  result: z.string().describe('proved, refused, in-time, late or error.'),
  report: z.string().describe('Path of the JSON report (schemas/hotfix-report.json).'),
});
