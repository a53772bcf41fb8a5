import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { filledIn, queriesOf, readDashboard } from '../../support/grafana.js';
import { serve, type TestServer } from '../../support/servers/http.js';
import { freePorts, startServer, type RealServer } from '../../support/servers/real.js';
import { until } from '../../support/until.js';

const kit = 'workflows-templates/monitoring';
const folder = mkdtempSync(join(tmpdir(), 'monitoring-'));
const servers: TestServer[] = [];
let prometheus: RealServer;
let url: string;

/** What application and exporters say; requests grow with the time since the start, one in ten fails. */
function pages(sinceMs: number): Record<string, string> {
  const n = Math.floor(sinceMs / 10);
  return {
    app: `http_requests_total{version="1.4.0",code="200"} ${n * 9}
http_requests_total{version="1.4.0",code="503"} ${n}
http_request_duration_seconds_bucket{le="0.1"} ${n * 9}
http_request_duration_seconds_bucket{le="1"} ${n * 10}
http_request_duration_seconds_bucket{le="+Inf"} ${n * 10}
db_connections_active 4
db_connections_max 20
queue_length{queue="mail"} 3
`,
    node: `node_cpu_seconds_total{cpu="0",mode="idle"} ${sinceMs / 2000}
node_memory_MemAvailable_bytes 4e9
node_memory_MemTotal_bytes 8e9
node_filesystem_avail_bytes{mountpoint="/",fstype="ext4"} 4e10
node_filesystem_size_bytes{mountpoint="/",fstype="ext4"} 8e10
`,
  };
}

const answered = async (query: string) => {
  const response = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query }).toString()}`);
  const { data, error } = (await response.json()) as { data?: { result: object[] }; error?: string };
  if (!data) throw new Error(`${error}: ${query}`);
  return data.result;
};

beforeAll(async () => {
  const began = performance.now();
  const exporter = (name: string) =>
    serve((_request, response) =>
      response.setHeader('content-type', 'text/plain').end(pages(performance.now() - began)[name] ?? ''),
    );
  servers.push(await exporter('app'), await exporter('node'));
  const [app, node] = servers.map(({ port }) => `127.0.0.1:${port}`) as [string, string];
  cpSync(kit, folder, { recursive: true });
  const config = parse(readFileSync(join(kit, 'prometheus.yml'), 'utf8')) as {
    global: Record<string, string>;
    scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
  };
  // The files as they are, at other addresses and in seconds rather than minutes.
  config.global = { scrape_interval: '1s', evaluation_interval: '1s' };
  for (const job of config.scrape_configs)
    for (const group of job.static_configs) group.targets = [job.job_name === 'app' ? app : node];
  writeFileSync(join(folder, 'prometheus.yml'), stringify(config));
  for (const name of ['alerts', 'slo', 'capacity']) {
    const rules = parse(readFileSync(join(kit, `${name}.yml`), 'utf8')) as {
      groups: { interval?: string }[];
    };
    for (const group of rules.groups) group.interval = '1s';
    writeFileSync(join(folder, `${name}.yml`), stringify(rules));
  }
  const [port] = await freePorts(1);
  url = `http://127.0.0.1:${port}`;
  prometheus = await startServer(
    [
      'prometheus',
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    async () => (await answered('slo:error_budget_left:ratio').catch(() => [])).length > 0,
    120_000,
  );
}, 180_000);
afterAll(async () => {
  await prometheus.stop();
  await Promise.all(servers.map((server) => server.close()));
  rmSync(folder, { recursive: true, force: true });
});

const values = { environment: 'production', service: 'shop', __rate_interval: '1m' };
const queries = queriesOf(readDashboard(join(kit, 'service-grafana.json')));

it.each(queries.map(({ of, query }) => [of, query]))(
  'Prometheus with the files of the kit answers the dashboard: %s %s',
  async (_, query) => {
    await until(async () => (await answered(filledIn(query!, values))).length > 0, query);
  },
  120_000,
);

it('counts what an application says by code: one in ten failed, and the budget is spent a hundred times', async () => {
  const [left] = (await answered('slo:error_budget_left:ratio{service="shop"}')) as {
    value: [number, string];
  }[];
  expect(Number(left!.value[1])).toBeCloseTo(-99, 0);
});
