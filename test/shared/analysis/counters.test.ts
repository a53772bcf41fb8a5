import { describe, expect, it } from '@jest/globals';
import { labelPattern } from '../../../shared/analysis/label-pattern.js';
import { increase, selectCounters, type Scrape } from '../../../shared/analysis/sources/counters.js';
import { parseExposition } from '../../../shared/text/exposition.js';

const selection = {
  metric: 'http_requests_total',
  match: { version: '1.1.0' },
  errorLabel: 'code',
  isError: labelPattern('^5')!,
  version: '1.1.0',
};

const select = (page: string, at = 0, match: Record<string, string> = selection.match) => {
  const parsed = parseExposition(page, new Set(['http_requests_total']));
  if (!parsed.ok) throw new Error(parsed.why);
  return selectCounters(parsed, { ...selection, match }, at, 60_000);
};

const scrape = (values: Record<string, number>, processStart?: number): Scrape => ({
  at: 0,
  processStart,
  counters: new Map(
    Object.entries(values).map(([code, value]) => [code, { value, error: code.startsWith('5') }]),
  ),
});

describe('the selected counters', () => {
  it('are those of the new version only', () => {
    const selected = select(
      'http_requests_total{version="1.0.0",code="500"} 9\nhttp_requests_total{version="1.1.0",code="500"} 2\n',
    );
    expect(selected.is === 'selected' && [...selected.counters.values()]).toEqual([
      { value: 2, error: true },
    ]);
  });

  it.each([
    ['version', '1.0.0', '1.1.0'],
    ['build', '1.0.0', '1.1.0'],
    ['app_version', '0.9.0', '1.0.0'],
  ])(
    'of several versions by label %s (%s and %s) are refused without a match for it',
    (label, one, other) => {
      const page = [one, other]
        .map((value) => `http_requests_total{${label}="${value}",code="200"} 9\n`)
        .join('');
      expect(select(page, 0, {})).toEqual({
        is: 'error',
        message: expect.stringContaining(`match: { ${label}: '{{ version }}' }`),
      });
    },
  );

  it('of one version, or of several versions of HTTP, need no match', () => {
    const line = (version: string) => `http_requests_total{version="${version}",code="200"} 9\n`;
    expect(select(line('1.1.0'), 0, {}).is).toBe('selected');
    expect(select(line('1.1') + line('2'), 0, {}).is).toBe('selected');
  });

  it('leave out what nobody asked for, so that health checks and scrapes do not dilute the rate', () => {
    const page = parseExposition(
      'http_requests_total{version="1.1.0",code="200",route="/health"} 900\nhttp_requests_total{version="1.1.0",code="500",route="/"} 2\nhttp_requests_total{version="1.1.0",code="200"} 3\n',
      new Set(['http_requests_total']),
    );
    const except = { label: 'route', matches: labelPattern('^/(health|metrics)$')! };
    const selected = page.ok ? selectCounters(page, { ...selection, except }, 0, 60_000) : undefined;
    expect(selected?.is === 'selected' && [...selected.counters.values()].map(({ value }) => value)).toEqual([
      2, 3,
    ]);
  });

  it.each([
    ['http_requests_total{version="1.0.0",code="200"} 9', 'absent', 'version: 1.0.0'],
    [
      'http_request_total{version="1.1.0",code="200"} 9',
      'absent',
      'the page has no http_requests_total (did you mean http_request_total?)',
    ],
    ['', 'absent', 'the page has no http_requests_total'],
    [
      'http_requests_total{version="1.1.0",status="200"} 9',
      'error',
      'has no label "code" (it has version, status)',
    ],
    ['http_requests_total{version="1.1.0",code="200"} NaN', 'error', 'is NaN'],
    ['http_requests_total{version="1.1.0",code="200"} -1', 'error', 'is -1'],
    ['http_requests_total{version="1.1.0",code="200"} +Inf', 'error', 'is Infinity'],
    [
      '# TYPE http_requests_total gauge\nhttp_requests_total{version="1.1.0",code="200"} 9',
      'error',
      'is a gauge',
    ],
  ])('of %j are %s: %s', (page, is, message) => {
    expect(select(page)).toMatchObject({ is, message: expect.stringContaining(message) });
  });

  it.each([
    ['seconds_bucket', 'counts each request in several buckets. Fix: set  metric: seconds_count'],
    ['seconds_sum', 'counts durations, not requests. Fix: set  metric: seconds_count'],
  ])('of %s are refused: a part of a histogram is no counter of requests', (metric, why) => {
    const parsed = parseExposition(
      `# TYPE seconds histogram\n${metric}{code="200",le="1"} 9\n`,
      new Set([metric]),
    );
    expect(parsed.ok && selectCounters(parsed, { ...selection, metric, match: {} }, 0, 60_000)).toEqual({
      is: 'error',
      message: expect.stringContaining(why),
    });
  });

  it('are stale when their own timestamp is older than allowed', () => {
    const page = 'http_requests_total{version="1.1.0",code="200"} 9 1000000\n';
    expect(select(page, 1_060_000).is).toBe('selected');
    expect(select(page, 1_060_001)).toMatchObject({ is: 'stale' });
  });
});

describe('what was counted between two scrapes', () => {
  it('is the growth of every series', () => {
    expect(increase(scrape({ 200: 10, 500: 1 }), scrape({ 200: 30, 500: 4 }))).toEqual({
      ok: true,
      requests: 23,
      errors: 3,
    });
  });

  it('counts a series that was not there before from 0: the first error must not get lost', () => {
    expect(increase(scrape({ 200: 10 }), scrape({ 200: 10, 500: 5 }))).toMatchObject({
      requests: 5,
      errors: 5,
    });
  });

  it('counts from 0 for the one counter that fell: resets are per series', () => {
    expect(increase(scrape({ 200: 100, 500: 3 }), scrape({ 200: 10, 500: 4 }))).toEqual({
      ok: true,
      requests: 11,
      errors: 1,
      note: 'the counters began again at 0',
    });
  });

  it('knows a restart by the start of the process even where the counters have passed their old values', () => {
    expect(increase(scrape({ 200: 5 }, 100), scrape({ 200: 8 }, 200))).toMatchObject({
      requests: 8,
      note: 'the counters began again at 0',
    });
  });

  it('does not hold the lifetime of a process again when its series get another label', () => {
    const renamed = increase(
      scrape({ 200: 900, 500: 120 }, 100),
      scrape({ '200,a': 905, '500,a': 120 }, 100),
    );
    expect(renamed).toEqual({
      ok: true,
      requests: 0,
      errors: 0,
      note: 'series vanished: new ones count from here',
    });
  });

  it('is refused when the later process was running at the first scrape already: that is no restart', () => {
    const at = 10_000_000;
    const one = { ...scrape({ 200: 20_000 }, 1_000), at };
    const other = { ...scrape({ 200: 20_100 }, 1_003), at: at + 5_000 };
    expect(increase(one, other)).toMatchObject({ ok: false, why: expect.stringContaining('multiprocess') });
  });

  it('is refused when processes answer in turn', () => {
    expect(increase(scrape({ 200: 5 }, 200), scrape({ 200: 8 }, 100))).toMatchObject({
      ok: false,
      why: expect.stringContaining('several processes'),
    });
  });

  it('is nothing when a series vanished, and never negative', () => {
    expect(increase(scrape({ 200: 5, 500: 5 }), scrape({ 200: 5 }))).toMatchObject({
      requests: 0,
      errors: 0,
    });
  });
});
