import * as z from 'zod';
import { deploymentSourceSchema } from '../../shared/contracts/dora-facts.js';
import { tierModelSchema } from '../../shared/contracts/reports/dora-report.js';
import { duration, flag, lines } from '../../shared/config/fields.js';
import { githubToken } from '../../shared/runner/fields.js';
import { conditions } from './measure/condition.js';
import { repositoryNames } from './repository-names.js';
import { servicePaths } from './service-paths.js';

const what = {
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
  timezone: z.string().default('UTC').describe('IANA zone of days, weeks and months, such as Europe/Madrid.'),
  compare: flag()
    .prefault('true')
    .describe('Read the window before, of the same length, and compare with it.'),
};

const how = {
  tiers: tierModelSchema
    .default('seed')
    .describe(
      'Bounds of elite, high, medium and low: "seed" (team thresholds, by means), a year of DORA\'s published clusters (2019, 2021, 2022, 2023 or 2024, by medians) or "none".',
    ),
  'lead-time-start': z
    .enum(['commit', 'first-commit', 'merge'])
    .default('commit')
    .describe(
      'Where change lead time begins: at the date of each commit, or once for each pull request at its first commit or its merge.',
    ),
  'count-rollbacks': flag()
    .prefault('false')
    .describe(
      'Count rollbacks as deployments (and as rework). Without it they only mark what they took back.',
    ),
  'hotfix-target': duration()
    .prefault('35m')
    .describe('What a hotfix may take from its first commit to production.'),
  'fail-if': conditions()
    .prefault('')
    .describe(
      'Fails the step, one condition a line: a metric (lead-time, frequency, change-fail-rate, recovery, time-to-restore, rework-rate), < or >, and a bound, such as change-fail-rate > 15 % or lead-time > 2d. Without data a condition does not hold, unless it ends with "or no data".',
    ),
};

const filters = {
  paths: servicePaths()
    .prefault('')
    .describe(
      'Paths of a monorepo, one a line as service: path. Only commits that change something there count for the lead time of that service.',
    ),
  'exclude-authors': lines()
    .prefault('')
    .describe(
      'Authors whose commits give no lead time, one a line: name in git, or login of a noreply address or a pull request.',
    ),
  'exclude-bots': flag().prefault('false').describe('Leave the commits of bots out of lead time.'),
  labels: lines()
    .prefault('')
    .describe('Only commits of pull requests with one of these labels give lead time, one a line.'),
};

const sources = {
  repositories: repositoryNames()
    .prefault('')
    .describe(
      'Repositories to measure, one OWNER/NAME a line: each by itself, and all together. Only this one when left out. github-token must be allowed to read each; github.token reads only its own repository, and public ones.',
    ),
  'deployments-from': deploymentSourceSchema
    .default('ledger')
    .describe(
      'Where deployments are read from: "ledger" (the records of this suite), "deployments" (all GitHub Deployments of the environment), "releases", "tags" or "runs" (of "workflow").',
    ),
  'service-name': z
    .string()
    .optional()
    .describe(
      'What is deployed where the source does not say: deployments, releases, tags and runs. The name of the repository when left out.',
    ),
  workflow: z
    .string()
    .optional()
    .describe('File of the workflow whose successful runs are deployments, such as deploy.yml.'),
  'tag-prefix': z.string().default('').describe('Only tags whose names begin with this are deployments.'),
  'deployment-creators': lines()
    .prefault('')
    .describe(
      'Accounts whose GitHub Deployments count, one a line, with deployments-from: deployments. All when left out.',
    ),
  'incident-label': z
    .string()
    .optional()
    .describe(
      'Issues with this label are incidents though the suite did not write them. Label service:<name> and a line caused-by: <commit or Deployment> say of what.',
    ),
  'incident-exports': lines()
    .prefault('')
    .describe(
      'Files with incidents as the APIs of PagerDuty, Opsgenie or Jira answer them (JSON), one a line.',
    ),
  'link-incidents-within': duration()
    .optional()
    .describe(
      'Link an incident that names no cause to the deployment before it, when no older than this, such as 24h. Never when left out.',
    ),
  'pull-requests': flag()
    .prefault('true')
    .describe('Read merged pull requests, for their stages, labels and first commits.'),
  clone: flag()
    .prefault('true')
    .describe('Read commits from the clone in the workspace where it has them all, which saves requests.'),
  cache: z
    .string()
    .optional()
    .describe('Path of the cache of an earlier report. Commits in it are not read again.'),
  'cache-key': z
    .string()
    .default('')
    .describe('A secret that seals the cache: nobody without it can write one that is believed.'),
  replay: z
    .string()
    .optional()
    .describe('Path of a JSON report to measure again from its own facts, without GitHub.'),
  'ledger-writers': lines()
    .prefault('github-actions[bot]')
    .describe(
      'Identities whose Deployments and incidents are believed, one a line; an App is its slug with [bot].',
    ),
  'github-token': githubToken(),
};

export const inputs = z.strictObject({ ...what, ...how, ...filters, ...sources });
export type Inputs = z.output<typeof inputs>;

const figure = (text: string) => z.string().describe(`${text} Empty without data.`);

export const outputs = z.strictObject({
  result: z
    .string()
    .describe('"measured", "no-deployments", "failed" (a condition of "fail-if" holds) or "error".'),
  report: z.string().describe('Path of the JSON report (devops-actions/dora-report@1).'),
  html: z.string().describe('Path of the dashboard, one HTML file that needs nothing else.'),
  classic: z
    .string()
    .describe(
      'Path of the figures as JSON with period and metrics, each with value, unit and classification.',
    ),
  csv: z.string().describe('Path of the deployments as CSV.'),
  openmetrics: z.string().describe('Path of the figures in OpenMetrics text format.'),
  'badge-lead-time': z.string().describe('Path of an SVG badge of change lead time.'),
  'badge-frequency': z.string().describe('Path of an SVG badge of deployment frequency.'),
  'badge-change-fail-rate': z.string().describe('Path of an SVG badge of the change fail rate.'),
  'badge-recovery': z.string().describe('Path of an SVG badge of the recovery time.'),
  'badge-rework': z.string().describe('Path of an SVG badge of the rework rate.'),
  cache: z.string().describe('Path of the cache for the next report.'),
  'change-lead-time-p50-hours': figure('Median hours from commit to production.'),
  'deployments-per-day': z
    .string()
    .describe('Deployments per calendar day that there are data for; 0 when there were none.'),
  'change-fail-rate': figure('Share of deployments that failed in production, 0 to 1.'),
  'recovery-time-p50-hours': figure('Median hours from a failed deployment to its recovery.'),
  'time-to-restore-p50-hours': figure('Median hours an incident was open.'),
  'rework-rate': figure('Share of deployments that were unplanned work on a failure, 0 to 1.'),
  'slowest-stage': figure('The stage of pull requests that took the most time.'),
});
export type Outputs = z.output<typeof outputs>;
