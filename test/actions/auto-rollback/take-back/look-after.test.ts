import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  analysisReportSchema,
  type AnalysisReport,
} from '../../../../shared/contracts/reports/analysis-report.js';
import type { TestRunner } from '../../../support/runner/port.js';
import { prometheusStandIn, type PrometheusStandIn } from '../../../support/servers/prometheus.js';
import { until } from '../../../support/until.js';
import { releaseStage, type ReleaseStage } from '../stage.js';

const [second, minute] = [1_000, 60_000];
let stage: ReleaseStage;
let prometheus: PrometheusStandIn;
/** Versions of which a share of 600 requests a minute fails. */
let failing: string[];

beforeEach(async () => {
  stage = await releaseStage();
  const start = Date.now();
  failing = [];
  const total = (failed: boolean) => (at: number, version: string) => {
    const share = failing.includes(version) ? 0.2 : 0;
    return Math.round((failed ? share : 1 - share) * 10 * (Math.max(0, at - start) / second));
  };
  prometheus = await prometheusStandIn({
    scrapeMs: 15 * second,
    versions: ['1.0.0', '1.1.0'],
    totals: { 200: total(false), 500: total(true) },
  });
});
afterEach(async () => {
  await prometheus.close();
  await stage.close();
});

const criteria = (settle: string) => `version: 1
environments:
  production:
    watch: 15m
    interval: 15s
    ${settle}
    check: { for: 6h, interval: 1m }
    sources:
      app:
        type: prometheus
        url: ${prometheus.url}
        requests:
          metric: http_requests_total
          match: { version: '{{ version }}' }
          errors: { label: code, matches: '^5' }
    criteria:
      - { name: error-rate, source: app, fail-when: error-rate > 5 %, for: 2m, min-requests: 100 }
`;
const reportOf = (runner: TestRunner): AnalysisReport =>
  analysisReportSchema.parse(JSON.parse(runner.files.get(runner.outputs.get('report') ?? '') ?? '{}'));
const incidentText = async (number: number) => {
  const { data } = await stage.gitHub
    .octokit('octocat')
    .rest.issues.listComments({ owner: 'acme', repo: 'shop', issue_number: number });
  return data.map(({ body }) => body).join('\n');
};
/** How each mode comes to its rollback. */
const modes = {
  check: () => stage.run({ mode: 'check' }, { speed: 60, laterMs: 20 * minute }),
  now: () => stage.run({ mode: 'now', reason: 'orders are lost' }, { speed: 60 }),
} as const;

describe.each(['check', 'now'] as const)('what mode %s restored', (mode) => {
  it('is judged by its own samples once it has settled, and is well', async () => {
    stage.criteria(criteria('settle: 1m'));
    failing = ['1.1.0'];
    const runner = await modes[mode]();
    expect([runner.outputs.get('result'), stage.router.stats().live]).toEqual(['rolled-back', 'blue']);
    expect(reportOf(runner).restored).toMatchObject({ is: 'well' });
    expect(runner.outputs.get('reason')).toMatch(/1\.0\.0, judged by its own samples .* is well/);
  });

  it('is bad too where the cause lies elsewhere: a person hears of it, and nothing more is moved', async () => {
    stage.criteria(criteria('settle: 1m'));
    failing = ['1.0.0', '1.1.0'];
    const runner = await modes[mode]();
    expect([runner.outputs.get('result'), stage.router.stats().live]).toEqual(['rolled-back', 'blue']);
    const { restored, incident } = reportOf(runner);
    expect(restored).toMatchObject({ is: 'bad too' });
    // Users still see errors: that is no green step, of the panic button neither.
    expect(runner.failure).toContain('(1.0.0 is live again, and bad too)');
    expect(runner.summary).toContain('1.0.0, which is bad too');
    expect(await incidentText(incident!.number)).toContain('look for a cause outside of the release');
  });
});

describe('the panic button', () => {
  it('tells whoever reads the incident where nobody saw whether what it restored is well', async () => {
    stage.criteria(criteria('settle: 1m').replace('{{ version }}', 'other-{{ version }}'));
    const runner = await modes.now();
    const { restored, incident } = reportOf(runner);
    expect([runner.outputs.get('result'), restored?.is]).toEqual(['rolled-back', 'not known']);
    expect(await incidentText(incident!.number)).toContain('look at the metrics of 1.0.0 yourself');
  });

  it('that is told to stop while it looks at what it restored has rolled back all the same', async () => {
    stage.criteria(criteria('settle: 1m'));
    const stopWhenLooking = async (running: TestRunner) => {
      await until(() => prometheus.asked.length > 0, 'the restored release is looked at');
      running.stop();
    };
    const runner = await stage.run(
      { mode: 'now', reason: 'orders are lost' },
      { speed: 1, started: (running) => void stopWhenLooking(running) },
    );
    expect([runner.outputs.get('result'), runner.outputs.get('rolled-back-to'), runner.failure]).toEqual([
      'rolled-back',
      '1.0.0',
      undefined,
    ]);
    expect(reportOf(runner).restored).toMatchObject({ is: 'not known' });
  });

  it.each([
    ['there are no criteria', undefined, /\.github\/rollback\.yml: no such file at main/],
    ['the criteria have no settle', '', undefined],
    ['the criteria are wrong', 'settle: soon', /\.github\/rollback\.yml: "?soon/],
  ])('rolls back where %s, and says that nothing was judged after it', async (_, settle, why) => {
    if (settle !== undefined) stage.criteria(criteria(settle));
    const runner = await modes.now();
    expect([runner.outputs.get('result'), runner.failure]).toEqual(['rolled-back', undefined]);
    const { restored, timeline } = reportOf(runner);
    expect(restored?.is).toBe('not known');
    expect(timeline.at(-1)?.message).toContain('Whether what is restored is well was not judged');
    if (why) expect(runner.outputs.get('reason')).toMatch(why);
  });
});

describe('a step of its own that looks after what was restored', () => {
  const pressed = () => stage.run({ mode: 'now', reason: 'orders are lost', settle: 'later' }, { speed: 60 });
  const after = () => stage.run({ mode: 'look-after' }, { speed: 60 });

  it('leaves the rollback to be told first: that step ends once traffic is back, with its incident', async () => {
    stage.criteria(criteria('settle: 1m'));
    const first = await pressed();
    expect([first.outputs.get('result'), first.outputs.get('restored'), first.failure]).toEqual([
      'rolled-back',
      '',
      undefined,
    ]);
    expect([prometheus.asked.length, reportOf(first).incident?.number]).toEqual([0, 1]);

    const second = await after();
    expect([second.outputs.get('result'), second.outputs.get('restored'), second.failure]).toEqual([
      'rolled-back',
      'well',
      undefined,
    ]);
    expect(reportOf(second)).toMatchObject({
      watched: { version: '1.1.0' },
      previous: { version: '1.0.0' },
      takeBack: { result: 'restored' },
    });
    expect(stage.router.stats().live).toBe('blue');
  });

  it('adds to the incident of the rollback, and fails, where what was restored is bad too', async () => {
    stage.criteria(criteria('settle: 1m'));
    failing = ['1.0.0', '1.1.0'];
    const { incident } = reportOf(await pressed());
    const runner = await after();
    expect([runner.outputs.get('restored'), runner.failure]).toEqual([
      'bad too',
      expect.stringContaining('and bad too'),
    ]);
    expect(reportOf(runner).incident).toEqual(incident);
    expect(await incidentText(incident!.number)).toContain('look for a cause outside of the release');
  });

  it('says nothing of it where the criteria have no settle, and nobody need be told', async () => {
    stage.criteria(criteria(''));
    await pressed();
    const runner = await after();
    expect([runner.outputs.get('restored'), runner.failure]).toEqual(['', undefined]);
  });

  it('judges nothing where no rollback was made', async () => {
    stage.criteria(criteria('settle: 1m'));
    const runner = await after();
    expect([runner.outputs.get('result'), prometheus.asked.length]).toEqual(['held', 0]);
    expect(runner.failure).toContain('was not restored by a rollback');
  });
});
