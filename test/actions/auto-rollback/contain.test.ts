import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  analysisReportSchema,
  type AnalysisReport,
} from '../../../shared/contracts/reports/analysis-report.js';
import { listIncidents } from '../../../shared/ledger/incidents.js';
import { githubRefStore } from '../../../shared/ledger/refs/refs.js';
import { watchFile } from '../../../shared/ledger/refs/watch.js';
import { replayCheck } from '../../../shared/analysis/course/check.js';
import { action } from '../../../actions/auto-rollback/main.js';
import type { TestRunner } from '../../support/runner/port.js';
import { prometheusStandIn, type PrometheusStandIn } from '../../support/servers/prometheus.js';
import { releaseStage, type ReleaseStage } from './stage.js';

const [minute, tenants] = [60_000, ['acme', 'blip', 'corp', 'dune', 'echo', 'fizz']];

/** Ten requests a minute of each tenant; these tenants' fail from so many minutes after the release on. */
let failing: Record<string, number>;
let stage: ReleaseStage;
let prometheus: PrometheusStandIn;

beforeAll(async () => {
  stage = await releaseStage();
  const liveAt = Date.now();
  const total = (tenant: string, failed: boolean) => (at: number) => {
    const after = Math.max(0, at - liveAt) / minute;
    const bad = Math.min(after, Math.max(0, after - (failing[tenant] ?? Infinity)));
    return Math.round(10 * (failed ? bad : after - bad));
  };
  prometheus = await prometheusStandIn({
    scrapeMs: 15_000,
    totals: Object.fromEntries(
      tenants.flatMap((tenant) => [
        [`200 ${tenant}`, total(tenant, false)],
        [`500 ${tenant}`, total(tenant, true)],
      ]),
    ),
  });
  stage.criteria(`version: 1
environments:
  production:
    watch: 15m
    check: { for: 6h, interval: 1m }
    contain: { source: app, by: tenant, at-most: 1, share: 20 % }
    sources:
      app:
        type: prometheus
        url: ${prometheus.url}
        requests:
          metric: http_requests_total
          match: { version: '{{ version }}' }
          errors: { label: code, matches: '^5' }
    criteria:
      - { name: error-rate, source: app, fail-when: error-rate > 5 %, for: 5m, min-requests: 50 }
`);
});
afterAll(async () => {
  await prometheus.close();
  await stage.close();
});

const check = (minutes: number) => stage.run({ mode: 'check' }, { speed: 1, laterMs: minutes * minute });
const reportOf = (runner: TestRunner): AnalysisReport =>
  analysisReportSchema.parse(JSON.parse(runner.files.get(runner.outputs.get('report') ?? '') ?? '{}'));

describe('a release that fails for one tenant of six', () => {
  it('stays live for the others: the hook takes that one out, an incident says so, and it is rolled back once others fail', async () => {
    stage.executable('deploy/contain', 'echo "$@" >> contained.txt');
    failing = { corp: 20 };
    const first = await check(40);
    expect([first.outputs.get('result'), first.outputs.get('rolled-back-to')]).toEqual(['contained', '']);
    expect(first.failure).toMatch(/is contained: .*tenant "corp" .*everybody else is well/);
    // The hook of this test takes nobody out.
    expect(first.failure).toMatch(
      /Since then \d+ of \d+ of their requests failed still: look whether deploy\/contain took them out/,
    );
    const report = reportOf(first);
    expect(report.contained?.map(({ values }) => values)).toEqual([['corp']]);
    const again = replayCheck(report.plan!, report.check!.before, report.ticks, report.contained);
    expect(again.measurements).toEqual(report.measurements);
    expect(action.render(report)).toContain('fails for a few, who were taken out; everybody else is well');
    const { incidents } = await listIncidents(stage.github, { states: ['OPEN'] });
    expect(incidents).toMatchObject([
      {
        title: 'shop 1.1.0 fails for corp in production; contained',
        severity: 'high',
        marker: { causedBy: stage.deployments['1.1.0'] },
      },
    ]);

    // The next check does not contain again, and goes on with everybody else.
    const second = await check(60);
    expect([second.outputs.get('result'), second.failure]).toEqual(['watching', undefined]);
    expect(stage.written('contained.txt')).toBe('shop production corp\n');

    // Somebody writes into the ref that a second tenant is out too, as the incident does not say.
    const file = watchFile(githubRefStore(stage.github), 'production', 'shop');
    const held = (await file.read())!;
    const { contained } = held.state.check!;
    const forged = { ...contained!, values: [...contained!.values, 'acme'] };
    await file.replace(held, { ...held.state, check: { ...held.state.check!, contained: forged } }, 'forged');
    failing = { corp: 20, acme: 65 };
    const third = await check(90);
    expect(third.outputs.get('result')).toBe('rolled-back');
    const told = reportOf(third)
      .timeline.map(({ message }) => message)
      .join('\n');
    expect(told).toContain('does not name acme. All is judged from the beginning');
    expect(told).toMatch(/not contained: .*2 values of tenant fail or failed, and at most 1 may/);
  });
});
