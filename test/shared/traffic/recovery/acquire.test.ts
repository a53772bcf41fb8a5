import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { Inputs } from '../../../../actions/blue-green-switch/inputs.js';
import { reserve } from '../../../../actions/blue-green-switch/modes/reserve.js';
import { waitUntilFree } from '../../../../shared/traffic/recovery/acquire.js';
import type { TrafficControl } from '../../../../shared/traffic/control.js';
import { newDigest, trafficStage, type Job, type TrafficStage } from '../../../support/traffic/stage.js';

let at: TrafficStage;
let job: Job;
beforeEach(async () => {
  at = await trafficStage();
  job = at.startRun();
  await at.reserve(job);
});
afterEach(() => at.close());

/**
 * Waits for a lock that never comes free, on a clock that its own sleeping moves on, and each look at it by so much.
 */
async function waitFor(patienceMs: number, lookMs = 0) {
  const control = await at.control(at.startRun());
  let now = 0;
  const sleeps: number[] = [];
  const calls: string[] = [];
  const counting: TrafficControl = {
    ...control,
    clock: {
      now: () => (now += lookMs),
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
  const message = control.timeline.events.map((event) => event.message);
  return { free, sleeps, calls, now, message };
}

it('waiting for a lock looks less and less often, and leaves GitHub its calls', async () => {
  const { free, sleeps, calls, now } = await waitFor(600_000);
  expect(free).toMatchObject({ free: false, why: expect.stringMatching(/still at work.*waited 10 m/) });
  expect(now).toBe(600_000);
  expect(sleeps.slice(0, 4)).toEqual([2_000, 3_000, 4_500, 6_750]);
  expect(Math.max(...sleeps)).toBe(20_000);
  expect(calls.filter((call) => call === 'run').length).toBeLessThan(40);
  // At the end the lock is read once more, to say whose it is.
  expect(calls).toHaveLength(2 * (sleeps.length + 1) + 1);
});

it('a rescue, which waits for ten seconds only, still looks often enough', async () => {
  const { sleeps, now } = await waitFor(10_000);
  expect(sleeps).toEqual([2_000, 3_000, 4_500, 500]);
  expect(now).toBe(10_000);
});

it('whoever waits is told at once for whom, and once', async () => {
  const { message } = await waitFor(10_000, 7);
  expect(message).toEqual([
    expect.stringMatching(
      /^Waiting: The lock belongs to run \d+ attempt 1 \(ana, .*\), which is still at work \(refs\/devops-actions\/production\/shop\/lock\) \[lock-busy\]$/,
    ),
  ]);
});

it('a reservation that loses the race for a lock it waited for waits no longer than lock-timeout in all', async () => {
  const mine = at.startRun();
  const control = await at.control(mine);
  const sleeps: number[] = [];
  let now = Date.now();
  let lost = 0;
  const racing: TrafficControl = {
    ...control,
    clock: {
      now: () => now,
      sleep: async (ms) => {
        now += ms;
        if (sleeps.push(ms) === 4) at.finishRun(job);
      },
    },
    lock: {
      ...control.lock,
      async create(state, message) {
        if (lost++ === 0) await at.reserve(at.startRun());
        return control.lock.create(state, message);
      },
    },
  };
  const inputs = {
    ...{ mode: 'reserve', kind: 'release', target: 'auto', strategy: [], 'lock-timeout': 60_000 },
    ...{ version: '2.0.0', digest: newDigest, sha: at.sha, verdict: at.verdict(mine) },
  } as unknown as Inputs;
  const refused = await reserve(racing, inputs);
  control.close();
  expect(refused).toMatchObject({ ok: false, result: 'refused' });
  expect(lost).toBe(1);
  expect(sleeps.reduce((sum, ms) => sum + ms, 0)).toBe(60_000);
});
