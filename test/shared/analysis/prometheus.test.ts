import { afterEach, describe, expect, it } from '@jest/globals';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { openSource, sourceSchema } from '../../../shared/analysis/registry.js';
import type { MetricSource, SourcePorts, Subject } from '../../../shared/analysis/source.js';
import type { Reading } from '../../../shared/contracts/reports/analysis-report.js';
import { createHttpClient } from '../../../shared/http/client.js';
import { serve } from '../../support/servers/http.js';

const open: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

const subject = (version: string, colour: string): Subject => ({
  environment: 'production',
  service: 'shop',
  version,
  colour,
  sha: 'a'.repeat(40),
  colourUrl: 'http://127.0.0.1:9',
  entryUrl: 'http://127.0.0.1:9',
});

async function source(config: object, listener: RequestListener, ports: Partial<SourcePorts> = {}) {
  const server = await serve(listener);
  const http = createHttpClient();
  open.push(
    () => server.close(),
    () => http.close(),
  );
  const type = 'path' in config ? {} : { type: 'prometheus', url: `${server.url}/` };
  return openSource(sourceSchema.parse({ ...type, ...config }), {
    http,
    clock: { now: () => 0, sleep: async () => undefined },
    subject: subject('1.1.0', 'green'),
    ...ports,
  });
}

type Labels = Record<string, string>;
type Point = readonly [atSeconds: number, value: number | string];

/** Answers as Prometheus' API does: `vector` of one point each at an instant, else the whole `matrix`. */
const answer = (response: ServerResponse, result: unknown[], resultType = 'matrix', more: object = {}) =>
  response
    .setHeader('content-type', 'application/json')
    .end(JSON.stringify({ status: 'success', data: { resultType, result }, ...more }));
const series = (metric: Labels, ...values: Point[]) => ({
  metric,
  values: values.map(([at, value]) => [at, String(value)]),
});
const askedOf = (request: IncomingMessage) => {
  const { pathname, searchParams } = new URL(request.url!, 'http://prometheus');
  return { pathname, ...Object.fromEntries(searchParams) } as Record<string, string>;
};
/** Answers in turn; the last one for ever. When the processes started is a question of its own. */
const turns = (...answers: ((response: ServerResponse) => void)[]): RequestListener =>
  turnsOf([], ...answers);
const turnsOf = (
  starts: readonly number[],
  ...answers: ((response: ServerResponse) => void)[]
): RequestListener => {
  const left = [...answers];
  return (request, response) => {
    if (!askedOf(request)['query']!.startsWith('process_start_time_seconds'))
      return (left.length > 1 ? left.shift()! : left[0]!)(response);
    const points = starts.map((start, index): Point => [100 + index, start]);
    answer(response, points.length > 0 ? [series({ instance: 'a:80' }, ...points)] : []);
  };
};

const counter = (code: string, ...values: Point[]) =>
  series({ __name__: 'http_requests_total', version: '1.1.0', code, instance: 'a:80' }, ...values);
const requests = {
  requests: {
    metric: 'http_requests_total',
    match: { version: '{{ version }}' },
    errors: { label: 'code', matches: '^5' },
  },
};
const at = (fromSeconds: number, toSeconds: number) => ({ from: fromSeconds * 1_000, to: toSeconds * 1_000 });
const countsOf = (reading: Reading) =>
  reading.is === 'data' ? reading.samples.map(({ requests, errors }) => [requests, errors]) : reading;

describe('requests that Prometheus counts', () => {
  it('are asked for raw, of the new version alone, back to the last look', async () => {
    const asked: Record<string, string>[] = [];
    const { query } = await source({ ...requests, 'max-age': '30s' }, (request, response) => {
      asked.push(askedOf(request));
      answer(response, [counter('200', [90, 10], [110, 70])]);
    });
    await query(at(100, 100));
    await query(at(100, 130));
    expect(asked).toEqual([
      {
        pathname: '/api/v1/query',
        query: 'http_requests_total{version="1.1.0"}[30s]',
        time: '100.000',
        timeout: '10000ms',
      },
      {
        pathname: '/api/v1/query',
        query: 'http_requests_total{version="1.1.0"}[60s]',
        time: '130.000',
        timeout: '10000ms',
      },
    ]);
  });

  it('count nothing from before the watch, nothing twice, and lose nothing at a look that failed', async () => {
    const { query } = await source(
      requests,
      turns(
        (response) => answer(response, [counter('200', [90, 1_000]), counter('500', [90, 500])]),
        (response) =>
          answer(response, [counter('200', [90, 1_000], [105, 1_010]), counter('500', [90, 500])]),
        (response) => response.writeHead(503).end(),
        (response) =>
          answer(response, [
            counter('200', [105, 1_010], [120, 1_030], [135, 1_040]),
            counter('500', [105, 500], [120, 505], [135, 506]),
          ]),
      ),
    );
    expect(countsOf(await query(at(100, 100)))).toEqual([]);
    expect(countsOf(await query(at(100, 110)))).toEqual([[10, 0]]);
    expect(await query(at(110, 125))).toMatchObject({ is: 'error', message: expect.stringContaining('503') });
    expect(countsOf(await query(at(125, 140)))).toEqual([[36, 6]]);
  });

  it('begin again at 0 where a counter falls, and of a new target nothing is known before its first point', async () => {
    const other = (...values: Point[]) =>
      series({ version: '1.1.0', code: '200', instance: 'b:80' }, ...values);
    const { query } = await source(
      requests,
      turns(
        (response) => answer(response, [counter('200', [95, 100])]),
        (response) =>
          answer(response, [counter('200', [95, 100], [110, 7]), other([110, 5_000], [115, 5_003])]),
      ),
    );
    await query(at(100, 100));
    expect(countsOf(await query(at(100, 120)))).toEqual([[10, 0]]);
  });

  it('of four workers behind one target are an error from then on: their starts go back and forth', async () => {
    const looks = [
      (response: ServerResponse) => answer(response, [counter('200', [95, 5_000])]),
      (response: ServerResponse) =>
        answer(response, [counter('200', [95, 5_000], [105, 3_100], [110, 7_000], [115, 5_010])]),
    ];
    const { query } = await source(requests, turnsOf([40, 41, 42, 40], ...looks));
    await query(at(100, 100));
    const named = {
      is: 'error',
      message: expect.stringMatching(/a:80 is answered by several processes .* Fix:/),
    };
    expect(await query(at(100, 120))).toMatchObject(named);
    expect(await query(at(120, 140))).toMatchObject(named);
    // One process that starts again and again only ever starts later.
    const crashing = await source(requests, turnsOf([40, 104, 109], ...looks));
    await crashing.query(at(100, 100));
    expect(await crashing.query(at(100, 120))).toMatchObject({ is: 'data' });
  });

  it('a series that is new in a target that was scraped began at 0: the first errors count', async () => {
    const { query } = await source(
      requests,
      turns(
        (response) => answer(response, [counter('200', [95, 100])]),
        (response) => answer(response, [counter('200', [95, 100], [110, 160]), counter('500', [110, 40])]),
      ),
    );
    await query(at(100, 100));
    expect(countsOf(await query(at(100, 115)))).toEqual([[100, 40]]);
  });

  it('of a scrape that became known after a later look count too: its instant is before that look', async () => {
    const { query } = await source(
      requests,
      turns(
        (response) => answer(response, [counter('200', [95, 100])]),
        (response) => answer(response, [counter('200', [95, 100])]),
        (response) => answer(response, [counter('200', [95, 100], [110, 160]), counter('500', [110, 40])]),
      ),
    );
    await query(at(100, 100));
    expect(countsOf(await query(at(100, 111)))).toEqual([[0, 0]]);
    expect(countsOf(await query(at(111, 116)))).toEqual([[100, 40]]);
  });

  it('of several instances are summed up, and told apart by a label where one is judged', async () => {
    const of = (route: string, code: string, ...values: Point[]) =>
      series({ version: '1.1.0', code, route, instance: 'a:80' }, ...values);
    const { query } = await source(
      requests,
      turns(
        (response) => answer(response, [of('/a', '200', [95, 0]), of('/b', '500', [95, 0])]),
        (response) =>
          answer(response, [of('/a', '200', [95, 0], [110, 90]), of('/b', '500', [95, 0], [110, 10])]),
      ),
      { by: ['route'] },
    );
    await query(at(100, 100));
    const reading = await query(at(100, 115));
    expect(reading).toMatchObject({ is: 'data', samples: [{ requests: 100, errors: 10 }] });
    expect(JSON.stringify(reading)).toContain('"/b"');
  });

  it('of a known server need only its name', async () => {
    const asked: string[] = [];
    const { query } = await source(
      { stack: { name: 'ingress-nginx', match: { service: 'shop-{{ colour }}' } } },
      (request, response) => {
        asked.push(askedOf(request)['query']!);
        answer(response, []);
      },
    );
    expect(await query(at(100, 100))).toMatchObject({ is: 'absent' });
    expect(asked).toEqual(['nginx_ingress_controller_requests{service="shop-green"}[120s]']);
  });

  it('that are too old are stale', async () => {
    const { query } = await source({ ...requests, 'max-age': '30s' }, (_request, response) =>
      answer(response, [counter('200', [60, 10])]),
    );
    expect(await query(at(100, 100))).toEqual({
      is: 'stale',
      message: 'the newest sample of http_requests_total is 40 s old',
    });
  });
});

const values = (reading: Reading) =>
  reading.is === 'data' ? (reading.values ?? []).map(({ value, baseline }) => [value, baseline]) : reading;

describe('a number', () => {
  const number = { query: 'queue_length{app="{{ service }}"}', unit: 'number', step: '10s' };

  it('is read at every step since the last look', async () => {
    const asked: Record<string, string>[] = [];
    const { query } = await source(number, (request, response) => {
      asked.push(askedOf(request));
      answer(response, [series({}, [110, 3], [120, 4], [130, 'NaN'])]);
    });
    expect(values(await query(at(100, 130)))).toEqual([
      [3, undefined],
      [4, undefined],
    ]);
    expect(asked[0]).toMatchObject({
      pathname: '/api/v1/query_range',
      query: 'queue_length{app="shop"}',
      start: '110.000',
      end: '130.000',
      step: '10.000',
    });
    await query(at(130, 150));
    expect(asked[1]).toMatchObject({ start: '140.000', end: '150.000' });
  });

  it('in seconds or percent is judged in the units of the criteria', async () => {
    const of = async (unit: string, value: number) => {
      const { query } = await source({ ...number, unit }, (_request, response) =>
        answer(response, [series({}, [110, value])]),
      );
      return values(await query(at(100, 110)));
    };
    expect(await of('seconds', 0.25)).toEqual([[250, undefined]]);
    expect(await of('percent', 40)).toEqual([[0.4, undefined]]);
  });

  it('of several series is an error: none of them is chosen, and they are not averaged', async () => {
    const { query } = await source(number, (_request, response) =>
      answer(response, [series({ pod: 'a' }, [110, 1]), series({ pod: 'b' }, [110, 99])]),
    );
    expect(await query(at(100, 110))).toMatchObject({
      is: 'error',
      message: expect.stringMatching(/2 series \(\{"pod":"a"\}, \{"pod":"b"\}\).*Fix: sum them up/),
    });
  });

  it('is judged by a label, and two series of one value are an error', async () => {
    const by = async (...result: unknown[]) => {
      const { query } = await source(number, (_request, response) => answer(response, result), {
        by: ['pod'],
      });
      return query(at(100, 110));
    };
    expect(await by(series({ pod: 'a' }, [110, 1]), series({ pod: 'b' }, [110, 99]))).toMatchObject({
      values: [
        { value: 1, group: 'a' },
        { value: 99, group: 'b' },
      ],
    });
    expect(
      await by(series({ pod: 'a', x: '1' }, [110, 1]), series({ pod: 'a', x: '2' }, [110, 9])),
    ).toMatchObject({
      is: 'error',
      message: expect.stringContaining('2 series for 1 values of pod'),
    });
  });

  it('without series, or NaN as of no requests, is absent and no zero', async () => {
    for (const result of [[], [series({}, [110, 'NaN'])], [series({}, [110, '+Inf'])]]) {
      const { query } = await source(number, (_request, response) => answer(response, result));
      expect(await query(at(100, 110))).toMatchObject({ is: 'absent' });
    }
  });

  it('whose scrapes stopped is stale by its heartbeat', async () => {
    const beat =
      (newest: number): RequestListener =>
      (request, response) =>
        askedOf(request)['pathname']!.endsWith('/query')
          ? answer(response, [series({ job: 'shop' }, [newest, 1])])
          : answer(response, [series({}, [200, 5])]);
    const config = { ...number, heartbeat: 'up{job="shop"}', 'max-age': '30s' };
    const alive = await source(config, beat(190));
    const dead = await source(config, beat(160));
    expect(values(await alive.query(at(190, 200)))).toEqual([[5, undefined]]);
    expect(await dead.query(at(190, 200))).toMatchObject({
      is: 'stale',
      message: 'up{job="shop"} has no sample younger than 30 s',
    });
  });

  it('is compared with the previous release before this one was live, asked for once', async () => {
    const asked: Record<string, string>[] = [];
    const config = {
      ...number,
      query: 'p95{version="{{ version }}"}',
      baseline: { is: 'before', over: '10m' },
    };
    const listener: RequestListener = (request, response) => {
      const one = askedOf(request);
      asked.push(one);
      const isOld = one['query']!.includes('1.0.0');
      answer(response, [isOld ? series({}, [500, 100], [510, 300]) : series({}, [1_010, 260])]);
    };
    const { query } = await source(config, listener, {
      previous: subject('1.0.0', 'blue'),
      liveSince: 900_000,
    });
    expect(values(await query(at(1_000, 1_010)))).toEqual([[260, 200]]);
    await query(at(1_010, 1_020));
    const old = asked.filter(({ query }) => query!.includes('1.0.0'));
    expect(old).toHaveLength(1);
    expect(old[0]).toMatchObject({ end: '900.000' });
  });

  it('without a previous release has no baseline, and says why', async () => {
    const { query } = await source({ ...number, baseline: { is: 'before' } }, (_request, response) =>
      answer(response, [series({}, [110, 1])]),
    );
    expect(await query(at(100, 110))).toMatchObject({
      values: [{ value: 1 }],
      message: 'no baseline: there is no release before this one to compare with',
    });
  });

  it('is the latency of a known server at a quantile', async () => {
    const asked: string[] = [];
    const { query } = await source(
      { stack: { name: 'istio', latency: 'p99.9', range: '1m', match: { app: 'shop' } } },
      (request, response) => {
        asked.push(askedOf(request)['query']!);
        answer(response, [series({}, [110, asked.length === 1 ? 12 : 0])]);
      },
    );
    expect(values(await query(at(100, 110)))).toEqual([[12, undefined]]);
    expect(asked).toEqual([
      'histogram_quantile(0.999, sum by (le) (rate(istio_request_duration_milliseconds_bucket{app="shop"}[60s])))',
      'max (sum by (le) (rate(istio_request_duration_milliseconds_bucket{app="shop",le!="+Inf"}[60s]))) < bool 0.999 * sum (rate(istio_request_duration_milliseconds_bucket{app="shop",le="+Inf"}[60s]))',
    ]);
  });

  it('beyond the largest bucket is only known to be that or more, of itself and of its baseline', async () => {
    const beyond = new Set(['1.1.0']);
    const { query } = await source(
      {
        stack: { name: 'http-server', latency: 'p95', match: { version: '{{ version }}' } },
        baseline: { is: 'other-colour' },
      },
      (request, response) => {
        const { query: asked = '', end } = askedOf(request);
        const isBeyond = [...beyond].some((version) => asked.includes(version));
        answer(response, [series({}, [Number(end), asked.includes('< bool') ? Number(isBeyond) : 1])]);
      },
      { previous: subject('1.0.0', 'blue') },
    );
    expect(await query(at(100, 110))).toMatchObject({
      values: [{ value: 1_000, atLeast: true, baseline: 1_000 }],
      message: expect.stringContaining('Fix: give the histogram a bucket above the bound'),
    });
    beyond.clear();
    expect(await query(at(110, 120))).not.toHaveProperty('message');
    beyond.add('1.0.0');
    const { values } = (await query(at(120, 130))) as Reading & { is: 'data' };
    expect(values).toEqual([expect.not.objectContaining({ baseline: expect.anything() })]);
    expect(values).toEqual([expect.not.objectContaining({ atLeast: true })]);
  });
});

describe('a Prometheus that does not answer well ends in a stated error:', () => {
  const number = { query: 'x' };
  it.each<[what: string, listener: RequestListener, message: RegExp]>([
    ['another status', (_q, response) => response.writeHead(502).end('<html>'), /502 instead of 200/],
    ['no JSON', (_q, response) => response.end('<html>'), /answers no JSON/],
    [
      'another JSON',
      (_q, response) => response.end('{"status":"success"}'),
      /does not answer as Prometheus does/,
    ],
    [
      'its own error',
      (_q, response) =>
        response.writeHead(400).end('{"status":"error","errorType":"bad_data","error":"parse error: x"}'),
      /bad_data: parse error: x/,
    ],
    [
      'an answer that is not whole',
      (_q, response) => answer(response, [series({}, [110, 1])], 'matrix', { warnings: ['store down'] }),
      /not whole: store down/,
    ],
    [
      'a native histogram',
      (_q, response) => answer(response, [{ metric: {}, histograms: [[1, {}]] }]),
      /native histogram.*Fix: ask for a number/,
    ],
    [
      'values that are no numbers',
      (_q, response) => answer(response, [{ metric: {}, values: [[1, 2]] }]),
      /as Prometheus does/,
    ],
    ['a redirect', (_q, response) => response.writeHead(302, { location: '/x' }).end(), /302 instead of 200/],
    ['bytes without end', (_q, response) => response.end(Buffer.alloc(9_000_000, 0x20)), /./],
    ['a connection that is cut', (_q, response) => response.destroy(), /./],
  ])('%s', async (_what, listener, message) => {
    const { query } = await source(number, listener);
    expect(await query(at(100, 110))).toMatchObject({ is: 'error', message: expect.stringMatching(message) });
  });

  it('no answer in time', async () => {
    const { query } = await source({ ...number, timeout: '100ms' }, () => undefined);
    expect(await query(at(100, 110))).toMatchObject({ is: 'error' });
  });

  it('counters that are negative', async () => {
    const { query } = await source(requests, (_q, response) => answer(response, [counter('200', [95, -1])]));
    expect(await query(at(100, 100))).toMatchObject({
      is: 'error',
      message: expect.stringContaining('no counter'),
    });
  });
});

describe('headers', () => {
  const secret = { headers: { Authorization: { env: 'PROM_TOKEN' }, 'X-Scope-OrgID': 'shop' }, query: 'x' };

  it('carry secrets by the names of their variables', async () => {
    let headers: IncomingMessage['headers'] = {};
    const { query } = await source(
      secret,
      (request, response) => {
        headers = request.headers;
        answer(response, [series({}, [110, 1])]);
      },
      { variable: (name) => (name === 'PROM_TOKEN' ? 'Bearer t0ken' : undefined) },
    );
    expect(values(await query(at(100, 110)))).toEqual([[1, undefined]]);
    expect(headers).toMatchObject({ authorization: 'Bearer t0ken', 'x-scope-orgid': 'shop' });
  });

  it.each([
    ['that is not set', undefined, /PROM_TOKEN|Authorization is not set.*secrets\.PROM_TOKEN/],
    ['of two lines', 'a\nb', /more than one line/],
  ])('with a variable %s are an error, and nothing is sent', async (_what, value, message) => {
    let sent = 0;
    const { query } = await source(
      secret,
      (_q, response) => {
        sent++;
        response.end();
      },
      { variable: () => value },
    );
    expect(await query(at(100, 110))).toMatchObject({ is: 'error', message: expect.stringMatching(message) });
    expect(sent).toBe(0);
  });
});

describe('numbers as JSON from any server', () => {
  const json = async (config: object, listener: RequestListener): Promise<MetricSource> => {
    const server = await serve(listener);
    const http = createHttpClient();
    open.push(
      () => server.close(),
      () => http.close(),
    );
    const { path = '/', ...rest } = config as { path?: string };
    return openSource(sourceSchema.parse({ type: 'json', url: `${server.url}${path}`, ...rest }), {
      http,
      clock: { now: () => 0, sleep: async () => undefined },
      subject: subject('1.1.0+b 1', 'green'),
      variable: (name) => (name === 'KEY' ? 'k3y' : undefined),
    });
  };
  const says =
    (body: unknown): RequestListener =>
    (_q, response) =>
      response.end(JSON.stringify(body));

  it('are requests and errors between two instants, which stand in address and body', async () => {
    let seen = { url: '', body: '', key: '' };
    const { query } = await json(
      {
        path: '/metrics?from={{ from-seconds }}&version={{ version }}',
        method: 'POST',
        headers: { 'api-key': { env: 'KEY' } },
        body: '{"to":"{{ to-iso }}","version":"{{ version }}"}',
        requests: '$.hits',
        errors: '$.errors',
      },
      (request, response) => {
        let body = '';
        request.on('data', (chunk: Buffer) => (body += chunk.toString()));
        request.on('end', () => {
          seen = { url: request.url!, body, key: String(request.headers['api-key']) };
          response.end('{"hits":200,"errors":"3"}');
        });
      },
    );
    expect(countsOf(await query(at(100, 130)))).toEqual([[200, 3]]);
    expect(seen).toEqual({
      url: '/metrics?from=100&version=1.1.0%2Bb%201',
      body: '{"to":"1970-01-01T00:02:10.000Z","version":"1.1.0+b 1"}',
      key: 'k3y',
    });
  });

  it('are asked for from where the last answer ended, also after one that failed', async () => {
    const urls: string[] = [];
    const left = [200, 500, 200];
    const { query } = await json(
      { path: '/{{ from-seconds }}/{{ to-seconds }}', requests: '$.r', errors: '$.e' },
      (request, response) => {
        urls.push(request.url!);
        response.writeHead(left.shift()!).end('{"r":1,"e":0}');
      },
    );
    for (const [from, to] of [
      [100, 110],
      [110, 120],
      [120, 130],
    ] as const)
      await query(at(from, to));
    expect(urls).toEqual(['/100/110', '/110/120', '/110/130']);
  });

  it('are asked for no more often than the server knows, and of a time that it knows', async () => {
    const urls: string[] = [];
    const { query } = await json(
      { path: '/{{ from-seconds }}/{{ to-seconds }}', value: '$.v', every: '60s', delay: '30s' },
      (request, response) => {
        urls.push(request.url!);
        response.end('{"v":1}');
      },
    );
    for (const to of [110, 130, 160, 190]) await query(at(100, to));
    expect(urls).toEqual(['/70/130']);
  });

  it.each<[what: string, config: object, body: unknown, reading: object]>([
    ['nothing at the path', { value: '$.v' }, {}, { is: 'absent' }],
    ['null', { value: '$.v' }, { v: null }, { is: 'absent' }],
    [
      'several values',
      { value: '$.v[*]' },
      { v: [1, 2] },
      { is: 'error', message: expect.stringContaining('2 values') },
    ],
    [
      'no number',
      { value: '$.v' },
      { v: 'many' },
      { is: 'error', message: expect.stringContaining('"many"') },
    ],
    ['a list', { value: '$.v' }, { v: [1] }, { is: 'error' }],
    [
      'more errors than requests',
      { requests: '$.r', errors: '$.e' },
      { r: 1, e: 2 },
      { is: 'error', message: expect.stringContaining('2 errors of 1 requests') },
    ],
    [
      'what was measured too long ago',
      { value: '$.v', at: '$.at', 'max-age': '1m' },
      { v: 1, at: 30 },
      { is: 'stale' },
    ],
    ['no time', { value: '$.v', at: '$.at' }, { v: 1, at: 'now' }, { is: 'error' }],
  ])('%s is a stated reading, never a zero', async (_what, config, body, reading) => {
    const { query } = await json(config, says(body));
    expect(await query(at(100, 110))).toMatchObject(reading);
  });

  it.each([1_700_000_005, 1_700_000_005_000, '2023-11-14T22:13:25Z'])(
    'with the time %s are young enough, and 70 s later are not',
    async (time) => {
      const { query } = await json({ value: '$.v', at: '$.at', 'max-age': '1m' }, says({ v: 1, at: time }));
      const now = 1_700_000_010;
      expect(await query(at(now - 10, now))).toMatchObject({ is: 'data', values: [{ value: 1 }] });
      expect(await query(at(now, now + 70))).toMatchObject({ is: 'stale' });
    },
  );
});

describe('a section of the criteria file', () => {
  const problem = (config: object) => sourceSchema.safeParse(config).success;
  it.each<[what: string, config: object]>([
    ['two ways at once', { type: 'prometheus', url: 'http://p', query: 'x', stack: { name: 'istio' } }],
    ['no way', { type: 'prometheus', url: 'http://p' }],
    ['an address without scheme', { type: 'prometheus', url: 'prometheus:9090', query: 'x' }],
    [
      'a latency that is not measured',
      { type: 'prometheus', url: 'http://p', stack: { name: 'haproxy', latency: 'p95' } },
    ],
    ['an unknown placeholder', { type: 'prometheus', url: 'http://p', query: 'x{v="{{ versoin }}"}' }],
    ['requests without errors', { type: 'json', url: 'http://p', requests: '$.r' }],
    [
      'requests beside a value',
      { type: 'json', url: 'http://p', requests: '$.r', errors: '$.e', value: '$.v' },
    ],
    ['a header of two lines', { type: 'json', url: 'http://p', value: '$.v', headers: { a: 'b\nc' } }],
  ])('with %s is refused', (_what, config) => expect(problem(config)).toBe(false));
});
