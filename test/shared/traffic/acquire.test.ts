import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { waitUntilFree } from '../../../shared/traffic/acquire.js';
import type { TrafficControl } from '../../../shared/traffic/control.js';
import { trafficStage, type Job, type TrafficStage } from '../../support/traffic-stage.js';

let at: TrafficStage;
let job: Job;
beforeEach(async () => {
  at = await trafficStage();
  job = at.startRun();
  await at.reserve(job);
});
afterEach(() => at.close());

/** Waits for a lock that never comes free, on a clock that only its own sleeping moves on. */
async function waitFor(patienceMs: number) {
  const control = await at.control(at.startRun());
  let now = 0;
  const sleeps: number[] = [];
  const calls: string[] = [];
  const counting: TrafficControl = {
    ...control,
    clock: {
      now: () => now,
      sleep: async (ms) => {
        now += ms;
        sleeps.push(ms);
      },
    },
    runFacts: (...run) => {
      calls.push('run');
      return control.runFacts(...run);
    },
    lock: {
      ...control.lock,
      read: () => {
        calls.push('lock');
        return control.lock.read();
      },
    },
  };
  const free = await waitUntilFree(counting, patienceMs, { watch: true });
  control.close();
  return { free, sleeps, calls, now };
}

it('waiting for a lock looks less and less often, and leaves GitHub its calls', async () => {
  const { free, sleeps, calls, now } = await waitFor(600_000);
  expect(free).toMatchObject({ free: false, why: expect.stringMatching(/still at work.*waited 10 m/) });
  expect(now).toBe(600_000);
  expect(sleeps.slice(0, 4)).toEqual([2_000, 3_000, 4_500, 6_750]);
  expect(Math.max(...sleeps)).toBe(20_000);
  expect(calls.filter((call) => call === 'run').length).toBeLessThan(40);
  expect(calls).toHaveLength(2 * (sleeps.length + 1));
});

it('a rescue, which waits for ten seconds only, still looks often enough', async () => {
  const { sleeps, now } = await waitFor(10_000);
  expect(sleeps).toEqual([2_000, 3_000, 4_500, 500]);
  expect(now).toBe(10_000);
});
