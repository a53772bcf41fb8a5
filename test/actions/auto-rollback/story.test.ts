import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { replay } from '../../../shared/analysis/course/course.js';
import {
  analysisReportSchema,
  type AnalysisReport,
} from '../../../shared/contracts/reports/analysis-report.js';
import { listDeployments } from '../../../shared/ledger/list-deployments.js';
import { listIncidents } from '../../../shared/ledger/incidents.js';
import { outcomeOf } from '../../../shared/ledger/record.js';
import { githubRefStore } from '../../../shared/ledger/refs/refs.js';
import { watchFile } from '../../../shared/ledger/refs/watch.js';
import type { TestRunner } from '../../support/runner/port.js';
import { until } from '../../support/until.js';
import { releaseStage, type ReleaseStage } from './stage.js';

const criteria = (
  over: { watch?: string; requests?: number; path?: string; errors?: number; settle?: string } = {},
) => `version: 1
environments:
  production:
    watch: ${over.watch ?? '5s'}
    interval: 1s${over.settle === undefined ? '' : `\n    settle: ${over.settle}`}
    sources:
      app:
        type: prometheus-text
        path: ${over.path ?? '/metrics'}
        timeout: 900ms
        requests:
          metric: http_requests_total
          match: { version: "{{ version }}" }
          errors: { label: code, matches: "^5" }
          except: { label: route, matches: "^/(health|metrics)$" }
    criteria:
      - name: error-rate
        source: app
        fail-when: error-rate > 5 %
        for: 2s
        over: 2s
        min-requests: ${over.requests ?? 8}
        max-consecutive-errors: ${over.errors ?? 1}
`;

let stage: ReleaseStage;
let loading: ReturnType<ReleaseStage['load']> | undefined;
beforeEach(async () => {
  stage = await releaseStage();
});
afterEach(async () => {
  await loading?.stop();
  loading = undefined;
  await stage.close();
});

function reportOf(runner: TestRunner): AnalysisReport {
  const text = runner.files.get(runner.outputs.get('report') ?? '');
  return analysisReportSchema.parse(JSON.parse(text ?? '{}'));
}
const currentWatch = () => watchFile(githubRefStore(stage.github), 'production', 'shop').read();
const violations = () => stage.gitHub.server.control.violations();

/** The report alone leads to the verdict it carries. */
function expectReplay({ plan, startedAt, ticks, verdict, measurements }: AnalysisReport): void {
  const replayed = replay(plan!, startedAt!, ticks);
  expect(replayed.decision).toEqual(verdict);
  expect(replayed.measurements).toEqual(measurements);
}

describe('a watch of a live release', () => {
  it('takes a release back that fails 12 % of its requests, within the window and one interval, with an incident and its evidence', async () => {
    // A busy machine may miss a look or two.
    stage.criteria(criteria({ errors: 4, settle: '1s' }));
    stage.shops.green.setFault({ errorRate: 0.12 });
    loading = stage.load(10);
    const runner = await stage.run({}, { speed: 1 });
    const report = reportOf(runner);

    expect(runner.outputs.get('result')).toBe('rolled-back');
    expect(runner.outputs.get('rolled-back-to')).toBe('1.0.0');
    expect(runner.failure).toContain('1.0.0 is live again');
    expect(stage.router.stats().live).toBe('blue');
    // A look before, there was no reason yet.
    expect(replay(report.plan!, report.startedAt!, report.ticks.slice(0, -1)).decision.is).toBe('continue');
    expect(report.preflight).toMatchObject([{ ok: true }]);
    expectReplay(report);
    // What was restored is judged by its own samples.
    expect(report.restored).toMatchObject({ is: 'well' });

    const { records } = await listDeployments(stage.github, { environments: ['production'] });
    expect(
      records.map(({ payload, ...record }) => [payload.kind, payload.version, outcomeOf(record).is]),
    ).toEqual([
      ['rollback', '1.0.0', 'succeeded'],
      ['release', '1.1.0', 'taken-back'],
      ['release', '1.0.0', 'succeeded'],
    ]);
    const { incidents } = await listIncidents(stage.github, { states: ['OPEN'] });
    expect(incidents).toMatchObject([
      {
        title: 'shop 1.1.0 was rolled back in production',
        severity: 'high',
        marker: {
          causedBy: stage.deployments['1.1.0'],
          fingerprint: `rollback:production:shop:${stage.deployments['1.1.0']}`,
        },
      },
    ]);
    expect(runner.outputs.get('incident')).toBe(incidents[0]!.url);
    expect(Number(runner.outputs.get('time-to-restore-ms'))).toBeGreaterThan(0);
    expect(await currentWatch()).toBeUndefined();
    expect(violations()).toEqual([]);
  });

  it('says that the cause lies elsewhere when what was restored is bad too, and tries nothing further', async () => {
    stage.criteria(criteria({ errors: 4, settle: '1s' }));
    stage.executable('deploy/rollback', 'touch fired.txt');
    for (const shop of Object.values(stage.shops)) shop.setFault({ errorRate: 0.5 });
    loading = stage.load(10);
    const runner = await stage.run({ strategy: 'traffic, command' }, { speed: 1 });
    expect([runner.outputs.get('result'), stage.router.stats().live]).toEqual(['rolled-back', 'blue']);
    expect(reportOf(runner).restored).toMatchObject({ is: 'bad too' });
    expect(runner.outputs.get('reason')).toMatch(
      /1\.0\.0, judged by its own samples .* is bad too: error-rate > 5 %/,
    );
    expect(() => stage.written('fired.txt')).toThrow('ENOENT');
    const { data } = await stage.gitHub.octokit('octocat').rest.issues.listComments({
      owner: 'acme',
      repo: 'shop',
      issue_number: reportOf(runner).incident!.number,
    });
    expect(data.map(({ body }) => body).join()).toContain('look for a cause outside of the release');
  });

  it('calls a release healthy that holds its criteria to the end, and was guarded by the watch ref meanwhile', async () => {
    // A busy machine may miss a look or two, and many requests of a window.
    stage.criteria(criteria({ watch: '5s', requests: 2, errors: 4 }));
    loading = stage.load(20);
    const running = stage.run({});
    let seen: Awaited<ReturnType<typeof currentWatch>>;
    await until(async () => (seen = await currentWatch()) !== undefined, 'the watch has its ref');
    expect(seen?.state.deployment).toBe(stage.deployments['1.1.0']);
    const runner = await running;
    expect(runner.outputs.get('result')).toBe('healthy');
    expect(runner.failure).toBeUndefined();
    expect(runner.summary).toContain('in production is healthy');
    expect(stage.router.stats().live).toBe('green');
    expect(await currentWatch()).toBeUndefined();
    expectReplay(reportOf(runner));
    expect(violations()).toEqual([]);
  });

  it.each([
    ['nobody uses the release', {}, /no data|never|absent/],
    ['the metrics page is not there', { path: '/nothing' }, /answers 404 instead of 200/],
    ['the criteria ask for more requests than there are', { requests: 100_000 }, /100000 are needed/],
  ])('is inconclusive and fails the step when %s', async (_, over, message) => {
    stage.criteria(criteria({ watch: '3s', ...over }));
    if (Object.keys(over).length > 0) loading = stage.load(20);
    const runner = await stage.run({});
    expect(runner.outputs.get('result')).toBe('inconclusive');
    expect(runner.failure).toMatch(message);
    expect(stage.router.stats().live).toBe('green');
    expectReplay(reportOf(runner));
  });

  it('that is cancelled ends at once with an error, moves nothing and leaves no watch behind', async () => {
    stage.criteria(criteria({ watch: '2h' }));
    stage.shops.green.setFault({ errorRate: 0.5 });
    const stopOnceWatching = async (runner: TestRunner) => {
      await until(async () => (await currentWatch()) !== undefined, 'the watch has its ref');
      runner.stop();
    };
    const runner = await stage.run({}, { started: (runner) => void stopOnceWatching(runner) });
    expect(runner.outputs.get('result')).toBe('error');
    expect(runner.failure).toContain('told to stop');
    expect(stage.router.stats().live).toBe('green');
    expect(await currentWatch()).toBeUndefined();
  });

  it('is held, and pages a person, when the colour to go back to is gone', async () => {
    stage.criteria(criteria());
    stage.shops.green.setFault({ errorRate: 1 });
    await stage.shops.blue.close();
    loading = stage.load(10);
    const runner = await stage.run({});
    expect(runner.outputs.get('result')).toBe('held');
    expect(reportOf(runner).preflight).toMatchObject([{ ok: false }]);
    expect(stage.router.stats().live).toBe('green');
    const { incidents } = await listIncidents(stage.github, { states: ['OPEN'] });
    expect(incidents).toMatchObject([
      { severity: 'critical', title: expect.stringContaining('could not be rolled back') },
    ]);
  });

  it('reads its criteria from the default branch, whatever lies in the workspace', async () => {
    stage.criteriaInWorkspace(criteria());
    const runner = await stage.run({});
    expect(runner.outputs.get('result')).toBe('error');
    expect(runner.failure).toContain('merge .github/rollback.yml to main');

    stage.criteria(criteria({ watch: '3s', requests: 100_000 }));
    const second = await stage.run({});
    expect(reportOf(second).plan!.criteria[0]!.minRequests).toBe(100_000);
    expect(reportOf(second).criteriaFile!.commit).toBe(stage.gitHub.git('rev-parse', 'main'));
  });
});

describe('the panic button', () => {
  it('takes back what is live at once, on the word of a person', async () => {
    const runner = await stage.run({ mode: 'now', reason: 'orders are lost' }, { speed: 1 });
    expect(runner.failure).toBeUndefined();
    expect(runner.outputs.get('result')).toBe('rolled-back');
    expect(stage.router.stats().live).toBe('blue');
    expect(reportOf(runner).takeBack!.durationMs).toBeGreaterThan(0);
    const { incidents } = await listIncidents(stage.github, { states: ['OPEN'] });
    expect(incidents).toHaveLength(1);
    expect(violations()).toEqual([]);
  });

  it('refuses when the Deployment it is meant for is not live any more', async () => {
    const runner = await stage.run({ mode: 'now', 'deployment-id': String(stage.deployments['1.0.0']) });
    expect(runner.outputs.get('result')).toBe('held');
    expect(runner.failure).toContain('is not live any more');
    expect(stage.router.stats().live).toBe('green');
  });
});
