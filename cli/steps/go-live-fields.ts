import * as z from 'zod';
import { lines } from '../../shared/config/fields.js';
import { goLivePlanSchema, type GoLivePlan } from '../../shared/contracts/reports/go-live-report.js';
import { githubToken, type FieldMeta } from '../../shared/runner/fields.js';

/** What mode plan gave as its output "plan". */
const resolved = () =>
  z.string().transform((text, ctx): GoLivePlan => {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    const parsed = goLivePlanSchema.safeParse(json);
    if (parsed.success) return parsed.data;
    const message = 'the output "plan" of mode plan in this run';
    ctx.issues.push({ code: 'custom', message, input: text });
    return z.NEVER;
  });

export const inputs = z
  .strictObject({
    mode: z
      .enum(['plan', 'decide', 'report'])
      .describe(
        'plan: read the plan and say what is released, in which order. decide: what of it has to go back. report: what became of it.',
      ),
    file: z
      .string()
      .regex(/^[\w./-]+\.ya?ml$/, 'a path such as .github/go-live.yml')
      .default('.github/go-live.yml')
      .describe('plan: path of the plan, read from the default branch only (docs/templates/go-live.md).'),
    plan: resolved()
      .optional()
      .meta({ example: '${{ needs.plan.outputs.plan }}' } satisfies FieldMeta)
      .describe('decide, report: output "plan" of mode plan in this run.'),
    'ledger-writers': lines()
      .prefault('github-actions[bot]')
      .describe(
        'Identities whose ledger records count, one a line: github-actions[bot] or an App as <slug>[bot].',
      ),
    'github-token': githubToken(),
  })
  .superRefine(({ mode, plan }, ctx) => {
    if (mode !== 'plan' && plan === undefined)
      ctx.addIssue({
        code: 'custom',
        path: ['plan'],
        message: `the output "plan" of mode plan, for mode ${mode}`,
        input: plan,
      });
  });

const json = (what: string) => z.string().describe(`${what}, as JSON for a matrix; [] for none.`);

export const outputs = z.strictObject({
  result: z.string().describe('planned, released, stopped, taken-back, held or error.'),
  plan: z.string().describe('plan: the plan with versions and digests, as JSON.'),
  attempt: z.string().describe('plan: the attempt of the run that planned; no other one releases anything.'),
  'release-id': z.string().describe('plan: what all Deployments of this go-live have in common.'),
  services: json('plan: all services that are released'),
  database: json('plan: whose migrations are run'),
  'rank-1': json('plan: services of rank 1'),
  'rank-2': json('plan: services of rank 2'),
  'rank-3': json('plan: services of rank 3'),
  'rank-4': json('plan: services of rank 4'),
  'rank-5': json('plan: services of rank 5'),
  cdn: json('plan: services behind a CDN. decide: those whose CDN is stale'),
  migrations: z.string().describe('plan: judge where there is a database, else empty.'),
  'release-workflows': z.string().describe('plan: workflows whose Deployments count, one a line.'),
  'verify-suite': z.string().describe('plan: suite of the verification; empty for none.'),
  'verify-url': z.string().describe('plan: what the verification is run against.'),
  'back-1': json('decide: services of rank 1 that go back'),
  'back-2': json('decide: services of rank 2 that go back'),
  'back-3': json('decide: services of rank 3 that go back'),
  'back-4': json('decide: services of rank 4 that go back'),
  'back-5': json('decide: services of rank 5 that go back'),
  report: z.string().describe('Path of the JSON report (schemas/go-live-report.json).'),
});
