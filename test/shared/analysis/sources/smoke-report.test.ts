import { afterEach, describe, expect, it } from '@jest/globals';
import { check } from '../../../../shared/analysis/course/check.js';
import { readPlan } from '../../../../shared/analysis/criteria/criteria-file.js';
import { openSource, openSources, sourceSchema } from '../../../../shared/analysis/registry.js';
import type { Subject } from '../../../../shared/analysis/source.js';
import { createHttpClient } from '../../../../shared/http/client.js';
import { serve } from '../../../support/servers/http.js';
import { brokenBudget, isolationOf, smokeReportOf, tested } from './smoke-reports.js';

const open: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

const subject: Subject = {
  environment: 'production',
  service: 'shop',
  version: '1.1.0',
  colour: 'green',
  sha: 'a'.repeat(40),
  colourUrl: 'http://10.0.0.2:8080',
  entryUrl: `${tested}/health`,
};

/** A server that gives what `body` says, and how often it was asked. */
async function servedBy(body: () => unknown) {
  let asked = 0;
  const server = await serve((_, response) => {
    asked += 1;
    response.end(JSON.stringify(body()));
  });
  const http = createHttpClient();
  open.push(
    () => server.close(),
    () => http.close(),
  );
  return { url: server.url, http, asked: () => asked };
}

const fail = { result: 'fail', failed: 1 };
const violations = { counts: 'violations' };

describe('a report of smoke-test', () => {
  const ask = async (body: unknown, config: object = {}, liveSince?: number) => {
    const { url, http } = await servedBy(() => body);
    const parsed = sourceSchema.parse({ type: 'smoke-report', url, ...config });
    const clock = { now: () => 60_000, sleep: async () => undefined };
    const ports = { http, clock, subject, ...(liveSince === undefined ? {} : { liveSince }) };
    return openSource(parsed, ports).query({ from: 0, to: 60_000 });
  };

  it.each<[string, object, object, object]>([
    ['counts no failure', {}, {}, { is: 'data', values: [{ value: 0 }] }],
    [
      'of the colour itself counts too',
      { target: 'http://10.0.0.2:8080/app' },
      {},
      { is: 'data', values: [{ value: 0 }] },
    ],
    [
      'of an address that the source names counts',
      { target: 'https://public.example' },
      { target: 'https://public.example' },
      { is: 'data', values: [{ value: 0 }] },
    ],
    ['is an error of another version', { version: '1.0.0' }, {}, { is: 'error' }],
    [
      'is an error of no version, and says what to do',
      { version: null },
      {},
      {
        is: 'error',
        message: expect.stringMatching(/no named version, not 1\.1\.0\. Fix: .*expect-version/),
      },
    ],
    [
      'is an error of another environment or service',
      { target: 'https://staging.example' },
      {},
      {
        is: 'error',
        message: expect.stringMatching(
          /it tested https:\/\/staging\.example, not https:\/\/shop\.example\/health or .* Fix:/,
        ),
      },
    ],
    ['is an error of no address', { target: null }, {}, { is: 'error' }],
    ['is an error where the test broke off', { result: 'error' }, {}, { is: 'error' }],
    ['is an error of a test to come', { startedAt: '1970-01-01T01:00:00Z' }, {}, { is: 'error' }],
    ['is stale', {}, { 'max-age': '30s' }, { is: 'stale' }],
    ['counts a limit that does not hold', brokenBudget, {}, { is: 'data', values: [{ value: 1 }] }],
    [
      'counts what leaked',
      { ...fail, isolation: isolationOf('broken') },
      violations,
      { is: 'data', values: [{ value: 1 }] },
    ],
    [
      'counts that nothing leaked',
      { isolation: isolationOf('held') },
      violations,
      { is: 'data', values: [{ value: 0 }] },
    ],
    [
      'is absent where that was not shown',
      { ...fail, isolation: isolationOf('unproven') },
      violations,
      { is: 'absent' },
    ],
    ['is absent where nobody looked', {}, violations, { is: 'absent' }],
  ])('%s', async (_, changes, config, reading) => {
    expect(await ask(smokeReportOf(changes), config)).toMatchObject(reading);
  });

  it('of before this release was live says nothing of it, though the version is the same', async () => {
    const reading = await ask(smokeReportOf({ startedAt: '1970-01-01T00:00:20Z' }), {}, 20_001);
    expect(reading).toMatchObject({
      is: 'absent',
      message: expect.stringMatching(/before this release was live/),
    });
    expect(await ask(smokeReportOf({ startedAt: '1970-01-01T00:00:20Z' }), {}, 20_000)).toMatchObject({
      is: 'data',
    });
  });

  it('is an error where it is something else', async () => {
    expect(await ask({ result: 'pass' })).toMatchObject({ is: 'error' });
  });
});

describe('a check that is made an hour later', () => {
  const minute = 60_000;
  /** A release that went live at 0 and is checked at the 61st minute, up to the 60th. */
  async function checked(report: object) {
    const { url, http, asked } = await servedBy(() => report);
    const { plan, sources } = readPlan(
      `version: 1
environments:
  production:
    watch: 5m
    check: { for: 2h, interval: 1m }
    sources: { smoke: { type: smoke-report, url: '${url}', max-age: 20m } }
    criteria: [{ name: smoke, source: smoke, fail-when: value > 0, for: 1m, no-data: inconclusive }]
`,
      'rollback.yml',
      'production',
      'check',
    );
    const clock = { now: () => 61 * minute, sleep: async () => undefined };
    const before = { since: 0, checkedTo: 0, criteria: {} };
    const ports = { http, clock, subject, liveSince: 0 };
    const seen = await check(plan, before, 60 * minute, {
      clock,
      signal: new AbortController().signal,
      open: () => openSources(sources, plan, ports),
    });
    return { ...seen, asked: asked(), is: (at: number) => seen.ticks[at - 1]!.readings['smoke']!.is };
  }
  const at = (minutes: number) => new Date(minutes * minute).toISOString();

  it('asks once for the newest report, and judges by it the time from its beginning on', async () => {
    const { verdict, asked, is } = await checked(smokeReportOf({ startedAt: at(45) }));
    expect([verdict.is, asked]).toEqual(['watching', 1]);
    expect([is(44), is(45), is(60)]).toEqual(['absent', 'data', 'data']);
  });

  it('finds a failure, from the look on in which the test began', async () => {
    const { verdict, ticks } = await checked(smokeReportOf({ ...fail, startedAt: at(50) }));
    expect(verdict).toMatchObject({ is: 'failed', criterion: 'smoke' });
    expect(ticks.at(-1)!.at).toBe(50 * minute);
  });

  it('is inconclusive where nobody has tested for longer than allowed: no silence is health', async () => {
    const { verdict, is } = await checked(smokeReportOf({ startedAt: at(10) }));
    expect([verdict.is, is(10), is(30), is(31)]).toEqual(['inconclusive', 'data', 'data', 'stale']);
  });
});
