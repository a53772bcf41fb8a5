import { describe, expect, it } from '@jest/globals';
import { openSource, sourceSchema } from '../../../../shared/analysis/registry.js';
import type { HttpClient } from '../../../../shared/http/types.js';
import type { Reading } from '../../../../shared/contracts/reports/analysis-report.js';

const begin = 1_790_000_000_000;

/** What a scrape of one target showed, `at` seconds after the first look. */
interface Scraped {
  at: number;
  good: number;
  bad?: number;
  start?: number;
}

/** Prometheus that has these scrapes, each known at once; looks are made every 15 s. */
async function looksAt(scrapes: readonly Scraped[]): Promise<Reading[]> {
  let now = begin;
  const asked = (url: URL) => {
    const [, metric = '', range = '0'] = /^(\w+)\{.*\[(\d+)s\]$/.exec(url.searchParams.get('query')!) ?? [];
    const known = scrapes.filter(
      ({ at }) => at * 1_000 <= now - begin && at * 1_000 > now - begin - Number(range) * 1_000,
    );
    const series = (more: object, of: (one: Scraped) => number | undefined) => ({
      metric: { __name__: metric, instance: 'a:80', ...more },
      values: known.flatMap((one) => {
        const value = of(one);
        return value === undefined ? [] : [[begin / 1_000 + one.at, String(value)]];
      }),
    });
    const all =
      metric === 'process_start_time_seconds'
        ? [series({}, ({ start }) => start)]
        : [series({ code: '200' }, ({ good }) => good), series({ code: '500' }, ({ bad }) => bad)];
    return all.filter(({ values }) => values.length > 0);
  };
  const http: HttpClient = {
    async send({ url }) {
      const result = asked(new URL(url));
      const body = new TextEncoder().encode(
        JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }),
      );
      return { ok: true, response: { url, status: 200, headers: {}, body, durationMs: 1 } };
    },
    async close() {},
  };
  const config = {
    type: 'prometheus',
    url: 'http://prometheus',
    requests: { metric: 'http_requests_total', errors: { label: 'code', matches: '^5' } },
  };
  const source = openSource(sourceSchema.parse(config), {
    http,
    clock: { now: () => now, sleep: async () => undefined },
    subject: {
      environment: 'production',
      service: 'shop',
      version: '1.1.0',
      colour: 'green',
      sha: 'a'.repeat(40),
      colourUrl: 'http://green',
      entryUrl: 'http://entry',
    },
  });
  const readings: Reading[] = [];
  let last = now;
  for (const { at } of scrapes.filter(({ at }) => at >= 0)) {
    now = begin + at * 1_000;
    readings.push(await source.query({ from: last, to: now }));
    last = now;
  }
  return readings;
}

const counts = (readings: readonly Reading[]) =>
  readings.map((one) =>
    one.is === 'data' ? one.samples.map(({ requests, errors }) => [requests, errors]) : one.message,
  );
const start = (secondsAgo: number) => begin / 1_000 - secondsAgo;
const several = expect.stringMatching(/a:80 is answered by several processes in turn/);

describe('a target whose scrapes another process answers', () => {
  const one = { start: start(900) };
  const other = { start: start(600) };

  it('with higher counters is found by when it started, before its life counts', async () => {
    const said = counts(
      await looksAt([
        { at: 0, good: 1_000, bad: 0, ...one },
        { at: 15, good: 1_075, bad: 0, ...one },
        { at: 30, good: 8_000, bad: 900, ...other },
        { at: 45, good: 8_075, bad: 900, ...other },
      ]),
    );
    expect(said).toEqual([[], [[75, 0]], several, several]);
  });

  it('with lower counters too, though it started later', async () => {
    const said = counts(
      await looksAt([
        { at: 0, good: 8_000, bad: 0, ...one },
        { at: 15, good: 8_075, bad: 0, ...one },
        { at: 30, good: 1_000, bad: 900, ...other },
      ]),
    );
    expect(said[2]).toEqual(several);
  });

  it('and began just before the scrape before it counts from there: both ran for a while', async () => {
    const said = counts(
      await looksAt([
        { at: 0, good: 8_000, bad: 0, ...one },
        { at: 15, good: 8_075, bad: 0, ...one },
        { at: 30, good: 200, bad: 90, start: start(5) },
        { at: 45, good: 275, bad: 90, start: start(5) },
      ]),
    );
    expect(said.slice(2)).toEqual([[[0, 0]], [[75, 0]]]);
  });

  it('and began since is a restart, to higher counters too', async () => {
    const said = counts(
      await looksAt([
        { at: 0, good: 10, bad: 0, ...one },
        { at: 15, good: 11, bad: 0, ...one },
        { at: 30, good: 100, bad: 60, start: start(-20) },
      ]),
    );
    expect(said[2]).toEqual([[160, 60]]);
  });
});

describe('a target that does not say when it started', () => {
  it('and goes up and down between values that are alike is several processes', async () => {
    const said = counts(
      await looksAt([
        { at: 0, good: 900, bad: 90 },
        { at: 15, good: 700, bad: 40 },
        { at: 30, good: 940, bad: 90 },
        { at: 45, good: 740, bad: 40 },
      ]),
    );
    expect(said[1]).toEqual([[0, 0]]);
    expect(said[3]).toEqual(several);
  });

  it('and falls to little began again at 0', async () => {
    const said = counts(
      await looksAt([
        { at: 0, good: 900, bad: 90 },
        { at: 15, good: 970, bad: 90 },
        { at: 30, good: 40, bad: 12 },
      ]),
    );
    expect(said[2]).toEqual([[52, 12]]);
  });
});
