import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Inputs } from '../../../../actions/blue-green-switch/inputs.js';
import { revert } from '../../../../actions/blue-green-switch/modes/revert.js';
import { switchOver } from '../../../../actions/blue-green-switch/modes/switch.js';
import { digestOf } from '../../../support/traffic/colours.js';
import { Death, mortal } from '../../../support/crash/mortal.js';
import { trafficStage, type Job, type TrafficStage } from '../../../support/traffic/stage.js';
import { untilLive } from '../../../support/traffic/until-live.js';

let at: TrafficStage;
/** The run that is told to revert. */
let job: Job;
let releasing: Job;
const digest = digestOf('3');
beforeEach(async () => {
  at = await trafficStage();
  const first = at.startRun();
  await at.release(first);
  at.finishRun(first);
  releasing = at.startRun();
  await at.reserve(releasing, { version: '3.0.0', digest, verdict: at.verdict(releasing, { digest }) });
  Object.assign(at.blue, { version: '3.0.0', digest });
  job = at.startRun();
});
afterEach(() => at.close());

const release = () => at.step(releasing, { mode: 'switch', verdict: at.verdict(releasing, { digest }) });
const states = async () =>
  (await at.deployments()).map(({ payload, statuses }) => [
    payload.kind,
    payload.version,
    statuses.at(-1)?.state,
  ]);

/** Reverts until it dies before its nth change, then runs the post step of that job with what main had saved. */
async function revertUntil(lives: number) {
  const { host } = await at.step(job, { mode: 'status' });
  const control = await at.control(job);
  const saved = {
    environment: 'production',
    service: 'shop',
    trafficFile: 'traffic.yml',
    trafficText: control.trafficText,
    jobId: job.jobId,
  };
  const arm = (claim: string) => host.state.save('armed', JSON.stringify({ control: saved, claim }));
  const inputs = { 'lock-timeout': 0 } as Inputs;
  let alive = true;
  try {
    const done = await revert(mortal(control, lives), inputs, arm);
    alive = done.ok && done.brokeOff === undefined;
  } catch (error) {
    if (!(error instanceof Death)) throw error;
    alive = false;
  } finally {
    control.close();
  }
  return { alive, post: alive ? undefined : await at.post(host, 'cancelled') };
}

/**
 * Deployment, lock, in_progress, journal, two calls with their journal entries, verified, success, the failure of the
 * bad one, release.
 */
const changes = 12;
/** From here on the journal says what was begun. */
const journaled = 4;

describe('a revert that dies', () => {
  beforeEach(async () => void (await release()));

  for (let lives = 0; lives < changes; lives++) {
    const end = lives < journaled ? 'undone' : 'finished';
    it(`before its change ${lives + 1} of ${changes} is ${end} by its own post step`, async () => {
      const { alive } = await revertUntil(lives);
      expect(alive).toBe(false);
      const live = lives < journaled ? 'blue' : 'green';
      expect(at.live()).toBe(live);
      expect(readFileSync(at.mapFile, 'utf8')).toBe(`shop shop_${live}\n`);
      expect(await at.refs()).toEqual([]);
      if (lives >= journaled) {
        expect((await states()).slice(0, 2)).toEqual([
          ['rollback', '2.0.0', 'success'],
          ['release', '3.0.0', 'failure'],
        ]);
      }
      at.finishRun(job);
      expect((await at.step(at.startRun(), { mode: 'reconcile' })).ok).toBe(true);
      if (lives < journaled) {
        const [newest] = (await states()).filter(([kind]) => kind === 'release');
        expect(newest).toEqual(['release', '3.0.0', 'success']);
      }
      expect((await at.step(at.startRun(), { mode: 'status' })).result).toBe('ok');
    });
  }

  it('is whole with one change more', async () => {
    expect(await revertUntil(changes)).toMatchObject({ alive: true });
    expect(at.live()).toBe('green');
  });
});

describe('a revert that is cancelled', () => {
  it('once traffic has moved is finished all the same', async () => {
    await release();
    const { host } = await at.step(job, { mode: 'status' });
    const running = at.step(job, { mode: 'revert' }, host);
    await untilLive(at, 'green');
    host.stop();
    expect(await running).toMatchObject({ ok: true, result: 'reverted' });
    expect(await at.post(host, 'cancelled')).toBeUndefined();
    expect(at.live()).toBe('green');
    expect(await at.refs()).toEqual([]);
  });
});

describe('a revert that GitHub leaves alone half-way', () => {
  it('says where traffic is, and its own post step records it', async () => {
    await release();
    const { host } = await at.step(job, { mode: 'status' });
    at.stand.server.control.addFault({ path: '/statuses', method: 'POST', status: 502, times: 99 });
    const reverted = await at.step(job, { mode: 'revert' }, host);
    expect(reverted.message).toContain('2.0.0 has all traffic again, but not all was recorded');
    at.stand.server.control.clearFaults();
    expect(await at.post(host, 'failure')).toMatchObject({ result: 'completed' });
    expect((await states()).slice(0, 2)).toEqual([
      ['rollback', '2.0.0', 'success'],
      ['release', '3.0.0', 'failure'],
    ]);
    expect(await at.refs()).toEqual([]);
  });
});

describe('a revert of what a dead switch left', () => {
  it('goes back to where the lock says traffic came from, and no further', async () => {
    const control = await at.control(releasing);
    const inputs = { verdict: at.verdict(releasing, { digest }), 'on-interrupt': 'revert', strategy: [] };
    // Adopted, in progress, journaled, and the first call made with its entry.
    await expect(
      switchOver(mortal(control, 5), inputs as unknown as Inputs, () => undefined),
    ).rejects.toThrow(Death);
    control.close();
    expect(at.live()).toBe('blue');
    at.finishRun(releasing);
    const reverted = await at.step(job, { mode: 'revert' });
    expect(reverted).toMatchObject({ ok: true, result: 'reverted' });
    expect(reverted.outputs['target']).toBe('green');
    expect(at.live()).toBe('green');
    expect(await at.refs()).toEqual([]);
    expect((await states()).slice(0, 2)).toEqual([
      ['release', '3.0.0', 'failure'],
      ['release', '2.0.0', 'success'],
    ]);
  });

  it('that had only reserved releases its colour, and takes back what is live', async () => {
    at.finishRun(releasing);
    const reverted = await at.step(job, { mode: 'revert' });
    expect(reverted).toMatchObject({ ok: false, result: 'refused' });
    expect(reverted.message).toContain('before 2.0.0 the ledger knows no release');
    expect(await at.refs()).toEqual([]);
  });
});
