import { incidentRefs } from '../../../shared/ledger/names.js';
import { formatDuration } from '../../../shared/time/duration.js';
import type { StepReport } from '../../runner/request.js';
import type { Check } from './check.js';
import { badVersion, reviewer } from '../plot.js';
import { doraOutputs, jobOf } from '../jobs.js';
import { migrationChecks } from './migrations.js';
import { smokeChecks } from './smoke.js';
import type { Act, Story } from '../story.js';

interface LedgerDeployment {
  id: number;
  task: string;
  environment: string;
  payload: { kind: string; version: string; colour: string; previous?: number };
  statuses: { state: string; created_at: string }[];
}

interface Ledger {
  repositories: Record<
    string,
    {
      deployments: LedgerDeployment[];
      refs: { name: string }[];
      issues: { state: string; title: string; body: string; labels: { name: string }[] }[];
    }
  >;
}

/** The criteria file of the fixture asks for 2 s of errors; the rest is for machines that have much else to do. */
const longestErrorsMs = 10_000;

/** Judges the story. Pure. */
export function judge(story: Story): Check[] {
  const { load } = story;
  const ledger = Object.values((story.ledger as Ledger).repositories)[0]!;
  const production = ledger.deployments.filter(
    ({ task, environment }) => task === 'devops-actions/shop' && environment === 'production',
  );
  // An open incident keeps its ref, so that the same trouble opens no second one.
  const left = ledger.refs.filter(({ name }) => !name.startsWith(incidentRefs));
  const find = (version: string, kind: string) =>
    production.find(({ payload }) => payload.version === version && payload.kind === kind);
  const states = (deployment: LedgerDeployment | undefined) =>
    (deployment?.statuses ?? []).map(({ state }) => state).join(', ') || 'no such Deployment';
  const [good, bad, back, hotfix] = [
    find('1.1.0', 'release'),
    find('1.2.0', 'release'),
    find('1.1.0', 'rollback'),
    find('1.2.1', 'hotfix'),
  ];
  const incident = ledger.issues.find(({ labels }) => labels.some((label) => label.name === 'incident'));
  const failedBySwitch = load.failedTransport + load.failedRouter;
  const restored = timeToRestore(story);

  return [
    check('Requests sent to production', 'at least 2000', load.sent, load.sent >= 2_000),
    check('Requests that failed because of a switch', '0', failedBySwitch, failedBySwitch === 0),
    check('Requests that a good version failed', '0', errorsOfOthers(load), errorsOfOthers(load) === 0),
    same('Traffic in staging', wantedTraffic.staging, traffic(story, 'staging')),
    same('Traffic in production', wantedTraffic.production, traffic(story, 'production')),
    same('Good release 1.1.0', 'success', story.good.run.conclusion),
    same(
      'Release 1.1.1 with an unsafe migration',
      'stopped by: migration',
      stoppedBy(story.unsafe, 'staging-gate'),
    ),
    ...migrationChecks(story),
    same('Bad release 1.2.0', 'failure', story.bad.run.conclusion),
    same('Bad release, after its watch', 'rolled-back', watchResult(story.bad)),
    check(
      'Visitors saw errors of the bad release for',
      `at most ${formatDuration(longestErrorsMs)}`,
      restored === undefined ? 'no error seen' : formatDuration(restored),
      restored !== undefined && restored <= longestErrorsMs,
    ),
    same(
      'Ordinary release during the incident',
      'stopped by: incidents',
      stoppedBy(story.blocked, 'production-gate'),
    ),
    same('Hotfix 1.2.1', 'success', story.hotfix.run.conclusion),
    same(
      'Release job of the bad version, run again',
      'stopped by: promotion, monotonic, migration, incidents',
      stoppedBy(story.replayed, 'production-release'),
    ),
    same('Approved for production by', approvedBy(4), approvedBy(story.approvals)),
    ...smokeChecks(story.smoke, story.suite),
    check(
      'Passwords found in logs and reports',
      'none',
      story.leaks.found.join(', ') || `none in ${story.leaks.files} files`,
      story.leaks.found.length === 0 && story.leaks.files > 0,
    ),
    same(
      'GitHub records of the good release',
      'queued, in_progress, success, success, inactive',
      states(good),
    ),
    same('GitHub records of the bad release', 'queued, in_progress, success, failure', states(bad)),
    same('GitHub records of the rollback', 'in_progress, success, inactive', states(back)),
    same('GitHub records of the hotfix', 'queued, in_progress, success, success', states(hotfix)),
    check(
      'Release that the rollback replaced',
      releaseName(bad),
      releaseName(production.find(({ id }) => id === back?.payload.previous)),
      back !== undefined && back.payload.previous === bad?.id,
    ),
    same('Locks and watches left behind', '0', String(left.length)),
    check(
      'Incident',
      `open, caused by ${releaseName(bad)}`,
      incident ? `${incident.state}: ${incident.title}` : 'none',
      incident?.state === 'open' && incident.body.includes(`"causedBy":${bad?.id}`),
    ),
    ...doraChecks(story),
    same('Calls that the real GitHub would refuse', '0', String(story.violations.length)),
  ];
}

const wantedTraffic = {
  staging: 'blue 1.0.0, green 1.1.0, blue 1.2.0, green 1.2.1, blue 1.2.1',
  production: 'blue 1.0.0, green 1.1.0, blue 1.2.0, green 1.1.0, blue 1.2.1',
};

/** Where the traffic of an environment was, one after the other. */
function traffic({ moves }: Story, environment: string): string {
  const own = moves.filter((move) => move.environment === environment);
  const seen = own.length === 0 ? [] : [own[0]!.from, ...own.map(({ to }) => to)];
  return seen.map(({ colour, version }) => `${colour} ${version}`).join(', ') || 'never moved';
}

/** The gates that stopped a release in a job. */
function stoppedBy({ run }: Act, job: string): string {
  const gate = jobOf(run, job)?.steps.find(({ id }) => id === 'gate')?.outputs;
  return gate?.['result'] === 'pass' || !gate
    ? `not stopped by the gate`
    : `stopped by: ${gate['failed-gates']?.split('\n').join(', ')}`;
}

/** Who approved how often. */
function approvedBy(approvals: Story['approvals'] | number): string {
  if (typeof approvals === 'number') return `${reviewer}, ${approvals} times`;
  const people = [...new Set(approvals.map(({ by }) => by))].join(', ');
  return people === '' ? 'nobody' : `${people}, ${approvals.length} times`;
}

const releaseName = (deployment: LedgerDeployment | undefined) =>
  deployment ? `${deployment.payload.version} (Deployment ${deployment.id})` : 'none';

/** Errors of the app that no fault explains: of every version but the bad one, and of answers nobody signed. */
function errorsOfOthers({ appErrors }: Story['load']): number {
  return Object.entries(appErrors).reduce(
    (sum, [version, count]) => (version === badVersion ? sum : sum + count),
    0,
  );
}

/**
 * What the report must say of this story: three deployments, one of them failed and recovered from, the hotfix is
 * rework.
 */
function doraChecks({ dora }: Story): Check[] {
  const outputs = doraOutputs(dora.run);
  const share = (name: string) => `${(Number(outputs[name]) * 100).toFixed(1)} %`;
  const hours = Number(outputs['recovery-time-p50-hours'] || Number.NaN);
  return [
    same('DORA report', 'success', dora.run.conclusion),
    same('DORA: deployments that failed', '33.3 %', share('change-fail-rate')),
    same('DORA: deployments that were rework', '33.3 %', share('rework-rate')),
    check(
      'DORA: time to recover from the bad release',
      'more than 0 s',
      Number.isNaN(hours) ? 'none' : formatDuration(hours * 3_600_000),
      hours > 0,
    ),
  ];
}

/** Milliseconds from the first error of the bad version to its last one, by the load's clock: what users felt. */
function timeToRestore({ load }: Story): number | undefined {
  const [first, last] = [load.firstErrorAt[badVersion], load.lastErrorAt[badVersion]];
  return first === undefined || last === undefined ? undefined : last - first;
}

function watchResult(act: Act): string {
  return (
    steps(act).find((step) => step.name === 'Watch' && step.stage === 'main')?.outputs['result'] ??
    'not watched'
  );
}

function steps(act: Act): StepReport[] {
  return Object.values(act.run.jobs).flatMap((job) => job.steps);
}

function same(name: string, want: string, got: string): Check {
  return check(name, want, got, want === got);
}

function check(name: string, want: string, got: string | number, ok: boolean): Check {
  return { name, want, got: String(got), ok };
}
