import { describe, expect, it } from '@jest/globals';
import type { IncomingMessage, RequestListener } from 'node:http';
import { refusals, start, watched } from './hostile-servers.js';
import { smokeReportOf } from './smoke-reports.js';

type Lie = [what: string, listener: RequestListener, message: RegExp];

const rate = 'fail-when: error-rate > 50 %, min-requests: 1';
const latency = 'fail-when: latency > 1s';

/** A watch by a server that lies has no verdict: it is not healthy, and nothing is rolled back on its word. */
function noVerdict(source: string, criterion: string, lies: readonly Lie[]): void {
  it.each([...refusals, ...lies])('%s: no verdict, and why', async (_, listener, message) => {
    const verdict = await watched(source, criterion, listener);
    expect(verdict).toMatchObject({ is: 'inconclusive', message: expect.stringMatching(message) });
  });
}

/** The verdicts of the same watch by servers that are honest: what is refused below is refused for its lie alone. */
function verdicts(source: string, criterion: string, well: RequestListener, bad: RequestListener): void {
  it.each([
    ['is well', well, 'healthy'],
    ['is bad', bad, 'failed'],
  ] as const)('an honest server of what %s', async (_, listener, is) => {
    expect((await watched(source, criterion, listener)).is).toBe(is);
  });
}

describe('a page of metrics that', () => {
  const source =
    "type: prometheus-text, requests: { metric: requests_total, match: { version: '{{ version }}' }, errors: { label: code, matches: '^5' } }";
  /** Serves a page of its own for every look. */
  const pages = (page: (look: number) => string): RequestListener => {
    let look = 0;
    return (_, response) => void response.end(page((look += 1)));
  };
  const line = (code: number, value: number | string, after = '') =>
    `requests_total{version="1.1.0",code="${code}"} ${value}${after}\n`;

  verdicts(
    source,
    rate,
    pages((look) => line(200, 50 * look)),
    pages((look) => line(500, 50 * look)),
  );
  noVerdict(source, rate, [
    ['is empty', pages(() => ''), /has no requests_total/],
    ['counts NaN', pages(() => line(200, 'NaN')), /is NaN, which no counter can be/],
    ['counts infinity', pages(() => line(500, '+Inf')), /is Infinity, which no counter can be/],
    ['counts less than nothing', pages((look) => line(500, -look)), /is -\d+, which no counter can be/],
    [
      'counts more than there is',
      pages((look) => line(500, `${look}e300`)),
      /e\+300, which no counter can be/,
    ],
    [
      'has a series twice',
      pages((look) => line(500, look) + line(500, 2 * look)),
      /the same series a second time/,
    ],
    [
      'is of a time to come',
      pages((look) => line(500, look, ` ${start + 900_000}`)),
      /which is in the future/,
    ],
    [
      'is of a time long ago',
      pages((look) => line(500, look, ` ${start - 900_000}`)),
      /s old by its own timestamp/,
    ],
    [
      'measures something else',
      pages((look) => `# TYPE requests_total gauge\n${line(500, look)}`),
      /is a gauge/,
    ],
    [
      'comes of a process that never started',
      pages((look) => `process_start_time_seconds NaN\n${line(500, 900 + look)}`),
      /process_start_time_seconds is NaN/,
    ],
    [
      'comes of a process that will start',
      pages((look) => `process_start_time_seconds ${start / 1_000 + 900 + look}\n${line(500, 900 + look)}`),
      /when no process can have started/,
    ],
    [
      'comes of two processes in turn',
      pages(
        (look) =>
          `process_start_time_seconds ${start / 1_000 - 900 - (look % 2)}\n${line(500, 900 * (look % 2))}`,
      ),
      /several processes in turn/,
    ],
  ]);
});

/** The instant (ms) that a question to Prometheus is about, and its range in seconds where it has one. */
function askedOf(request: IncomingMessage): { at: number; query: string } {
  const { searchParams } = new URL(request.url!, 'http://prometheus');
  return {
    at: Number(searchParams.get('time') ?? searchParams.get('end')),
    query: searchParams.get('query')!,
  };
}

type Points = readonly (readonly [atSeconds: number, value: string | number])[];

/** Answers as Prometheus' API does; the number of looks so far counts from 1. */
function prometheus(
  series: (at: number) => readonly { metric: Record<string, string>; values: Points }[],
  more: object = {},
): RequestListener {
  return (request, response) => {
    const { at, query } = askedOf(request);
    const result = query.startsWith('process_start') ? [] : series(at);
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result }, ...more }));
  };
}

describe("Prometheus' API, asked for counters, that", () => {
  const source =
    "type: prometheus, url: SERVER, requests: { metric: requests_total, errors: { label: code, matches: '^5' } }";
  const counted = (code: string, ...values: Points) => ({ metric: { code, instance: 'a:80' }, values });
  /** 50 requests a second since the watch began. */
  const upTo = (at: number) => Math.round(50 * (at - start / 1_000) + 1_000);

  verdicts(
    source,
    rate,
    prometheus((at) => [counted('200', [at, `${upTo(at)}`])]),
    prometheus((at) => [counted('500', [at, `${upTo(at)}`])]),
  );
  noVerdict(source, rate, [
    ['has nothing', prometheus(() => []), /Prometheus has no requests_total/],
    ['counts NaN', prometheus((at) => [counted('500', [at, 'NaN'])]), /is NaN, which no counter can be/],
    ['counts infinity', prometheus((at) => [counted('500', [at, '+Inf'])]), /is Infinity, which no counter/],
    ['counts less than nothing', prometheus((at) => [counted('500', [at, '-1'])]), /is -1, which no counter/],
    [
      'counts more than there is',
      prometheus((at) => [counted('500', [at, '1e300'])]),
      /which no counter can be/,
    ],
    ['counts a blank', prometheus((at) => [counted('500', [at, ' '])]), /does not answer as Prometheus does/],
    [
      'counts in its own way',
      prometheus((at) => [counted('500', [at, '0x7f'])]),
      /not answer as Prometheus does/,
    ],
    ['counts without quotes', prometheus((at) => [counted('500', [at, 7])]), /not answer as Prometheus does/],
    [
      'has a series twice',
      prometheus((at) => [counted('500', [at, `${upTo(at)}`]), counted('500', [at, `${2 * upTo(at)}`])]),
      /answers the series .* twice/,
    ],
    [
      'has a sample of a time to come',
      prometheus((at) => [counted('500', [at, '1'], [at + 3_600, '9000'])]),
      /a sample of .*, which is in the future/,
    ],
    [
      'has its samples in disorder',
      prometheus((at) => [counted('500', [at, '9000'], [at - 1, '1'])]),
      /not in the order of their times/,
    ],
    ['has a sample of long ago', prometheus((at) => [counted('500', [at - 900, '9000'])]), /is 900 s old/],
    [
      'has not all of it',
      prometheus((at) => [counted('500', [at, `${upTo(at)}`])], { warnings: ['a store is down'] }),
      /not whole: a store is down/,
    ],
    [
      'counts without the label of errors',
      prometheus((at) => [{ metric: { instance: 'a:80' }, values: [[at, `${upTo(at)}`]] }]),
      /has no label "code"/,
    ],
    [
      'fails in words',
      (_, r) => void r.end('{"status":"error","errorType":"execution","error":"too many samples"}'),
      /execution: too many samples/,
    ],
  ]);
});

describe("Prometheus' API, asked for a number, that", () => {
  const source = 'type: prometheus, url: SERVER, query: p95, unit: seconds, step: 1s';
  const valued = (...values: Points) => ({ metric: {}, values });
  verdicts(
    source,
    latency,
    prometheus((at) => [valued([at, '0.2'])]),
    prometheus((at) => [valued([at, '3'])]),
  );
  noVerdict(source, latency, [
    ['has nothing', prometheus(() => []), /no value/],
    ['says NaN', prometheus((at) => [valued([at, 'NaN'])]), /no value/],
    ['says infinity', prometheus((at) => [valued([at, '+Inf'])]), /no value/],
    [
      'says that it took less than no time',
      prometheus((at) => [valued([at, '-3'])]),
      /latency is -3000, which cannot be/,
    ],
    ['says more than anything lasts', prometheus((at) => [valued([at, '1e300'])]), /which cannot be/],
    ['says more than a number holds', prometheus((at) => [valued([at, '1.7e308'])]), /no value/],
    [
      'says two things',
      prometheus((at) => [valued([at, '3']), { metric: { pod: 'b' }, values: [[at, '0.1']] }]),
      /2 series/,
    ],
    ['speaks of a time to come', prometheus((at) => [valued([at + 60, '3'])]), /which is in the future/],
    ['speaks of a time that was not asked for', prometheus((at) => [valued([at - 60, '3'])]), /no value/],
    [
      'has a native histogram',
      (_, r) =>
        void r.end(
          '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"histograms":[[1,{}]]}]}}',
        ),
      /native histogram/,
    ],
  ]);
});

const says =
  (body: (look: number) => unknown): RequestListener =>
  (_, response) => {
    const text = body(0);
    response.end(typeof text === 'string' ? text : JSON.stringify(text));
  };

describe('JSON, asked for requests and errors, that', () => {
  const source = "type: json, url: 'SERVER/?from={{ from-ms }}&to={{ to-ms }}', requests: $.r, errors: $.e";
  verdicts(
    source,
    rate,
    says(() => ({ r: 50, e: 0 })),
    says(() => ({ r: 50, e: 50 })),
  );
  noVerdict(source, rate, [
    ['is empty', says(() => ''), /answers no JSON/],
    ['has nothing', says(() => ({})), /\$\.r finds nothing/],
    ['has null', says(() => ({ r: null, e: null })), /\$\.r finds nothing/],
    ['says NaN', says(() => '{"r":NaN,"e":NaN}'), /answers no JSON/],
    ['says NaN as text', says(() => ({ r: 'NaN', e: 'NaN' })), /finds no number but "NaN"/],
    ['says more than a number holds', says(() => '{"r":1e999,"e":1e999}'), /finds no number/],
    ['counts more than there is', says(() => '{"r":1e300,"e":1e300}'), /which cannot be/],
    ['counts less than nothing', says(() => ({ r: -5, e: -5 })), /which cannot be/],
    [
      'has more errors than requests',
      says(() => ({ r: 5, e: 9 })),
      /9 errors of 5 requests, which cannot be/,
    ],
    ['counts true', says(() => ({ r: true, e: true })), /finds no number but true/],
    ['counts in lists', says(() => ({ r: [50], e: [50] })), /finds no number but \[50\]/],
    ['is no text', (_, r) => void r.end(Buffer.from([0x7b, 0xff, 0x7d])), /answers no JSON/],
    ['is deeper than anybody looks', says(() => '['.repeat(200_000) + ']'.repeat(200_000)), /./],
  ]);

  it('is asked again when the time that it named is over, and not before', async () => {
    const busy: RequestListener = (_, response) => void response.writeHead(429, { 'retry-after': '4' }).end();
    const { is, asked } = await watched(source, rate, busy);
    const unrestrained = await watched(source, rate, (_, response) => void response.writeHead(429).end());
    expect([is, unrestrained.is]).toEqual(['inconclusive', 'inconclusive']);
    expect(asked).toBe(Math.ceil(unrestrained.asked / 4));
  });
});

describe('JSON, asked for a number, that', () => {
  const source = 'type: json, url: SERVER, value: $.v, unit: seconds, at: $.at';
  const at = start / 1_000;
  verdicts(
    source,
    latency,
    says(() => ({ v: 0.2, at })),
    says(() => ({ v: 3, at })),
  );
  noVerdict(source, latency, [
    ['took less than no time', says(() => ({ v: -3, at })), /latency is -3000, which cannot be/],
    ['lasts longer than anything', says(() => `{"v":1e300,"at":${at}}`), /which cannot be/],
    ['is more than a number holds', says(() => `{"v":1.7e308,"at":${at}}`), /finds no number but infinity/],
    ['was measured in the future', says(() => ({ v: 3, at: at + 3_600 })), /which is in the future/],
    ['was measured long ago', says(() => ({ v: 3, at: at - 3_600 })), /which is too long ago/],
    ['was measured at no time', says(() => ({ v: 3, at: 'now' })), /finds no time but "now"/],
  ]);
});

describe('a report of a smoke test that', () => {
  const source = "type: smoke-report, url: SERVER, target: 'https://shop.example'";
  const startedAt = new Date(start).toISOString();
  const report = (changes: object = {}) => says(() => smokeReportOf({ startedAt, ...changes }));
  const failing = { result: 'fail', failed: 1 };
  verdicts(source, 'fail-when: value > 0', report(), report(failing));
  noVerdict(source, 'fail-when: value > 0', [
    ['is empty', says(() => ''), /answers no JSON/],
    ['is another document', says(() => ({ result: 'fail' })), /is no report of smoke-test/],
    ['contradicts itself', report({ failed: 3 }), /is no report of smoke-test/],
    ['tested nothing', report({ passed: 0 }), /is no report of smoke-test/],
    ['counts less than nothing', report({ ...failing, failed: -1 }), /is no report of smoke-test/],
    ['is of another version', report({ ...failing, version: '1.0.0' }), /it tested 1\.0\.0, not 1\.1\.0/],
    [
      'is of another place',
      report({ ...failing, target: 'https://staging.example' }),
      /it tested https:\/\/staging/,
    ],
    ['broke off', report({ ...failing, result: 'error' }), /the test broke off/],
    [
      'is of a time to come',
      report({ ...failing, startedAt: new Date(start + 3_600_000).toISOString() }),
      /in the future/,
    ],
    [
      'is of a time long ago',
      report({ ...failing, startedAt: new Date(start - 3_600_000).toISOString() }),
      /too long ago/,
    ],
  ]);
});

describe('a probe, whose server is the release itself,', () => {
  const source = 'type: probe, path: /health';
  verdicts(
    source,
    rate,
    (_, r) => void r.end('ok'),
    (_, r) => void r.writeHead(503).end(),
  );

  it.each([
    'says that it is broken',
    'points to the metadata of the cloud',
    'never answers',
    'drips',
    'resets the connection',
    'cuts its answer',
  ])('is bad where it %s', async (what) => {
    const [, listener] = refusals.find(([known]) => known === what)!;
    expect((await watched(source, rate, listener)).is).toBe('failed');
  });

  it('says nothing where it sends more than anybody reads, or its address must never be asked', async () => {
    const [, bomb] = refusals.find(([known]) => known === 'sends a bomb')!;
    expect(await watched(source, rate, bomb)).toMatchObject({ is: 'inconclusive' });
    const metadata = { colourUrl: 'http://169.254.169.254' };
    expect(await watched(source, rate, (_, r) => void r.end('ok'), metadata)).toMatchObject({
      is: 'inconclusive',
      asked: 0,
    });
  });
});
