import { expect, it } from '@jest/globals';
import { Metrics } from '../../../rehearsal/shop/metrics.js';
import { startShop } from '../../../rehearsal/shop/shop.js';

it('metrics count requests by code and their time in cumulative buckets', () => {
  const metrics = new Metrics('1.0.0', 1_700_000_000.5);
  metrics.observe('GET', '/api/orders/:id', 200, 0.003);
  metrics.observe('GET', '/api/orders/:id', 200, 0.3);
  metrics.observe('GET', '/api/orders/:id', 500, 30);
  const labels = 'version="1.0.0",method="GET",route="/api/orders/:id"';
  const text = metrics.render();
  const lines = text.split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      '# TYPE http_requests_total counter',
      `http_requests_total{${labels},code="200"} 2`,
      `http_requests_total{${labels},code="500"} 1`,
      '# TYPE http_request_duration_seconds histogram',
      `http_request_duration_seconds_bucket{${labels},le="0.005"} 1`,
      `http_request_duration_seconds_bucket{${labels},le="0.25"} 1`,
      `http_request_duration_seconds_bucket{${labels},le="0.5"} 2`,
      `http_request_duration_seconds_bucket{${labels},le="10"} 2`,
      `http_request_duration_seconds_bucket{${labels},le="+Inf"} 3`,
      `http_request_duration_seconds_sum{${labels}} 30.303`,
      `http_request_duration_seconds_count{${labels}} 3`,
      'process_start_time_seconds 1700000000.5',
    ]),
  );
  expect(text.endsWith('\n')).toBe(true);
});

it('metrics escape what would end a label', () => {
  const metrics = new Metrics('1"\\\n', 0);
  metrics.observe('GET', '/', 200, 0);
  expect(metrics.render()).toContain(
    'http_requests_total{version="1\\"\\\\\\n",method="GET",route="/",code="200"} 1',
  );
});

it('metrics name routes, not paths, so that their number stays bounded', async () => {
  const shop = await startShop({ port: 0, version: '1.0.0', digest: 'd', colour: 'c' });
  for (const path of ['/api/orders/1', '/api/orders/2', '/x', '/y', '/health']) {
    await (await fetch(shop.url + path, { headers: { connection: 'close' } })).text();
  }
  const answer = await fetch(`${shop.url}/metrics`, { headers: { connection: 'close' } });
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const totals = (await answer.text()).split('\n').filter((line) => line.startsWith('http_requests_total{'));
  const of = (route: string, code: number, count: number): string =>
    `http_requests_total{version="1.0.0",method="GET",route="${route}",code="${code}"} ${count}`;
  expect(totals.sort()).toEqual(
    [of('/api/orders/:id', 401, 2), of('/health', 200, 1), of('other', 404, 2)].sort(),
  );
  await shop.close();
});
