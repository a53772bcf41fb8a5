import { afterEach, describe, expect, it } from '@jest/globals';
import type { RequestListener } from 'node:http';
import { openSource, sourceSchema } from '../../../shared/analysis/registry.js';
import type { Subject } from '../../../shared/analysis/source.js';
import { createHttpClient } from '../../../shared/http/client.js';
import { serve } from '../../support/servers/http.js';

const open: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function source(config: object, listener: RequestListener, by: readonly string[] = []) {
  const server = await serve(listener);
  const http = createHttpClient();
  open.push(
    () => server.close(),
    () => http.close(),
  );
  let now = 0;
  const subject: Subject = {
    environment: 'production',
    service: 'shop',
    version: '1.1.0',
    colour: 'green',
    sha: 'a'.repeat(40),
    colourUrl: server.url,
    entryUrl: 'http://127.0.0.1:9',
  };
  const opened = openSource(sourceSchema.parse(config), {
    http,
    clock: { now: () => (now += 5_000), sleep: async () => undefined },
    subject,
    by,
  });
  return { query: (signal?: AbortSignal) => opened.query({ from: 0, to: 0 }, signal), server };
}

const metrics = (timeout = '1s') => ({
  type: 'prometheus-text',
  path: '/metrics',
  timeout,
  requests: {
    metric: 'http_requests_total',
    match: { version: '{{ version }}' },
    errors: { label: 'code', matches: '^5' },
  },
});
const line = (code: number, value: number, version = '1.1.0') =>
  `http_requests_total{version="${version}",code="${code}"} ${value}\n`;

/** Serves the pages in turn; the last one for ever. */
const pages =
  (...bodies: string[]): RequestListener =>
  (_, response) =>
    void response.end(bodies.length > 1 ? bodies.shift() : bodies[0]);

describe('a metrics page', () => {
  it('gives what was counted since the last look, of the new version alone', async () => {
    const { query } = await source(
      metrics(),
      pages(line(200, 10) + line(500, 900, '1.0.0'), line(200, 70) + line(500, 40) + line(500, 999, '1.0.0')),
    );
    expect(await query()).toEqual({ is: 'data', samples: [], message: 'first scrape, the baseline' });
    expect(await query()).toEqual({
      is: 'data',
      samples: [{ from: 5_000, to: 10_000, requests: 100, errors: 40 }],
    });
    expect(await query()).toEqual({
      is: 'data',
      samples: [{ from: 10_000, to: 15_000, requests: 0, errors: 0 }],
    });
  });

  it('counts by the values of the labels that are asked for', async () => {
    const at = (route: string, code: number, value: number) =>
      `http_requests_total{version="1.1.0",route="${route}",code="${code}"} ${value}\n`;
    const { query } = await source(
      metrics(),
      pages(
        at('/a', 200, 10) + line(200, 1),
        at('/a', 200, 15) + at('/b', 500, 3) + at('/b', 200, 1) + line(200, 3),
      ),
      ['route'],
    );
    await query();
    expect(await query()).toMatchObject({
      samples: [
        {
          requests: 11,
          errors: 3,
          groups: [
            { label: 'route', value: '/a', requests: 5, errors: 0 },
            { label: 'route', value: '/b', requests: 4, errors: 3 },
            { label: 'route', value: '', requests: 2, errors: 0 },
          ],
        },
      ],
    });
  });

  it.each([
    ['no series has', line(200, 1), 'no series has the label "route"'],
    [
      'has more values than anybody could look at',
      Array.from(
        { length: 201 },
        (_, index) => `http_requests_total{version="1.1.0",code="200",route="/${index}"} 1\n`,
      ).join(''),
      'has 201 values, and at most 200 are judged each',
    ],
  ])('is an error for a label that %s', async (_, page, message) => {
    const { query } = await source(metrics(), pages(page), ['route']);
    expect(await query()).toMatchObject({ is: 'error', message: expect.stringContaining(message) });
  });

  it('says when its counters began again', async () => {
    const { query } = await source(metrics(), pages(line(200, 100), line(200, 7)));
    await query();
    expect(await query()).toMatchObject({
      samples: [{ requests: 7 }],
      message: 'the counters began again at 0',
    });
  });

  it('spans a scrape that failed, so that nothing counted meanwhile is lost', async () => {
    let looks = 0;
    const { query } = await source(metrics(), (_, response) => {
      looks++;
      response.statusCode = looks === 2 ? 503 : 200;
      response.end(line(200, looks * 10));
    });
    await query();
    expect(await query()).toMatchObject({
      is: 'error',
      message: expect.stringContaining('answers 503 instead of 200'),
    });
    expect(await query()).toMatchObject({ samples: [{ from: 5_000, to: 15_000, requests: 20 }] });
  });

  it('that misses the series at a look keeps its last counters: the lifetime is not counted again', async () => {
    const { query } = await source(metrics(), pages(line(500, 120), 'up 1\n', line(500, 121)));
    await query();
    expect(await query()).toMatchObject({ is: 'absent' });
    expect(await query()).toMatchObject({ samples: [{ from: 5_000, to: 15_000, requests: 1, errors: 1 }] });
  });

  it('that several processes answer is an error from then on, with what to do', async () => {
    const page = (start: number, count: number) => `process_start_time_seconds ${start}\n${line(200, count)}`;
    const { query } = await source(metrics(), pages(page(20, 9), page(10, 900), page(10, 901)));
    await query();
    const several = { is: 'error', message: expect.stringMatching(/several processes.*Fix: /) };
    expect(await query()).toMatchObject(several);
    expect(await query()).toMatchObject(several);
  });

  it('without the series is absent, and its first appearance counts from 0', async () => {
    const { query } = await source(metrics(), pages('up 1\n', line(500, 3)));
    expect(await query()).toMatchObject({
      is: 'absent',
      message: expect.stringContaining('the page has no http_requests_total'),
    });
    expect(await query()).toMatchObject({ is: 'data', samples: [{ requests: 3, errors: 3 }] });
  });
});

describe('a page in OpenMetrics', () => {
  const head = '# TYPE http_requests counter\n# UNIT http_requests requests\n';
  const sample = (code: number, value: number) =>
    `http_requests_total{version="1.1.0",code="${code}"} ${value} 5.5 # {trace_id="ab"} 0.67 5.25\n` +
    `http_requests_created{version="1.1.0",code="${code}"} 1.5\n`;
  const om = (...bodies: string[]): RequestListener => {
    const next = pages(...bodies);
    return (request, response) => {
      response.setHeader('content-type', 'application/openmetrics-text; version=1.0.0; charset=utf-8');
      next(request, response);
    };
  };

  it('is counted like any other: exemplars and instants of creation are no samples', async () => {
    const first = `${head}${sample(200, 10)}${sample(500, 1)}# EOF\n`;
    const second = first.replace('} 10 5.5', '} 40 10.5').replace('} 1 5.5', '} 3 10.5');
    const { query } = await source(metrics(), om(first, second));
    await query();
    expect(await query()).toMatchObject({ is: 'data', samples: [{ requests: 32, errors: 2 }] });
  });

  it.each<[string, string, RegExp]>([
    ['that was cut', `${head}${sample(200, 1)}`, /ends without # EOF: it was cut/],
    ['that goes on after its end', '# EOF\nhttp_requests_total{code="500"} 3\n', /something after # EOF/],
    ['with a broken exemplar', 'http_requests_total{code="500"} 3 # trace\n# EOF\n', /no value after/],
  ])('%s is an error', async (_, page, message) => {
    const { query } = await source(metrics(), om(page));
    expect(await query()).toMatchObject({ is: 'error', message: expect.stringMatching(message) });
  });
});

describe('a hostile metrics page ends in a stated error:', () => {
  it.each<[string, RequestListener, RegExp]>([
    ['garbage', pages('<html>\u0000</html>'), /not Prometheus' text format, line 1: no metric name/],
    ['a page over 4 MiB', pages(`# ${'x'.repeat(5_000_000)}\n`), /4194304|4 MiB|larger|longer/i],
    [
      'a page without end',
      (_, response) => {
        const more = () => {
          while (!response.destroyed && response.write(`# ${'x'.repeat(16_000)}\n`));
        };
        response.on('drain', more);
        more();
      },
      /4194304|4 MiB|larger|longer/i,
    ],
    ['a page that drips', (_, response) => void response.write('# slow'), /no complete answer within 150 ms/],
    ['NaN', pages(line(200, NaN)), /is NaN, which no counter can be/],
    ['another type of metric', pages(`# TYPE http_requests_total gauge\n${line(200, 1)}`), /is a gauge/],
    [
      'a redirect',
      (_, response) => void response.writeHead(302, { location: '/x' }).end(),
      /answers 302 instead of 200/,
    ],
  ])('%s', async (_, listener, message) => {
    const { query } = await source(metrics(message.source.includes('150') ? '150ms' : '5s'), listener);
    const reading = await query();
    expect(reading).toMatchObject({ is: 'error', message: expect.stringMatching(message) });
  });

  it('no server at all', async () => {
    const { query, server } = await source(metrics(), pages(''));
    await server.close();
    expect(await query()).toMatchObject({ is: 'error' });
  });
});

describe('a probe', () => {
  const probe = { type: 'probe', path: '/health/{{ version }}', 'expect-status': 204, timeout: '60s' };

  it('is a success with the expected status and a failure with any other, a redirect included', async () => {
    const paths: (string | undefined)[] = [];
    const codes = [204, 200, 302, 500];
    const { query } = await source(probe, ({ url }, response) => {
      paths.push(url);
      response.writeHead(codes[paths.length - 1]!, { location: '/' }).end();
    });
    const errors = [];
    for (const _ of codes) {
      const reading = await query();
      errors.push(reading.is === 'data' ? reading.samples[0]!.errors : reading.is);
    }
    expect(errors).toEqual([0, 1, 1, 1]);
    expect(paths[0]).toBe('/health/1.1.0');
  });

  it('is a failure when nothing answers in time or at all', async () => {
    const { query, server } = await source({ ...probe, timeout: '150ms' }, () => undefined);
    expect(await query()).toMatchObject({ is: 'data', samples: [{ requests: 1, errors: 1 }] });
    await server.close();
    expect(await query()).toMatchObject({ is: 'data', samples: [{ requests: 1, errors: 1 }] });
  });

  it('that was cancelled says nothing about the release', async () => {
    const { query } = await source(probe, () => undefined);
    expect(await query(AbortSignal.abort())).toMatchObject({ is: 'error' });
  });
});
