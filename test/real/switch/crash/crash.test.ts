import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { switchOver } from '../../../../actions/blue-green-switch/modes/switch.js';
import type { Inputs } from '../../../../actions/blue-green-switch/inputs.js';
import { Death, mortal } from '../../../support/crash/mortal.js';
import { newDigest, trafficStage, type Job, type TrafficStage } from '../../../support/traffic/stage.js';

let at: TrafficStage;
let job: Job;
beforeEach(async () => {
  at = await trafficStage();
  job = at.startRun();
  await at.reserve(job);
  Object.assign(at.green, { version: '2.0.0', digest: newDigest });
});
afterEach(() => at.close());

/** Runs the switch until it dies before its nth change; true when it came to its end alive. */
async function switchUntil(lives: number, onInterrupt: Inputs['on-interrupt']): Promise<boolean> {
  const control = await at.control(job);
  const verdict = at.verdict(job);
  const inputs = { verdict, 'on-interrupt': onInterrupt, strategy: [] as Inputs['strategy'] } as Inputs;
  try {
    await switchOver(mortal(control, lives), inputs, () => undefined);
    return true;
  } catch (error) {
    if (!(error instanceof Death)) throw error;
    return false;
  } finally {
    control.close();
  }
}

/** One colour has all traffic, a reload would keep it, the ledger says the same, and nobody is locked out. */
async function expectSettled(live: 'blue' | 'green'): Promise<void> {
  expect(at.live()).toBe(live);
  expect(readFileSync(at.mapFile, 'utf8')).toBe(`shop shop_${live}\n`);
  expect(await at.refs()).toEqual([]);
  const [deployment] = await at.deployments();
  const states = deployment!.statuses.map(({ state }) => state);
  expect(states.at(-1)).toEqual(live === 'green' ? 'success' : expect.stringMatching(/^(inactive|failure)$/));
}

/** Adopting, in_progress, journal, two calls with their journal entries, verified, success, release. */
const changes = 10;
const verified = changes - 3;

describe('a switch that dies', () => {
  for (let lives = 0; lives < changes; lives++) {
    it(`before its change ${lives + 1} of ${changes} leaves one colour live, a true ledger and no lock after reconcile`, async () => {
      expect(await switchUntil(lives, 'revert')).toBe(false);
      const moved = at.live() === 'green';
      at.finishRun(job);
      const reconciled = await at.step(at.startRun(), { mode: 'reconcile' });
      expect(reconciled.ok).toBe(true);
      // Once the lock says that the new colour is verified, it stays, whatever is missing of the ledger.
      await expectSettled(moved && lives > verified ? 'green' : 'blue');
    });

    it(`before its change ${lives + 1} of ${changes} is completed when on-interrupt says so`, async () => {
      expect(await switchUntil(lives, 'complete')).toBe(false);
      at.finishRun(job);
      expect(await at.step(at.startRun(), { mode: 'reconcile' })).toMatchObject({ ok: true });
      const journaled = lives >= 3;
      await expectSettled(journaled ? 'green' : 'blue');
    });
  }

  it('is whole with one change more', async () => {
    expect(await switchUntil(changes, 'revert')).toBe(true);
    await expectSettled('green');
  });
});
