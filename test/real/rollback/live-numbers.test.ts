import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startShop } from '../../../rehearsal/shop/shop.js';
import { runSuite } from '../../actions/smoke-test/run-suite.js';
import { digests } from '../../actions/auto-rollback/stage.js';
import { serve } from '../../support/servers/http.js';
import { until } from '../../support/until.js';
import { expectRolledBack, playAll, second, type Played, type Scenario, type Scene } from './play.js';
import { startPrometheus, type Prometheus } from './stand.js';

/** Of a pool of 100 connections, so many are in use. */
const pool = { active: 20, instance: '' };

/** Two tenants of the shop; each tries to read what the other ordered. */
const suite = `version: 1
tenants: { acme: { shop: acme }, globex: { shop: globex } }
isolation:
  own:
    - name: register
      http: { method: POST, url: /api/register, headers: { x-tenant: '{{ tenant.shop }}' }, json: { email: '{{ email }}', password: secret-1 } }
      expect: { status: 201 }
    - name: log in
      http: { method: POST, url: /api/login, headers: { x-tenant: '{{ tenant.shop }}' }, json: { email: '{{ email }}', password: secret-1 } }
      expect: { status: 200 }
      capture: { token: { json: $.token } }
    - name: order
      http: { method: POST, url: /api/orders, headers: { x-tenant: '{{ tenant.shop }}', authorization: 'Bearer {{ token }}' }, json: { items: [{ productId: p-1 }] } }
      expect: { status: 201 }
      capture: { id: { json: $.id } }
  others:
    - name: read the order
      http: { url: '/api/orders/{{ other.id }}', headers: { x-tenant: '{{ tenant.shop }}', authorization: 'Bearer {{ token }}' } }
      expect: { status: 404 }
flows:
  - name: the version
    steps:
      - { name: health, http: { url: /health }, expect: { status: 200, json: [{ path: $.version, equals: '{{ version }}' }] } }
`;

/** When each run of the suite began, and when its report could be read. */
const runs: { began: number; published: number; broken: boolean }[] = [];
let reports = '';

/** Runs the real smoke test again and again, and serves its newest report. */
async function testAgainAndAgain({ stage }: Scene): Promise<{ stop(): Promise<void> }> {
  let newest: string | undefined;
  let stopped = false;
  const server = await serve((_, response) => void response.writeHead(newest ? 200 : 404).end(newest));
  reports = server.url;
  const loop = (async () => {
    while (!stopped) {
      const began = Date.now();
      const inputs = { 'base-url': stage.router.url, 'expect-version': '1.1.0' };
      const { report, runner } = await runSuite(suite, inputs);
      if (!report) throw new Error(`the suite was refused: ${runner.failure}`);
      newest = JSON.stringify(report);
      runs.push({ began, published: Date.now(), broken: report.isolation?.result === 'broken' });
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  })();
  loop.catch(() => undefined);
  await Promise.race([loop, until(() => newest !== undefined, 'the first report')]);
  return {
    async stop() {
      stopped = true;
      await loop;
      await server.close();
    },
  };
}

const number = ({ prometheus }: Scene, query: string, unit = 'number') =>
  `type: prometheus, url: '${prometheus.url}', max-age: 10s, step: 1s, unit: ${unit}, query: '${query}'`;

let leakAt = NaN;
const scenarios: Scenario[] = [
  {
    name: 'latency',
    source: ({ prometheus, green }) =>
      `type: prometheus, url: '${prometheus.url}', max-age: 10s, step: 1s, stack: { name: http-server, latency: p95, range: 5s, match: { version: '{{ version }}', instance: '${green}' } }`,
    criterion: 'fail-when: latency > 200ms, for: 5s',
    fault: ({ stage }) => stage.shops.green.setFault({ latencyMs: 400 }),
    windowMs: 5 * second,
    rangeMs: 5 * second,
    isScraped: true,
    red: ({ green }) => ({
      query: `histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{instance="${green}"}[20s])))`,
      above: 0.2,
    }),
  },
  {
    name: 'a colour that is gone',
    source: (scene) => number(scene, `min(up{instance="${scene.green}"})`),
    criterion: 'fail-when: value < 1, for: 3s',
    fault: ({ stage }) => stage.shops.green.close(),
    windowMs: 3 * second,
    rangeMs: 0,
    isScraped: true,
  },
  {
    name: 'a crash loop',
    source: (scene) =>
      number(scene, `sum(changes(process_start_time_seconds{instance="${scene.green}"}[5s]))`),
    criterion: 'preset: crash-loop',
    fault({ stage }) {
      let stopped = false;
      let current = stage.shops.green;
      const { port } = current;
      const loop = (async () => {
        while (!stopped) {
          await current.close();
          current = await startShop({ port, version: '1.1.0', colour: 'green', digest: digests['1.1.0'] });
          await new Promise((resolve) => setTimeout(resolve, 1_500));
        }
        await current.close();
      })();
      loop.catch(() => undefined);
      return {
        async stop() {
          stopped = true;
          await loop;
        },
      };
    },
    windowMs: second,
    rangeMs: 5 * second,
    isScraped: true,
    red: ({ green }) => ({
      query: `changes(process_start_time_seconds{instance="${green}"}[20s])`,
      above: 0,
    }),
  },
  {
    name: 'saturation',
    async prepare() {
      const page = await serve((_, response) =>
        response
          .setHeader('content-type', 'text/plain; version=0.0.4')
          .end(`db_connections_active ${pool.active}\ndb_connections_max 100\n`),
      );
      pool.instance = `127.0.0.1:${page.port}`;
      return { targets: [pool.instance], stop: () => page.close() };
    },
    source: (scene) =>
      number(
        scene,
        `sum(db_connections_active{instance="${pool.instance}"}) / sum(db_connections_max{instance="${pool.instance}"})`,
        'share',
      ),
    criterion: 'preset: pool-exhausted, for: 4s',
    fault: () => void (pool.active = 97),
    windowMs: 4 * second,
    rangeMs: 0,
    isScraped: true,
    red: () => ({
      query: `max_over_time(db_connections_active{instance="${pool.instance}"}[20s])`,
      above: 90,
    }),
  },
  {
    name: 'a tenant that sees the orders of another, by a smoke test that runs again and again',
    prepare: testAgainAndAgain,
    source: () => `type: smoke-report, url: '${reports}', counts: violations, max-age: 1m`,
    criterion: 'preset: tenant-isolation',
    fault({ stage }) {
      leakAt = Date.now();
      stage.shops.green.setFault({ tenantLeak: true });
    },
    windowMs: second,
    // From the leak until a report could be read that had it: by what is left of one run, and the whole of the next.
    rangeMs: () => (runs.find(({ broken }) => broken)?.published ?? NaN) - leakAt,
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

  it('the leak: the second run after it at the latest has it, and its report says whose order was read', () => {
    const after = runs.filter(({ began }) => began > leakAt);
    expect(after[0]!.broken).toBe(true);
    expect(runs.filter(({ published }) => published <= leakAt).some(({ broken }) => broken)).toBe(false);
  });
});
