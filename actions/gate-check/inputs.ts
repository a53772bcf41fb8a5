import * as z from 'zod';
import { shaSchema } from '../../shared/contracts/formats.js';
import { defaultWriters } from '../../shared/ledger/proof/trust.js';
import { duration, flag, lines } from '../../shared/config/fields.js';
import {
  environmentInput,
  serviceInput,
  digestInput,
  githubToken,
  type FieldMeta,
} from '../../shared/runner/fields.js';

const fields = z.strictObject({
  environment: environmentInput().describe('Where the release is to go; must be listed in the policy.'),
  service: serviceInput().describe('The service that is released.'),
  sha: shaSchema
    .optional()
    .meta({ expression: '${{ github.sha }}' } satisfies FieldMeta)
    .describe('Full sha of the released commit; with pull-request, of its last commit.'),
  digest: digestInput()
    .optional()
    .describe('Digest of the built artifact, such as sha256:…; needed unless pull-request is given.'),
  'pull-request': z
    .string()
    .regex(/^[1-9]\d{0,9}$/, 'the number of a pull request')
    .transform(Number)
    .optional()
    .meta({ example: '${{ github.event.pull_request.number }}' } satisfies FieldMeta)
    .describe(
      'Number of an open pull request: says before the merge what the gates would say after it, by those gates that can know. It never gives a verdict.',
    ),
  policy: z
    .string()
    .regex(/^(?!\/)(?!.*(^|\/)\.\.(\/|$))[\w./-]+$/, 'a path inside the repository')
    .default('.github/release-policy.yml')
    .describe(
      'Path of the policy; it is read from the default branch, never from the workspace or the released commit.',
    ),
  kind: z
    .enum(['release', 'hotfix'])
    .default('release')
    .describe(
      'What is released. A hotfix that its pull request proves passes what the policy gives let-hotfix, and no other gate.',
    ),
  wait: duration()
    .prefault('0s')
    .describe(
      'How long to wait altogether for whatever time can mend: a window, a soak, a check that runs. Ends at once when a gate fails for good, or opens only later. Give the job a longer timeout-minutes.',
    ),
  'wait-for-checks': duration()
    .prefault('0s')
    .describe(
      'How long to wait for required checks that still run, or that have not come yet, when every other gate passes. Ends at once when one fails.',
    ),
  'commit-status': flag()
    .prefault('false')
    .describe(
      'Whether the answer is posted as a commit status, "release gate: <environment> <service>". Advisory; needs statuses: write.',
    ),
  'comment-on': z
    .string()
    .regex(/^[1-9]\d*$/, 'the number of a pull request')
    .transform(Number)
    .optional()
    .describe(
      'Number of a pull request that gets the summary as a comment, updated each time. Needs pull-requests: write.',
    ),
  'github-token': githubToken(),
  'release-workflows': lines()
    .optional()
    .describe(
      'Paths of the workflows whose Deployments count, one a line; by default only the one that asks.',
    ),
  'ledger-writers': lines()
    .prefault(defaultWriters.join('\n'))
    .refine((writers) => writers.length > 0, 'at least one identity, such as github-actions[bot]')
    .describe('Identities whose Deployments count, one a line; an App is its slug with [bot].'),
});

export const inputs = fields.superRefine((values, ctx) => {
  const refuse = (name: keyof z.output<typeof fields>, message: string) =>
    ctx.addIssue({ code: 'custom', path: [name], message });
  if (values['pull-request'] === undefined) {
    if (values.digest === undefined) refuse('digest', 'a release has one: sha256:… of its artifact');
  } else {
    if (values.digest !== undefined)
      refuse('digest', 'before the merge nothing of it is built: leave it out');
    if (values['commit-status']) refuse('commit-status', 'a pull request is told by its check: leave it out');
  }
});

export const outputs = z.strictObject({
  result: z.string().describe('`pass`, `hold` (time alone can make it pass), `fail` or `error`.'),
  allowed: z.string().describe('`true` on a pass, else `false`; never `true` before a merge.'),
  verdict: z.string().describe('JSON to hand to blue-green-switch; only set on a pass.'),
  'opens-at': z
    .string()
    .describe('Instant (UTC) at which a held release passes if nothing else changes; empty when unknown.'),
  'failed-gates': z.string().describe('Names of the gates that failed, one a line.'),
  waived: z
    .string()
    .describe(
      'What a pass was let through despite, one a line: the gate, the reason, and by whom. Exactly the waivers of the verdict.',
    ),
  report: z.string().describe('Path of the JSON report with all evidence.'),
});
