import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHttpClient } from '../../../../shared/http/client.js';
import type { HttpClient } from '../../../../shared/http/types.js';
import { systemClock } from '../../../../shared/runner/port.js';
import type { TrafficConfig } from '../../../../shared/traffic/config/schema.js';
import { mostSamples } from '../../../../shared/contracts/reports/switch-report.js';
import { checkEntry } from '../../../../shared/traffic/colour/entry.js';
import { FailureCount } from '../../../../shared/traffic/colour/failures.js';
import { digestOf, startColour, type Colour } from '../../../support/traffic/colours.js';

let http: HttpClient;
let colour: Colour;
beforeEach(async () => {
  http = createHttpClient();
  colour = await startColour('2.0.0', digestOf('2'));
});
afterEach(async () => {
  http.close();
  await colour.close();
});

const identity = {
  path: '/',
  version: { json: '$.version' },
  digest: { json: '$.digest' },
} as TrafficConfig['identity'];

/** Looks as often as told; `onLook` is called before each. */
function check(connections: number, onLook: (look: number) => void = () => undefined, within = 60_000) {
  let look = 0;
  const counting: HttpClient = {
    ...http,
    send: (request) => {
      onLook(++look);
      return http.send(request);
    },
  };
  const entry = { url: colour.url, connections, for: 0, within, timeout: 60_000 };
  const clock = { ...systemClock, sleep: () => Promise.resolve() };
  return checkEntry(
    { http: counting, clock },
    { entry, identity },
    { version: '2.0.0', digest: digestOf('2') },
  );
}

describe('samples of new connections', () => {
  it('say of each when it was opened and what it showed', async () => {
    const start = Date.now();
    const { samples, opened, ...rest } = await check(3);
    expect(rest).toMatchObject({ ok: true, connections: 3, seen: 3 });
    expect(opened).toBe(3);
    expect(samples).toEqual(
      Array(3).fill({ at: expect.any(Number), is: 'expected', version: '2.0.0', digest: digestOf('2') }),
    );
    expect(samples.every(({ at }) => at >= start && at <= Date.now())).toBe(true);
  });

  it('do not count as wrong what came before the first good answer', async () => {
    colour.version = '1.0.0';
    const done = await check(3, (look) => (colour.version = look <= 2 ? '1.0.0' : '2.0.0'));
    expect(done).toMatchObject({ ok: true, connections: 3, seen: 3, opened: 5 });
    expect(done.samples.map(({ is, version }) => [is, version])).toEqual([
      ['not-yet', '1.0.0'],
      ['not-yet', '1.0.0'],
      ['expected', '2.0.0'],
      ['expected', '2.0.0'],
      ['expected', '2.0.0'],
    ]);
  });

  it('have the wrong one first, with what is wrong, when an answer is another after the router may still settle', async () => {
    const done = await check(5, (look) => (colour.version = look === 3 ? '1.0.0' : '2.0.0'), 0);
    expect(done).toMatchObject({ ok: false, connections: 3, seen: 2, opened: 3 });
    expect(done.samples.map(({ is }) => is)).toEqual(['wrong', 'expected', 'expected']);
    expect(done.samples[0]).toMatchObject({
      version: '1.0.0',
      message: 'it says version 1.0.0 instead of 2.0.0',
    });
  });

  it('are all wrong when the expected release is never seen', async () => {
    colour.well = false;
    const done = await check(3, () => undefined, -1);
    expect(done).toMatchObject({ ok: false, connections: 1, seen: 0, opened: 1 });
    expect(done.samples).toEqual([{ at: expect.any(Number), is: 'wrong', message: 'the entry answers 503' }]);
  });

  it('are as many as a report can bear, while the counts are of all', async () => {
    const done = await check(mostSamples + 20, (look) => (colour.version = look <= 3 ? '1.0.0' : '2.0.0'));
    expect(done).toMatchObject({ ok: true, seen: mostSamples + 20, opened: mostSamples + 23 });
    expect(done.samples).toHaveLength(mostSamples);
    expect(done.samples.filter(({ is }) => is === 'not-yet')).toHaveLength(3);
    // The first and the last ones of what is too many.
    expect(done.samples.at(-1)!.at).toBeGreaterThanOrEqual(done.samples.at(3)!.at);
  });

  it('keep no more of an answer than can be a version', async () => {
    colour.version = 'x'.repeat(100_000);
    const [sample] = (await check(1, () => undefined, -1)).samples;
    expect(sample!.version!.length).toBeLessThan(1_000);
    expect(sample!.message!.length).toBeLessThan(1_000);
  });
});

it('an entry that redirects is told so, with the line to change', async () => {
  const response = { url: '', status: 301, headers: { location: ['https://www.example.com/'] } };
  const redirecting = {
    ...http,
    send: async () => ({ ok: true, response: { ...response, body: new Uint8Array(), durationMs: 1 } }),
  } as unknown as HttpClient;
  const entry = { url: colour.url, connections: 1, for: 0, within: -1, timeout: 1 };
  const done = await checkEntry(
    { http: redirecting, clock: systemClock },
    { entry, identity },
    { version: '2.0.0' },
  );
  expect(done).toMatchObject({ ok: false, seen: 0 });
  expect(done.message).toContain(
    'the entry answers 301, and redirects (here to "https://www.example.com/") are not followed: give entry.url as the address that answers',
  );
});

describe('switch fault 8: a router that settles late', () => {
  /** A clock that only moves when somebody waits, and an entry that shows by it what `shows` says. */
  function settling(shows: (ms: number) => '1.0.0' | '2.0.0' | 503, within = 30_000) {
    let now = 1_000_000;
    const start = now;
    const clock = { now: () => now, sleep: async (ms: number) => void (now += ms) };
    const fake = {
      ...http,
      send: async () => {
        const shown = shows(now - start);
        const body = new TextEncoder().encode(JSON.stringify({ version: shown }));
        const status = shown === 503 ? 503 : 200;
        return { ok: true, response: { url: '', status, headers: {}, body, durationMs: 1 } };
      },
    } as HttpClient;
    const entry = { url: colour.url, connections: 20, for: 2_000, within, timeout: 1_000 };
    const failures = new FailureCount();
    const done = checkEntry({ http: fake, clock, failures }, { entry, identity }, { version: '2.0.0' });
    return done.then((check) => ({ ...check, tookMs: now - start, failures: failures.seen }));
  }
  const everyThird = (ms: number) => Math.floor(ms / 50) % 3 === 0;

  it.each([
    ['keeps the old release for 2 s', (ms: number) => (ms < 2_000 ? '1.0.0' : '2.0.0') as '2.0.0'],
    [
      'goes back and forth for 2 s',
      (ms: number) => (ms < 2_000 && everyThird(ms) ? '1.0.0' : '2.0.0') as '2.0.0',
    ],
  ])(
    'is waited for when it %s, and then every connection must be new for as long as asked',
    async (_, shows) => {
      const done = await settling(shows);
      expect(done).toMatchObject({ ok: true, failures: { failed: 0 } });
      expect(done.tookMs).toBeGreaterThanOrEqual(4_000 - 150);
      expect(done.tookMs).toBeLessThan(6_000);
      expect(done.samples.every(({ is }) => is !== 'wrong')).toBe(true);
    },
  );

  it('does not settle when it still goes back and forth after entry.within', async () => {
    const done = await settling((ms) => (everyThird(ms) ? '1.0.0' : '2.0.0'), 5_000);
    expect(done).toMatchObject({ ok: false });
    expect(done.message).toMatch(
      /does not reach 2\.0\.0 5\.\d s after .*\d+ of \d+ did: it says version 1\.0\.0/,
    );
  });

  it('is not believed to have settled by a pause of its old answers that is shorter than they came for', async () => {
    // Old answers for 6 s, none for 3 s, then one more: twice as long as entry.for is not enough.
    const done = await settling((ms) =>
      (ms < 6_000 && everyThird(ms)) || (ms >= 9_000 && ms < 9_050) ? '1.0.0' : '2.0.0',
    );
    expect(done.ok).toBe(true);
    expect(done.tookMs).toBeGreaterThan(9_050 + 8_900);
  });

  it('is not kept when one old answer comes after entry.within, in the stretch that must be new', async () => {
    const done = await settling((ms) => (ms >= 1_000 && ms < 1_200 ? '1.0.0' : '2.0.0'), 500);
    expect(done.ok).toBe(false);
  });

  it('counts the errors it gave meanwhile, which stay wrong in a check that passes', async () => {
    const done = await settling((ms) => (ms > 200 && ms <= 1_500 ? 503 : '2.0.0'));
    expect(done.ok).toBe(true);
    expect(done.failures.failed).toBeGreaterThan(10);
    expect(done.failures.why).toBe('the entry answers 503');
    expect(done.samples.filter(({ is }) => is === 'wrong')).toHaveLength(done.failures.failed);
  });
});
