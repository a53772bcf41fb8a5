import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { replayCheck } from '../../../shared/analysis/course/check.js';
import {
  analysisReportSchema,
  type AnalysisReport,
} from '../../../shared/contracts/reports/analysis-report.js';
import type { CheckState } from '../../../shared/contracts/check-state.js';
import { listIncidents, openIncident } from '../../../shared/ledger/incidents.js';
import { listDeployments } from '../../../shared/ledger/list-deployments.js';
import { githubRefStore } from '../../../shared/ledger/refs/refs.js';
import type { Holder } from '../../../shared/ledger/refs/holder.js';
import { watchFile } from '../../../shared/ledger/refs/watch.js';
import type { TestRunner } from '../../support/runner/port.js';
import { prometheusStandIn, type PrometheusStandIn } from '../../support/servers/prometheus.js';
import { releaseStage, type ReleaseStage } from './stage.js';

const [second, minute, hour] = [1_000, 60_000, 3_600_000];
let stage: ReleaseStage;
let prometheus: PrometheusStandIn;
let liveAt: number;
/** Requests a minute, and the share of them that fails, so many milliseconds after the release. */
let failing: (afterMs: number) => number;
let known: (afterMs: number) => boolean;
let answers: boolean;

beforeEach(async () => {
  stage = await releaseStage();
  liveAt = Date.now();
  [failing, known, answers] = [() => 0.001, () => true, true];
  const perMinute = 600;
  // Sums of whole minutes are kept: every scrape asks for them.
  const total = (share: (afterMs: number) => number) => {
    const sums = [0];
    return (at: number) => {
      const after = Math.max(0, at - liveAt);
      if (!known(after)) return undefined;
      const whole = Math.floor(after / minute);
      while (sums.length <= whole) sums.push(sums.at(-1)! + perMinute * share((sums.length - 1) * minute));
      return Math.round(sums[whole]! + perMinute * share(whole * minute) * ((after % minute) / minute));
    };
  };
  prometheus = await prometheusStandIn({
    scrapeMs: 15 * second,
    totals: { 200: total((after) => 1 - failing(after)), 500: total((after) => failing(after)) },
    answers: () => answers,
  });
});
afterEach(async () => {
  await prometheus.close();
  await stage.close();
});

const criteria = (checkFor = '6h') => `version: 1
environments:
  production:
    watch: 15m
    check: { for: ${checkFor}, interval: 1m }
    sources:
      app:
        type: prometheus
        url: ${prometheus.url}
        requests:
          metric: http_requests_total
          match: { version: '{{ version }}' }
          errors: { label: code, matches: '^5' }
    criteria:
      - { name: error-rate, source: app, fail-when: error-rate > 5 %, for: 5m, min-requests: 100 }
`;
/** A run of a workflow file that ends now, as the holder of a state. */
function otherRun(workflowPath: string) {
  const { control } = stage.gitHub.server;
  const run = control.addRun({
    owner: 'acme',
    name: 'shop',
    workflowPath,
    workflowName: 'ci',
    event: 'push',
    headSha: stage.gitHub.first.commit,
    headBranch: 'main',
    actor: 'octocat',
  });
  const job = control.addJob(run.id, { name: 'test', key: 'test' }).id;
  control.progressJob(job, { status: 'completed', conclusion: 'success' });
  control.progressRun(run.id, { status: 'completed', conclusion: 'success' });
  return { runId: run.id, attempt: 1, job };
}
const check = (laterMs: number) => stage.run({ mode: 'check' }, { speed: 1, laterMs });
const state = async () => (await watchFile(githubRefStore(stage.github), 'production', 'shop').read())?.state;
const reportOf = (runner: TestRunner): AnalysisReport =>
  analysisReportSchema.parse(JSON.parse(runner.files.get(runner.outputs.get('report') ?? '') ?? '{}'));
const judgedOf = ({ ticks, check: about }: AnalysisReport) =>
  ticks.map(({ at }) => at).filter((at) => at > about!.before.checkedTo);
const incidents = async () => (await listIncidents(stage.github, { states: ['OPEN'] })).incidents;

describe('a release that is checked on a schedule', () => {
  it('is judged for every minute once, however late the schedule runs, and confirmed at the end', async () => {
    stage.criteria(criteria('2h'));
    const looks: number[] = [];
    for (const later of [0.3, 0.6, 1.5, 1.95].map((hours) => hours * hour)) {
      const runner = await check(later);
      expect([runner.outputs.get('result'), runner.failure]).toEqual(['watching', undefined]);
      looks.push(...judgedOf(reportOf(runner)));
    }
    expect((await state())?.check?.confirmedAt).toBeUndefined();
    const last = await check(2.2 * hour);
    expect([last.outputs.get('result'), last.failure]).toEqual(['confirmed', undefined]);
    looks.push(...judgedOf(reportOf(last)));

    const start = (await state())!.check!.since;
    expect(looks).toEqual(looks.map((_, index) => start + (index + 1) * minute));
    expect(looks.length).toBeGreaterThan(2 * 60);

    const { records } = await listDeployments(stage.github, { environments: ['production'] });
    const live = records.find(({ id }) => id === stage.deployments['1.1.0'])!;
    expect(live.statuses.at(-1)).toMatchObject({
      state: 'success',
      description: expect.stringMatching(/^confirmed: it held its criteria \(1\.1\.0\)/),
    });
    const asked = prometheus.asked.length;
    const again = await check(3 * hour);
    expect([again.outputs.get('result'), again.failure]).toEqual(['confirmed', undefined]);
    expect(prometheus.asked).toHaveLength(asked);
    expect(stage.gitHub.server.control.violations()).toEqual([]);
  });

  it('is rolled back when it turns bad 20 hours after it went live', async () => {
    stage.criteria(criteria('24h'));
    failing = (after) => (after > 20 * hour ? 0.12 : 0.001);
    expect((await check(19.8 * hour)).outputs.get('result')).toBe('watching');
    const runner = await check(20.3 * hour);
    expect(runner.outputs.get('result')).toBe('rolled-back');
    expect(runner.failure).toContain('1.0.0 is live again');
    expect(stage.router.stats().live).toBe('blue');
    const report = reportOf(runner);
    expect(report.verdict).toMatchObject({ is: 'failed', criterion: 'error-rate' });
    const { plan, check: about, ticks, verdict, measurements } = report;
    expect(replayCheck(plan!, about!.before, ticks)).toEqual({ decision: verdict, measurements });
    expect(await incidents()).toMatchObject([{ title: 'shop 1.1.0 was rolled back in production' }]);
  });

  it('is found bad by a time that began before one check and ended after it', async () => {
    stage.criteria(criteria());
    // Bad for six minutes, three of them before the first check: neither stretch alone lasts the five it takes.
    const badFrom = 57 * minute;
    failing = (after) => (after >= badFrom && after < badFrom + 6 * minute ? 0.08 : 0);
    expect((await check(61 * minute)).outputs.get('result')).toBe('watching');
    expect((await check(2 * hour)).outputs.get('result')).toBe('rolled-back');
  });

  it('waits with its judgement while the metrics server does not answer, says so to a person, and loses no time by it', async () => {
    stage.criteria(criteria());
    expect((await check(hour)).outputs.get('result')).toBe('watching');
    const before = (await state())!.check!;
    answers = false;
    const blind = await stage.run({ mode: 'check' }, { speed: 60, laterMs: 2 * hour });
    expect([blind.outputs.get('result'), blind.outputs.get('unwatched')]).toEqual(['error', 'true']);
    expect(blind.failure).toContain('could not be asked');
    expect((await state())!.check).toEqual(before);
    expect(await incidents()).toMatchObject([{ severity: 'medium' }]);
    answers = true;
    const report = reportOf(await check(3 * hour));
    expect(report.result).toBe('watching');
    expect(judgedOf(report)[0]).toBe(before.checkedTo + minute);
  });

  it('is no silent success when its metrics vanish: nothing is known at the end of the time', async () => {
    stage.criteria(criteria());
    known = (after) => after < 2 * hour;
    expect((await check(hour)).outputs.get('reason')).toMatch(/error-rate had data in 5\d of 5\d looks/);
    const runner = await check(3 * hour);
    expect([runner.outputs.get('result'), runner.outputs.get('unwatched')]).toEqual(['inconclusive', 'true']);
    expect(await incidents()).toHaveLength(1);
  });

  it('says so while there is nothing to judge yet', async () => {
    stage.criteria(criteria());
    const runner = await check(30 * second);
    expect(runner.outputs.get('result')).toBe('watching');
    expect(runner.outputs.get('reason')).toContain('nothing new to judge yet');
  });

  it('is not confirmed where most of its time was not seen', async () => {
    stage.criteria(criteria('2h'));
    known = (after) => after < 0.6 * hour || after > 2 * hour;
    expect((await check(hour)).outputs.get('result')).toBe('inconclusive');
    const runner = await check(2.2 * hour);
    expect(runner.outputs.get('result')).toBe('inconclusive');
    expect(runner.failure).toMatch(/data in \d+ of \d+ looks only/);
    expect((await state())!.check!.confirmedAt).toBeUndefined();
    expect(await incidents()).toHaveLength(1);
  });

  it('is not confirmed while a major incident of its service is open, and is once that is closed', async () => {
    stage.criteria(criteria('2h'));
    const { number } = await openIncident(stage.github, {
      title: 'orders are lost',
      body: '',
      marker: {
        schema: 'devops-actions/incident@1',
        service: 'shop',
        environment: 'production',
        severity: 'high',
        fingerprint: 'orders',
        openedAt: new Date().toISOString(),
      },
    });
    const runner = await check(2.2 * hour);
    expect(runner.outputs.get('result')).toBe('watching');
    expect(runner.outputs.get('reason')).toContain(`incident #${number} is open (high)`);
    await stage.github.rest('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
      issue_number: number,
      state: 'closed',
    });
    expect((await check(2.4 * hour)).outputs.get('result')).toBe('confirmed');
  });

  it.each<[string, (check: CheckState) => CheckState, (() => Partial<Holder>)?]>([
    ['confirms it', (check: CheckState) => ({ ...check, confirmedAt: check.checkedTo })],
    [
      'says that all is judged',
      (check: CheckState) => ({ ...check, checkedTo: check.checkedTo + 48 * hour }),
    ],
    ['begins long before the release', (check: CheckState) => ({ ...check, since: check.since - 48 * hour })],
    // The time there was, and not the time that a check ran: what fails between is hidden by it.
    [
      'says that it was judged after the run that it names was over',
      (check: CheckState) => ({ ...check, checkedTo: check.checkedTo + 50 * minute, criteria: {} }),
    ],
    [
      'counts looks that there never were',
      (check: CheckState) => ({
        ...check,
        criteria: Object.fromEntries(
          Object.entries(check.criteria).map(([name, one]) => [
            name,
            { ...one, looks: { all: 9_000, withData: 9_000 } },
          ]),
        ),
      }),
    ],
    [
      'says that somebody was contained of whom no incident knows',
      (check: CheckState) => ({ ...check, contained: { values: ['corp'], since: check.since + minute } }),
    ],
    [
      'names a run of another workflow, which is over just now',
      (check: CheckState) => ({ ...check, checkedTo: check.checkedTo + 50 * minute }),
      () => otherRun('.github/workflows/ci.yml'),
    ],
    [
      'names a run that does not exist',
      (check: CheckState) => check,
      () => ({ runId: 99_999_999, attempt: 1, job: 1 }),
    ],
  ])('is judged from the beginning where a forged state %s', async (_, forge, writer = () => ({})) => {
    stage.criteria(criteria());
    expect((await check(hour)).outputs.get('result')).toBe('watching');
    const file = watchFile(githubRefStore(stage.github), 'production', 'shop');
    const held = (await file.read())!;
    stage.gitHub.server.control.setClock({ offsetMs: 2 * hour - minute });
    const holder = { ...held.state.holder, ...writer() };
    await file.replace(held, { ...held.state, holder, check: forge(held.state.check!) }, 'forged');
    const runner = await check(2 * hour);
    expect(runner.outputs.get('result')).toBe('watching');
    const report = reportOf(runner);
    expect(report.timeline.map(({ message }) => message).join('\n')).toContain('Find out who wrote it');
    expect(judgedOf(report).length).toBeGreaterThan(110);
  });

  it.each([
    ['prometheus-text', 'type: prometheus-text', /a page of metrics says what the counters are now/],
    [
      'json without a time',
      'type: json, url: "http://127.0.0.1:9/", requests: $.a, errors: $.b',
      /does not name the time/,
    ],
  ])('names a source that cannot answer for the past: %s', async (_, source, why) => {
    const requests = 'requests: { metric: a, errors: { label: code, matches: "^5" } }';
    const app = source.includes('json') ? source : `${source}, ${requests}`;
    stage.criteria(`version: 1
environments:
  production:
    watch: 15m
    sources: { app: { ${app} } }
    criteria:
      - { name: error-rate, source: app, fail-when: error-rate > 5 %, for: 5m, min-requests: 100 }
`);
    const runner = await check(hour);
    expect(runner.outputs.get('result')).toBe('error');
    expect(runner.failure).toMatch(why);
    expect(runner.failure).toContain('modes: [watch]');
    expect(runner.failure).toContain('.github/rollback.yml:7');
  });
});
