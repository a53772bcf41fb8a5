import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMetricsOf } from '../../../actions/dora-report/formats/openmetrics.js';
import { worldReport } from '../../support/dora-world.js';
import { filledIn, queriesOf, readDashboard } from '../../support/grafana.js';
import { serve, type TestServer } from '../../support/servers/http.js';
import { freePorts, startServer, type RealServer } from '../../support/servers/real.js';

const dir = mkdtempSync(join(tmpdir(), 'dora-prometheus-'));
let metrics: TestServer;
let prometheus: RealServer;
let url: string;

/** Samples of an answer of Prometheus; throws with its own words. */
async function samples(query: string): Promise<{ metric: Record<string, string> }[]> {
  const response = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query }).toString()}`);
  const { data, error } = (await response.json()) as {
    data?: { result: { metric: Record<string, string> }[] };
    error?: string;
  };
  if (!data) throw new Error(error);
  return data.result;
}

beforeAll(async () => {
  const text = openMetricsOf(worldReport({ deployments: 90 }));
  metrics = await serve((_request, response) =>
    response
      .setHeader('content-type', 'application/openmetrics-text; version=1.0.0; charset=utf-8')
      .end(text),
  );
  const [port] = await freePorts(1);
  url = `http://127.0.0.1:${port}`;
  writeFileSync(
    join(dir, 'prometheus.yml'),
    `global: { scrape_interval: 1s }\nscrape_configs:\n  - { job_name: dora, static_configs: [{ targets: ['127.0.0.1:${metrics.port}'] }] }\n`,
  );
  prometheus = await startServer(
    [
      'prometheus',
      `--config.file=${join(dir, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(dir, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    async () => (await samples('up{job="dora"} == 1').catch(() => [])).length > 0,
    60_000,
  );
}, 90_000);
afterAll(async () => {
  await prometheus.stop();
  await metrics.close();
  rmSync(dir, { recursive: true, force: true });
});

describe('Prometheus scrapes the figures as strict OpenMetrics, and answers the dashboard', () => {
  const queries = queriesOf(readDashboard('workflows-templates/monitoring/dora-grafana.json'));

  it.each(queries.map((one) => [one.of, one.query] as const))('%s: %s', async (_, query) => {
    const found = await samples(filledIn(query, { environment: 'production', service: 'all|shop|payments' }));
    expect(found.length).toBeGreaterThan(0);
  });
});
