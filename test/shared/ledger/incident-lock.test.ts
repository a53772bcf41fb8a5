import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  forgetIncident,
  underIncidentLock,
  type IncidentLockPorts,
} from '../../../shared/ledger/incident-lock.js';
import { incidentRef } from '../../../shared/ledger/names.js';
import { githubRefStore, type RefStore } from '../../../shared/ledger/refs/refs.js';
import { ledgerStage, type LedgerStage } from './stage.js';

let shop: LedgerStage;
let store: RefStore;
let now = Date.parse('2026-11-29T10:00:00Z');
beforeAll(async () => {
  shop = await ledgerStage();
  store = githubRefStore(shop.github);
});
afterAll(async () => {
  await shop.close();
  expect(shop.server.control.violations()).toEqual([]);
});

const ports = (): IncidentLockPorts => ({
  store,
  clock: { now: () => now, sleep: async (milliseconds) => void (now += milliseconds) },
  random: Math.random,
  now: () => now,
});
const state = async (fingerprint: string) =>
  JSON.parse((await store.read(incidentRef(fingerprint)))?.text ?? 'null') as {
    busy?: object;
    issue?: number;
  } | null;

it('hands on the issue that was opened, and is free afterwards', async () => {
  const seen: (number | undefined)[] = [];
  for (const number of [7, 8])
    await underIncidentLock(ports(), 'a', async (known) => {
      seen.push(known);
      expect((await state('a'))?.busy).toBeDefined();
      return { number };
    });
  expect(seen).toEqual([undefined, 7]);
  expect(await state('a')).toMatchObject({ issue: 8 });
  expect(await state('a')).not.toHaveProperty('busy');
  await forgetIncident(store, 'a');
  expect(await state('a')).toBeNull();
});

it('is free again, and keeps the issue, when what was done under it failed', async () => {
  await underIncidentLock(ports(), 'b', async () => ({ number: 3 }));
  const failing = underIncidentLock(ports(), 'b', () => Promise.reject(new Error('GitHub is away')));
  await expect(failing).rejects.toThrow('GitHub is away');
  expect(await state('b')).toMatchObject({ issue: 3 });
  expect(await state('b')).not.toHaveProperty('busy');
});

it('of a run that died is taken over after a minute', async () => {
  const busy = { claim: 'dead', since: new Date(now).toISOString() };
  const dead = { schema: 'devops-actions/incident-lock@1', fingerprint: 'c', busy, issue: 4 };
  await store.write(incidentRef('c'), undefined, JSON.stringify(dead), 'dead');
  const before = now;
  const done = await underIncidentLock(ports(), 'c', async (known) => ({ number: known! }));
  expect(done).toEqual({ number: 4 });
  expect(now - before).toBeGreaterThanOrEqual(60_000);
});

it('of a run that GitHub made wait is taken over, and that run begins anew with what the other did', async () => {
  const seen: (number | undefined)[] = [];
  const done = await underIncidentLock(ports(), 'slow', async (known, keep) => {
    seen.push(known);
    if (known !== undefined) return { number: known };
    now += 61_000;
    await underIncidentLock(ports(), 'slow', async () => ({ number: 9 }));
    await keep();
    return { number: 10 };
  });
  expect(seen).toEqual([undefined, 9]);
  expect(done).toEqual({ number: 9 });
});

it('of a run that works long and says so is not taken over', async () => {
  await underIncidentLock(ports(), 'long', async (_, keep) => {
    now += 40_000;
    await keep();
    now += 40_000;
    const since = (await state('long'))?.busy as { since: string };
    expect(now - Date.parse(since.since)).toBeLessThan(41_000);
    return { number: 11 };
  });
  expect(await state('long')).toMatchObject({ issue: 11 });
});

it.each([
  ['that nobody understands', 'not JSON'],
  ['of another schema', '{"schema":"devops-actions/incident-lock@9"}'],
])('a state %s keeps no incident from being opened, and says so', async (name, text) => {
  await store.write(incidentRef(name), undefined, text, 'strange');
  const done = await underIncidentLock(ports(), name, async (known) => {
    expect(known).toBeUndefined();
    return { number: 5 };
  });
  expect(done).toMatchObject({ number: 5, doubt: expect.stringContaining('cannot be understood') });
});
