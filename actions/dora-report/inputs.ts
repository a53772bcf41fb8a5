import * as z from 'zod';
import { tierModelSchema } from '../../shared/contracts/dora-report.js';
import { duration, flag, lines } from '../../shared/config/fields.js';
import { githubToken } from '../../shared/runner/fields.js';

export const inputs = z.strictObject({
  environment: z.string().default('production').describe('Environment to measure.'),
  services: lines()
    .prefault('')
    .describe('Services to measure, one a line. All services deployed to the environment when left out.'),
  window: duration()
    .optional()
    .describe(
      'Length of the window that ends at "to", such as 12w, rounded up to whole weeks. Twelve weeks when neither this nor "from" is given.',
    ),
  from: z
    .string()
    .optional()
    .describe(
      'Begin of the window, a date (midnight in "timezone") or an instant. It belongs to the window.',
    ),
  to: z
    .string()
    .optional()
    .describe(
      'End of the window, a date (midnight in "timezone") or an instant. It does not belong to the window. Now when left out.',
    ),
  timezone: z.string().default('UTC').describe('IANA zone of days and weeks, such as Europe/Madrid.'),
  tiers: tierModelSchema
    .default('seed')
    .describe(
      'Bounds of elite, high, medium and low: "seed" (team thresholds, by means), "2023" (DORA\'s published clusters of that year, by medians) or "none".',
    ),
  'lead-time-start': z
    .enum(['commit'])
    .default('commit')
    .describe('Where change lead time begins: at the date of each commit.'),
  'count-rollbacks': flag()
    .prefault('false')
    .describe(
      'Count rollbacks as deployments (and as rework). Without it they only mark what they took back.',
    ),
  'ledger-writers': lines()
    .prefault('github-actions[bot]')
    .describe(
      'Identities whose Deployments and incidents are believed, one a line; an App is its slug with [bot].',
    ),
  'github-token': githubToken(),
});

const figure = (what: string) => z.string().describe(`${what} Empty without data.`);

export const outputs = z.strictObject({
  result: z.string().describe('"measured", "no-deployments" or "error".'),
  report: z.string().describe('Path of the JSON report (devops-actions/dora-report@1).'),
  html: z.string().describe('Path of the dashboard, one HTML file that needs nothing else.'),
  'change-lead-time-p50-hours': figure('Median hours from commit to production.'),
  'deployments-per-day': z.string().describe('Deployments per calendar day; 0 when there were none.'),
  'change-fail-rate': figure('Share of deployments that failed in production, 0 to 1.'),
  'recovery-time-p50-hours': figure('Median hours from a failed deployment to its recovery.'),
  'time-to-restore-p50-hours': figure('Median hours an incident was open.'),
  'rework-rate': figure('Share of deployments that were unplanned work on a failure, 0 to 1.'),
});
