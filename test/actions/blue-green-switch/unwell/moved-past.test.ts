import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Clock } from '../../../../shared/time/clock.js';
import { allTo, share, type Weights } from '../../../../shared/traffic/router.js';
import { newDigest, trafficStage, type Job, type TrafficStage } from '../../../support/traffic/stage.js';

let at: TrafficStage;
let job: Job;
beforeEach(async () => {
  at = await trafficStage({}, 'servers');
  job = at.startRun();
});
afterEach(() => at.close());

const toBlue = allTo('blue', ['blue', 'green']);

/** Another hand on the router, which knows of no lock. */
async function moveByHand(weights: Weights) {
  const control = await at.control(at.startRun());
  for (const call of control.router.plan(await control.router.read(), weights))
    await control.router.apply(call);
  control.close();
}

/**
 * A release by steps, at whose first stop that hand moves traffic; by the clock of the switch, the stop is over then.
 */
async function releaseMovedByHand(strategy: string, weights: Weights) {
  await at.reserve(job);
  Object.assign(at.green, { version: '2.0.0', digest: newDigest });
  const { host } = await at.step(at.startJob(job), { mode: 'status' });
  const control = await at.control(job);
  let [moved, skipped] = [false, 0];
  const clock: Clock = {
    now: () => host.clock.now() + skipped,
    async sleep(milliseconds, signal) {
      const stops = (await control.lock.read())?.state.passed ?? 0;
      if (moved || stops === 0) return host.clock.sleep(milliseconds, signal);
      moved = true;
      await moveByHand(weights);
      skipped = 30_000;
    },
  };
  const ended = await at.step(
    job,
    { mode: 'switch', verdict: at.verdict(job), strategy },
    { ...host, clock },
  );
  control.close();
  return ended;
}

const calls = ({ report }: Awaited<ReturnType<TrafficStage['step']>>) =>
  report.timeline.map(({ message }) => message).filter((message) => message.startsWith('Done on'));

describe('traffic that somebody moves by hand while a switch stays at a stop', () => {
  it('is not moved on: all of it on the old colour ends the switch', async () => {
    const ended = await releaseMovedByHand('10 % for 30s\n50 % for 20ms', toBlue);
    expect(ended).toMatchObject({ ok: false, result: 'reverted' });
    expect(ended.message).toContain(
      'green was given 10 % and the router now says blue 100 %: someone moved traffic past the lock',
    );
    expect(calls(ended)).toHaveLength(2);
    expect(at.weights()).toEqual({ blue: 100, green: 0 });
    expect(await at.refs()).toEqual([]);
    expect((await at.deployments())[0]?.statuses.at(-1)?.state).toBe('failure');
  });

  it.each([
    ['a share that the strategy has not', share(30, 'green', 'blue')],
    ['all of it on the new colour', allTo('green', ['blue', 'green'])],
  ])('is held for that person, when it is %s', async (_, weights) => {
    const held = await releaseMovedByHand('10 % for 30s', weights);
    expect(held).toMatchObject({ ok: false, result: 'held' });
    expect(held.message).toContain('past the lock');
    expect(calls(held)).toHaveLength(2);
    expect(at.weights()).toEqual({ blue: weights['blue'], green: weights['green'] });
    const back = await at.step(at.startRun(), { mode: 'revert' });
    expect(back).toMatchObject({ ok: true, result: 'reverted' });
    expect(at.weights()).toEqual({ blue: 100, green: 0 });
  });
});

it('a pause during which somebody moved traffic is not resumed, and its run leaves the old colour live', async () => {
  await at.release(job, { strategy: '25 % pause' });
  await moveByHand(toBlue);
  const resumed = await at.step(at.startJob(job), { mode: 'resume' });
  expect(resumed).toMatchObject({ ok: false, result: 'refused' });
  expect(resumed.message).toContain(
    'green was given 25 % and the router now says blue 100 %: someone moved traffic past the lock; give it that share again by hand, or let the run end: then all goes back to blue',
  );
  expect(at.weights()).toEqual({ blue: 100, green: 0 });
  at.finishRun(job);
  expect((await at.step(at.startRun(), { mode: 'reconcile' })).ok).toBe(true);
  expect(at.weights()).toEqual({ blue: 100, green: 0 });
  expect(await at.refs()).toEqual([]);
});

it('a pause is resumed once the share is as it was', async () => {
  await at.release(job, { strategy: '25 % pause' });
  await moveByHand(toBlue);
  await moveByHand(share(25, 'green', 'blue'));
  expect(await at.step(at.startJob(job), { mode: 'resume' })).toMatchObject({ result: 'switched' });
  expect(at.green).toMatchObject({ version: '2.0.0', digest: newDigest });
});
