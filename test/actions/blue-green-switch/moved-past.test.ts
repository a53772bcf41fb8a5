import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { allTo, share, type Weights } from '../../../shared/traffic/router.js';
import { newDigest, trafficStage, type Job, type TrafficStage } from '../../support/traffic/stage.js';
import { until } from '../../support/until.js';

let at: TrafficStage;
let job: Job;
beforeEach(async () => {
  at = await trafficStage({}, 'servers');
  job = at.startRun();
});
afterEach(() => at.close());

const toBlue = allTo('blue', ['blue', 'green']);

/** Another hand on the router, which knows of no lock; first it waits until so many stops are behind, when told. */
async function moveByHand(weights: Weights, afterStop = 0) {
  const control = await at.control(at.startRun());
  await until(
    async () => afterStop === 0 || ((await control.lock.read())?.state.passed ?? 0) >= afterStop,
    `stop ${afterStop} is passed`,
  );
  for (const call of control.router.plan(await control.router.read(), weights))
    await control.router.apply(call);
  control.close();
}

const calls = ({ report }: Awaited<ReturnType<TrafficStage['step']>>) =>
  report.timeline.map(({ message }) => message).filter((message) => message.startsWith('Done on'));

describe('traffic that somebody moves by hand while a switch stays at a stop', () => {
  it('is not moved on: all of it on the old colour ends the switch', async () => {
    const running = at.release(job, { strategy: '10 % for 2s\n50 % for 20ms' });
    await moveByHand(toBlue, 1);
    const ended = await running;
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
    const running = at.release(job, { strategy: '10 % for 2s' });
    await moveByHand(weights, 1);
    const held = await running;
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
