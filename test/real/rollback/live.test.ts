import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { releaseStage } from '../../actions/auto-rollback/stage.js';
import { serve } from '../../support/servers/http.js';
import { until } from '../../support/until.js';
import { expectRolledBack, playAll, second, type Played, type Scenario, type Scene } from './play.js';
import { startPrometheus, type Prometheus } from './stand.js';

const except = "except: { label: route, matches: '^/(health|metrics)$' }";
const countedBy = (match: string) =>
  `requests: { metric: http_requests_total, match: { version: '{{ version }}'${match} }, errors: { label: code, matches: '^5' }, ${except} }`;
const counters = ({ prometheus, green }: Scene) =>
  `type: prometheus, url: '${prometheus.url}', max-age: 10s, ${countedBy(`, instance: '${green}'`)}`;
/** The share of errors in the last 20 s, as a dashboard would show it. */
const dashboard = ({ green }: Scene) => ({
  query: `sum(rate(http_requests_total{instance="${green}",code="500"}[20s])) / sum(rate(http_requests_total{instance="${green}",route!~"/(health|metrics)"}[20s]))`,
  above: 0.05,
});

const scenarios: Scenario[] = [
  {
    name: 'errors',
    source: counters,
    criterion: 'fail-when: error-rate > 5 %, for: 5s, min-requests: 30',
    fault: ({ stage }) => stage.shops.green.setFault({ errorRate: 0.3 }),
    windowMs: 5 * second,
    rangeMs: 0,
    isScraped: true,
    red: dashboard,
  },
  {
    name: 'one route of few requests, while all together are within the bound',
    source: counters,
    criterion: 'fail-when: error-rate > 40 %, for: 5s, min-requests: 10, by: route',
    alsoLoad: { path: '/', everyMs: 200 },
    fault: ({ stage }) => stage.shops.green.setFault({ errorRate: 1, route: '/' }),
    windowMs: 5 * second,
    rangeMs: 0,
    isScraped: true,
  },
  {
    name: 'bursts: a second of every three',
    source: counters,
    criterion: 'fail-when: error-rate > 5 %, for: 6s, min-requests: 30',
    fault({ stage }) {
      const { green } = stage.shops;
      let failing = false;
      const burst = () => green.setFault({ errorRate: (failing = !failing) ? 1 : 0 });
      burst();
      const timers = [setInterval(burst, 3 * second)];
      timers.push(setTimeout(() => (burst(), timers.push(setInterval(burst, 3 * second))), second));
      return { stop: () => Promise.resolve(timers.forEach((timer) => clearInterval(timer))) };
    },
    windowMs: 6 * second,
    rangeMs: 0,
    isScraped: true,
    red: dashboard,
  },
  {
    name: 'errors that the page of metrics says itself, without a server between',
    source: () => `type: prometheus-text, ${countedBy('')}`,
    criterion: 'fail-when: error-rate > 5 %, for: 5s, min-requests: 30',
    fault: ({ stage }) => stage.shops.green.setFault({ errorRate: 0.3 }),
    windowMs: 5 * second,
    rangeMs: 0,
    isScraped: false,
    red: dashboard,
  },
  {
    name: 'a health that is bad, though every request succeeds',
    source: () => 'type: probe, path: /health',
    criterion: 'fail-when: error-rate > 50 %, for: 4s, min-requests: 3, confidence: 90 %',
    fault: ({ stage }) => stage.shops.green.setFault({ unhealthy: true }),
    windowMs: 4 * second,
    rangeMs: 0,
    isScraped: false,
  },
];

let prometheus: Prometheus;
let played: ReadonlyMap<string, PromiseSettledResult<Played>>;
beforeAll(async () => {
  prometheus = await startPrometheus();
  played = await playAll(scenarios, prometheus);
}, 240_000);
afterAll(() => prometheus.stop());

describe('under load, a release is rolled back within the window, what the query looks back on, a scrape, a poll and a second, for', () => {
  it.each(scenarios)('$name', ({ name }) => expectRolledBack(played.get(name)));

  it('one route alone: the message names it, and all together would not have failed', () => {
    const settled = played.get(scenarios[1]!.name);
    if (settled?.status !== 'fulfilled') throw settled?.reason;
    const { report } = settled.value;
    expect(report.reason).toMatch(/route "\/": /);
    const { requests, errors } = report.ticks
      .flatMap(({ readings }) => (readings['app']?.is === 'data' ? readings['app'].samples : []))
      .slice(-6)
      .reduce((sum, one) => ({ requests: sum.requests + one.requests, errors: sum.errors + one.errors }), {
        requests: 0,
        errors: 0,
      });
    expect(errors / requests).toBeLessThan(0.4);
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
    const stage = await releaseStage();
    try {
      const green = `127.0.0.1:${page.port}`;
      prometheus.scrapes([green]);
      await until(() => asked > 4);
      stage.criteria(`version: 1
environments:
  production:
    watch: 30s
    interval: 1s
    sources: { app: { ${counters({ stage, prometheus, green })} } }
    criteria: [{ name: judged, source: app, fail-when: error-rate > 5 %, for: 5s, min-requests: 30 }]
`);
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
      await stage.close();
    }
  });
});
