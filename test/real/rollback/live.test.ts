import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  analysisReportSchema,
  type AnalysisReport,
} from '../../../shared/contracts/reports/analysis-report.js';
import { replay } from '../../../shared/analysis/course/course.js';
import type { TestRunner } from '../../support/runner/port.js';
import { serve } from '../../support/servers/http.js';
import { answers, freePorts, startServer, type RealServer } from '../../support/servers/real.js';
import { until } from '../../support/until.js';
import { releaseStage, type ReleaseStage } from '../../actions/auto-rollback/stage.js';

const [second, scrape, poll] = [1_000, 1_000, 1_000];
const dir = mkdtempSync(join(tmpdir(), 'prometheus-live-'));
let prometheus: RealServer;
let url: string;
let stage: ReleaseStage;
let load: ReturnType<ReleaseStage['load']>;

/** What Prometheus scrapes from now on. */
function scrapes(targets: Readonly<Record<string, string>>): void {
  const groups = Object.entries(targets).map(([colour, target]) => ({
    targets: [target],
    labels: { colour },
  }));
  writeFileSync(join(dir, 'targets.new'), JSON.stringify(groups));
  renameSync(join(dir, 'targets.new'), join(dir, 'targets.json'));
}

beforeAll(async () => {
  scrapes({});
  const [port] = await freePorts(1);
  url = `http://127.0.0.1:${port}`;
  writeFileSync(
    join(dir, 'prometheus.yml'),
    `global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: shop
    file_sd_configs: [{ files: ['${join(dir, 'targets.json')}'], refresh_interval: 1s }]
`,
  );
  prometheus = await startServer(
    [
      'prometheus',
      `--config.file=${join(dir, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(dir, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    () => answers(`${url}/-/ready`),
    60_000,
  );
});
afterAll(async () => {
  await prometheus.stop();
  rmSync(dir, { recursive: true, force: true });
});
beforeEach(async () => {
  stage = await releaseStage();
  load = stage.load(25);
});
afterEach(async () => {
  await load.stop();
  await stage.close();
});

/** The number that an expression is now. */
async function number(query: string): Promise<number> {
  const response = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query })}`);
  const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
  return Number(data.result[0]?.value[1] ?? NaN);
}

const criteria = (source: string, criterion: string, watch = '60s') => `version: 1
environments:
  production:
    watch: ${watch}
    interval: 1s
    sources:
      app: { type: prometheus, url: '${url}', max-age: 10s, ${source} }
    criteria:
      - { name: judged, source: app, ${criterion} }
`;
const reportOf = (runner: TestRunner): AnalysisReport =>
  analysisReportSchema.parse(JSON.parse(runner.files.get(runner.outputs.get('report') ?? '') ?? '{}'));

const counters =
  "requests: { metric: http_requests_total, match: { version: '{{ version }}' }, errors: { label: code, matches: '^5' }, except: { label: route, matches: '^/(health|metrics)$' } }";
/** Of this stage's own target: the one of the test before may still be known. */
const up = () => `min(up{instance="127.0.0.1:${stage.shops.green.port}"})`;

interface Case {
  name: string;
  source: () => string;
  criterion: string;
  fault: () => void | Promise<void>;
  /** Of the criterion, and of the query, in milliseconds. */
  windowMs: number;
  rangeMs: number;
  /** What a dashboard that looks back further shows red afterwards. */
  red?: { query: string; above: number };
}

const cases: Case[] = [
  {
    name: 'errors',
    source: () => counters,
    criterion: 'fail-when: error-rate > 5 %, for: 5s, min-requests: 30',
    fault: () => stage.shops.green.setFault({ errorRate: 0.3 }),
    windowMs: 5 * second,
    rangeMs: 0,
    red: {
      query:
        'sum(rate(http_requests_total{code="500"}[20s])) / sum(rate(http_requests_total{route!~"/(health|metrics)"}[20s]))',
      above: 0.05,
    },
  },
  {
    name: 'latency',
    source: () =>
      "stack: { name: http-server, latency: p95, range: 5s, match: { version: '{{ version }}' } }, step: 1s",
    criterion: 'fail-when: latency > 200ms, for: 5s',
    fault: () => stage.shops.green.setFault({ latencyMs: 400 }),
    windowMs: 5 * second,
    rangeMs: 5 * second,
    red: {
      query:
        'histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{version="1.1.0"}[20s])))',
      above: 0.2,
    },
  },
  {
    name: 'a colour that is gone',
    source: () => `query: '${up()}', step: 1s`,
    criterion: 'fail-when: value < 1, for: 3s',
    fault: () => stage.shops.green.close(),
    windowMs: 3 * second,
    rangeMs: 0,
  },
];

describe('a real Prometheus scrapes the shop under load, and the release is rolled back in time for', () => {
  it.each(cases)('$name', async ({ source, criterion, fault, windowMs, rangeMs, red }) => {
    const { blue, green } = stage.shops;
    scrapes({ blue: `127.0.0.1:${blue.port}`, green: `127.0.0.1:${green.port}` });
    await until(async () => (await number(up())) === 1);
    stage.criteria(criteria(source(), criterion));
    stage.executable('deploy/rollback', 'touch fired');
    let watching: TestRunner | undefined;
    const running = stage.run(
      { strategy: 'traffic, command' },
      { speed: 1, started: (runner) => (watching = runner) },
    );
    // It is judged well for some looks before anything is wrong.
    await until(() => watching!.printed.filter((line) => /judged: successful/.test(line)).length >= 2);
    const faultAt = Date.now();
    await fault();
    const runner = await running;
    expect([runner.outputs.get('result'), stage.router.stats().live]).toEqual(['rolled-back', 'blue']);

    const report = reportOf(runner);
    const tookMs = report.takeBack!.restoredAt! - faultAt;
    const looks = report.ticks.filter(({ at }) => at > faultAt).length;
    expect(looks).toBeLessThanOrEqual((windowMs + rangeMs + scrape + poll) / poll);
    // A machine that has no time for a look at its second is late by as much, and so is what follows.
    const lateMs = report.ticks
      .map(({ at }, index) => (index === 0 ? 0 : at - report.ticks[index - 1]!.at - poll))
      .reduce((sum, late) => sum + Math.max(0, late), 0);
    expect(tookMs).toBeLessThanOrEqual(windowMs + rangeMs + scrape + poll + second + lateMs);
    expect(replay(report.plan!, report.startedAt!, report.ticks).decision).toEqual(report.verdict);

    // What the query looks back on is still red, and no second strategy has come of it.
    if (red !== undefined) expect(await number(red.query)).toBeGreaterThan(red.above);
    expect(existsSync(join(runner.env['GITHUB_WORKSPACE']!, 'fired'))).toBe(false);
    expect(report.timeline.filter(({ message }) => message.startsWith('Taking 1.1.0 back'))).toHaveLength(1);
  });
});

describe('four workers behind one page, as gunicorn has them,', () => {
  it('are a named error, and nothing is rolled back, though each of them fails a third', async () => {
    const start = Math.floor(Date.now() / 1_000) - 3_600;
    const workers = [20_000, 4_000, 90_000, 100].map((served, index) => ({ served, since: start + index }));
    let asked = 0;
    const page = await serve((_request, response) => {
      const worker = workers[asked++ % workers.length]!;
      for (const one of workers) one.served += 30;
      response
        .setHeader('content-type', 'text/plain; version=0.0.4')
        .end(
          [
            '# TYPE http_requests_total counter',
            `http_requests_total{version="1.1.0",code="200",route="/"} ${Math.round(worker.served * 0.7)}`,
            `http_requests_total{version="1.1.0",code="500",route="/"} ${Math.round(worker.served * 0.3)}`,
            '# TYPE process_start_time_seconds gauge',
            `process_start_time_seconds ${worker.since}`,
            '',
          ].join('\n'),
        );
    });
    try {
      scrapes({ green: `127.0.0.1:${page.port}` });
      await until(() => asked > 4);
      stage.criteria(criteria(counters, 'fail-when: error-rate > 5 %, for: 5s, min-requests: 30', '30s'));
      const runner = await stage.run({}, { speed: 1 });
      expect([runner.outputs.get('result'), runner.outputs.get('unwatched')]).toEqual([
        'inconclusive',
        'true',
      ]);
      expect(runner.outputs.get('reason')).toMatch(
        /is answered by several processes in turn .* Fix: give the colour one address/,
      );
      expect(runner.outputs.get('incident')).not.toBe('');
      expect(stage.router.stats().live).toBe('green');
    } finally {
      await page.close();
    }
  });
});
