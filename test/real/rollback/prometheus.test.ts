import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSource, sourceSchema } from '../../../shared/analysis/registry.js';
import type { SourcePorts, Subject } from '../../../shared/analysis/source.js';
import { createHttpClient } from '../../../shared/http/client.js';
import type { HttpClient } from '../../../shared/http/types.js';
import { serve, type TestServer } from '../../support/servers/http.js';
import { freePorts, startServer, type RealServer } from '../../support/servers/real.js';
import { until } from '../../support/until.js';

/** What the scraped page says; each test adds to it. */
const page = { ok: 0, failed: 0, queue: 3, fast: 0, slow: 0, endless: 0, gone: false };
let metrics: TestServer;
let prometheus: RealServer;
let url: string;
let http: HttpClient;
const dir = mkdtempSync(join(tmpdir(), 'prometheus-'));

const lines = () => {
  const of = 'app="shop",version="1.1.0"';
  return [
    '# TYPE http_requests_total counter',
    `http_requests_total{${of},code="200"} ${page.ok}`,
    ...(page.failed > 0 ? [`http_requests_total{${of},code="500"} ${page.failed}`] : []),
    `http_requests_total{app="shop",version="1.0.0",code="500"} 9999`,
    '# TYPE queue_length gauge',
    `queue_length{pod="a"} ${page.queue}`,
    `queue_length{pod="b"} ${page.queue + 1}`,
    '# TYPE http_request_duration_seconds histogram',
    `http_request_duration_seconds_bucket{${of},le="0.1"} ${page.fast}`,
    `http_request_duration_seconds_bucket{${of},le="1"} ${page.fast + page.slow}`,
    `http_request_duration_seconds_bucket{${of},le="+Inf"} ${page.fast + page.slow + page.endless}`,
    '',
  ].join('\n');
};

beforeAll(async () => {
  metrics = await serve((_request, response) => {
    if (page.gone) return void response.writeHead(503).end();
    response.setHeader('content-type', 'text/plain; version=0.0.4').end(lines());
  });
  const [port] = await freePorts(1);
  url = `http://127.0.0.1:${port}`;
  writeFileSync(
    join(dir, 'prometheus.yml'),
    `global: { scrape_interval: 1s }
scrape_configs:
  - { job_name: shop, static_configs: [{ targets: ['127.0.0.1:${metrics.port}'] }] }
`,
  );
  http = createHttpClient();
  prometheus = await startServer(
    [
      'prometheus',
      `--config.file=${join(dir, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(dir, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    async () => (await ask({ query: 'up{job="shop"} == 1' })).is === 'data',
    60_000,
  );
});

afterAll(async () => {
  await prometheus.stop();
  http.close();
  await metrics.close();
  rmSync(dir, { recursive: true, force: true });
});

const subject: Subject = {
  environment: 'production',
  service: 'shop',
  version: '1.1.0',
  colour: 'green',
  sha: 'a'.repeat(40),
  colourUrl: 'http://127.0.0.1:9',
  entryUrl: 'http://127.0.0.1:9',
};
const opened = (config: object, ports: Partial<SourcePorts> = {}) =>
  openSource(sourceSchema.parse({ type: 'prometheus', url, step: '1s', 'max-age': '10s', ...config }), {
    http,
    clock: { now: () => Date.now(), sleep: async () => undefined },
    subject,
    ...ports,
  });
const ask = (config: object, ports?: Partial<SourcePorts>) => {
  const now = Date.now();
  return opened(config, ports).query({ from: now - 3_000, to: now });
};

describe('a real Prometheus', () => {
  it('counts exactly what happened, of the new version alone, look by look, also the first errors', async () => {
    const source = opened({
      requests: {
        metric: 'http_requests_total',
        match: { version: '{{ version }}' },
        errors: { label: 'code', matches: '^5' },
      },
    });
    await source.query({ from: Date.now(), to: Date.now() });
    let seen = { requests: 0, errors: 0 };
    let from = Date.now();
    const look = async () => {
      const to = Date.now();
      const reading = await source.query({ from, to });
      from = to;
      if (reading.is !== 'data') throw new Error(JSON.stringify(reading));
      for (const { requests, errors } of reading.samples)
        seen = { requests: seen.requests + requests, errors: seen.errors + errors };
    };
    for (let round = 1; round <= 5; round++) {
      page.ok += 40;
      page.failed += 10;
      await look();
    }
    await until(async () => {
      await look();
      return seen.requests >= 250;
    });
    await look();
    expect(seen).toEqual({ requests: 250, errors: 50 });
  });

  it('gives a number, and refuses to choose one of several series', async () => {
    const reading = await ask({ query: 'max(queue_length)' });
    expect(reading).toMatchObject({
      is: 'data',
      values: expect.arrayContaining([expect.objectContaining({ value: 4 })]),
    });
    expect(await ask({ query: 'queue_length' })).toMatchObject({
      is: 'error',
      message: expect.stringContaining('2 series'),
    });
    const grouped = await ask({ query: 'queue_length' }, { by: ['pod'] });
    const values = grouped.is === 'data' ? grouped.values! : [];
    expect(new Set(values.map(({ value, group }) => `${group} ${value}`))).toEqual(new Set(['a 3', 'b 4']));
  });

  it('knows the latency of a common server as a quantile, in milliseconds', async () => {
    const config = {
      stack: { name: 'http-server', latency: 'p95', range: '10s', match: { version: '1.1.0' } },
    };
    let value = NaN;
    await until(async () => {
      page.fast += 5;
      page.slow += 95;
      const reading = await ask(config);
      value = (reading.is === 'data' && reading.values?.at(-1)?.value) || NaN;
      return value > 100;
    });
    expect(value).toBeGreaterThan(900);
    expect(value).toBeLessThanOrEqual(1_000);
    expect(await ask(config)).not.toHaveProperty('message');

    let seen: unknown;
    await until(async () => {
      page.endless += 100;
      const reading = await ask(config);
      const last = reading.is === 'data' ? reading.values?.at(-1) : undefined;
      seen = reading;
      return last?.atLeast === true;
    });
    expect(seen).toMatchObject({ message: expect.stringContaining('beyond the largest bucket') });
  });

  it('says what is wrong with an expression, and that nothing is there', async () => {
    expect(await ask({ query: 'sum(' })).toMatchObject({
      is: 'error',
      message: expect.stringMatching(/bad_data.*parse error/),
    });
    expect(await ask({ query: 'no_such_metric' })).toMatchObject({ is: 'absent' });
    expect(await ask({ query: 'sum(no_such_metric) / sum(no_such_metric)' })).toMatchObject({ is: 'absent' });
    expect(await ask({ query: 'vector(0) / vector(0)' })).toMatchObject({ is: 'absent' });
  });

  it('of a target that is gone is stale by its heartbeat, though the number still looks well', async () => {
    page.gone = true;
    const config = {
      query: 'max(max_over_time(queue_length[1m]))',
      heartbeat: 'queue_length',
      'max-age': '3s',
    };
    await until(async () => (await ask(config)).is === 'stale');
    expect(await ask({ query: config.query })).toMatchObject({ is: 'data' });
    page.gone = false;
    await until(async () => (await ask(config)).is === 'data');
  });
});
