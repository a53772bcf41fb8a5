import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHttpClient } from '../../../../shared/http/client.js';
import type { HttpClient } from '../../../../shared/http/types.js';
import { checkFit } from '../../../../shared/traffic/colour/fit.js';
import { resolveHeaders } from '../../../../shared/traffic/config/headers.js';
import { trafficSchema } from '../../../../shared/traffic/config/schema.js';
import type { Router, Serving } from '../../../../shared/traffic/router.js';
import { digestOf, startColour, type Colour } from '../../../support/traffic/colours.js';

let http: HttpClient;
let green: Colour;
beforeEach(async () => {
  http = createHttpClient();
  green = await startColour('2.0.0', digestOf('2'));
});
afterEach(async () => {
  http.close();
  await green.close();
});

/** Asks with a router that says what `says` gives for the milliseconds that have passed, and how long that took. */
async function fit(says: (passed: number) => Serving, wish: { partly?: boolean } = {}) {
  const router = { type: 'haproxy', mode: 'map', nodes: [{ name: 'a', socket: '/a' }], map: '/m', key: 'k' };
  const backends = { blue: 'b', green: 'g' };
  const file = trafficSchema.parse({
    version: 1,
    router: { ...router, backends, 'healthy-within': '30s' },
    colours: { blue: { url: 'http://127.0.0.1:1' }, green: { url: green.url } },
    health: { successes: 1 },
    identity: { version: { json: '$.version' } },
    entry: { url: 'https://shop.example.com/health' },
  });
  const { config } = resolveHeaders(file, () => undefined);
  let now = 0;
  const clock = { now: () => now, sleep: async (ms: number) => void (now += ms) };
  const ports = {
    http,
    config,
    clock,
    signal: new AbortController().signal,
    timeline: { say: () => undefined },
  };
  const serving = async () => says(now);
  const done = await checkFit(
    { ...ports, router: { kind: 'x', serving } as unknown as Router },
    'green',
    undefined,
    wish,
  );
  return { ok: done.ok, after: now };
}

const up = { is: 'up', servers: 1 } as const;
const down = { is: 'down', why: 'no' } as const;
const onOne = { ...down, on: ['edge-2'] };

describe('a colour is fit', () => {
  it('at once where the router holds it up, or cannot know', async () => {
    expect(await fit(() => up)).toEqual({ ok: true, after: 0 });
    expect(await fit(() => ({ is: 'unknown', why: 'x' }))).toEqual({ ok: true, after: 0 });
  });

  it('once the router holds it up, and not after healthy-within', async () => {
    expect(await fit((passed) => (passed < 9_000 ? down : up))).toEqual({ ok: true, after: 9_000 });
    expect(await fit(() => down)).toEqual({ ok: false, after: 30_000 });
  });

  it('only when what the router says is newer than its own good answer', async () => {
    const lag = { ...up, lag: 12_000 };
    expect(await fit(() => lag)).toEqual({ ok: true, after: 12_000 });
    expect(await fit((passed) => (passed < 8_000 ? lag : down))).toEqual({ ok: false, after: 30_000 });
    expect(await fit((passed) => (passed < 8_000 || passed > 11_000 ? lag : down))).toEqual({
      ok: true,
      after: 12_000,
    });
  });

  it('where the router does not know yet, once it does, or has had the time to', async () => {
    const notYet = { is: 'unknown', why: 'not listed yet', lag: 12_000 } as const;
    expect(await fit((passed) => (passed < 4_000 ? notYet : up))).toEqual({ ok: true, after: 4_000 });
    expect(await fit((passed) => (passed < 4_000 ? notYet : down))).toEqual({ ok: false, after: 30_000 });
    expect(await fit(() => notYet)).toEqual({ ok: true, after: 12_000 });
    expect(await fit(() => notYet, { partly: true })).toEqual({ ok: true, after: 0 });
  });

  it('for a rescue where some node holds it up, after 5 s, and without waiting for newer words', async () => {
    expect(await fit(() => onOne)).toEqual({ ok: false, after: 30_000 });
    expect(await fit(() => onOne, { partly: true })).toEqual({ ok: true, after: 5_000 });
    expect(await fit(() => down, { partly: true })).toEqual({ ok: false, after: 30_000 });
    expect(await fit(() => ({ ...up, lag: 12_000 }), { partly: true })).toEqual({ ok: true, after: 0 });
  });
});
