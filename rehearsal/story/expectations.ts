import type { StepReport } from '../runner/request.js';
import type { Check } from './check.js';
import { badVersion } from './plot.js';
import { smokeChecks } from './smoke.js';
import type { Act, Story } from './story.js';

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
      refs: unknown[];
      issues: { state: string; title: string; body: string; labels: { name: string }[] }[];
    }
  >;
}

/** The sustained window of the criteria file in the fixture, in milliseconds. */
export const windowMs = 2_000;

/** Judges the story. Pure. */
export function judge(story: Story): Check[] {
  const { load } = story;
  const ledger = Object.values((story.ledger as Ledger).repositories)[0]!;
  const production = ledger.deployments.filter(
    ({ task, environment }) => task === 'devops-actions/shop' && environment === 'production',
  );
  const find = (version: string, kind: string) =>
    production.find(({ payload }) => payload.version === version && payload.kind === kind);
  const states = (deployment: LedgerDeployment | undefined) =>
    (deployment?.statuses ?? []).map(({ state }) => state).join(' ') || 'no such Deployment';
  const [good, bad, back, hotfix] = [
    find('1.1.0', 'release'),
    find('1.2.0', 'release'),
    find('1.1.0', 'rollback'),
    find('1.2.1', 'hotfix'),
  ];
  const incident = ledger.issues.find(({ labels }) => labels.some((label) => label.name === 'incident'));
  const failedBySwitch = load.failedTransport + load.failedRouter;
  const restored = timeToRestore(story);
  const refusal = story.replayed.run.jobs['production']?.steps.find(
    (step) => step.name === 'Reserve the idle colour',
  );

  return [
    check('requests sent under load', 'at least 2000', load.sent, load.sent >= 2_000),
    check('requests failed because of a switch', '0', failedBySwitch, failedBySwitch === 0),
    check('errors of good versions', '0', errorsOfOthers(load), errorsOfOthers(load) === 0),
    check('good release', 'success', story.good.run.conclusion, story.good.run.conclusion === 'success'),
    check('bad release', 'failure', story.bad.run.conclusion, story.bad.run.conclusion === 'failure'),
    check(
      'bad release taken back by itself',
      'rolled-back',
      watchResult(story.bad),
      watchResult(story.bad) === 'rolled-back',
    ),
    check(
      'time to restore',
      `at most ${windowMs + 1_000} ms`,
      restored === undefined ? 'never' : `${restored} ms`,
      restored !== undefined && restored <= windowMs + 1_000,
    ),
    ...smokeChecks(story.smoke, story.suite),
    check(
      'secrets seen in what the runs left',
      'none',
      story.leaks.found.join(', ') || `none in ${story.leaks.files} files`,
      story.leaks.found.length === 0 && story.leaks.files > 0,
    ),
    check('hotfix', 'success', story.hotfix.run.conclusion, story.hotfix.run.conclusion === 'success'),
    check(
      'old verdict in a new attempt',
      'refused',
      refusal?.outputs['result'] ?? 'not tried',
      refusal?.outputs['result'] === 'refused' && /attempt/.test(refusal.log),
    ),
    statuses('Deployment of the good release', 'queued in_progress success success inactive', states(good)),
    statuses('Deployment of the bad release', 'queued in_progress success failure', states(bad)),
    statuses('Deployment of the rollback', 'in_progress success inactive', states(back)),
    statuses('Deployment of the hotfix', 'queued in_progress success success', states(hotfix)),
    check(
      'rollback names what it took back',
      String(bad?.id),
      String(back?.payload.previous),
      back !== undefined && back.payload.previous === bad?.id,
    ),
    check('locks and watches left', '0', ledger.refs.length, ledger.refs.length === 0),
    check(
      'incident',
      `open, caused by ${bad?.id}`,
      incident ? `${incident.state}: ${incident.title}` : 'none',
      incident?.state === 'open' && incident.body.includes(`"causedBy":${bad?.id}`),
    ),
    ...doraChecks(story),
    check('calls that break GitHub’s schemas', '0', story.violations.length, story.violations.length === 0),
  ];
}

/** Errors of the app that no fault explains: of every version but the bad one, and of answers nobody signed. */
function errorsOfOthers({ appErrors }: Story['load']): number {
  return Object.entries(appErrors).reduce(
    (sum, [version, count]) => (version === badVersion ? sum : sum + count),
    0,
  );
}

/** What the report must say of this story: three deployments, one of them failed and recovered from, the hotfix is rework. */
function doraChecks({ dora }: Story): Check[] {
  const outputs = dora.run.jobs['report']?.steps.find(({ id }) => id === 'dora')?.outputs ?? {};
  const share = (name: string) => Number(outputs[name]).toFixed(3);
  const wanted = { 'change-fail-rate': '0.333', 'rework-rate': '0.333' };
  return [
    check('DORA report', 'success', dora.run.conclusion, dora.run.conclusion === 'success'),
    ...Object.entries(wanted).map(([name, want]) =>
      check(`DORA ${name}`, want, share(name), share(name) === want),
    ),
    check(
      'DORA recovery time',
      'above 0 h',
      outputs['recovery-time-p50-hours'] ?? 'none',
      Number(outputs['recovery-time-p50-hours']) > 0,
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

function statuses(name: string, want: string, got: string): Check {
  return check(name, want, got, want === got);
}

function check(name: string, want: string, got: string | number, ok: boolean): Check {
  return { name, want, got: String(got), ok };
}
