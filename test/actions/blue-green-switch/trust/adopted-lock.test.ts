import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Lock } from '../../../../shared/ledger/refs/lock.js';
import { digestOf } from '../../../support/traffic/colours.js';
import { newDigest, trafficStage, type Job, type TrafficStage } from '../../../support/traffic/stage.js';

let at: TrafficStage;
let job: Job;

/** What whoever may push can do while a run holds the lock: replace it. */
async function pushOver(change: (lock: Lock, earlier: { id: number }) => Partial<Lock>) {
  const control = await at.control(job);
  const held = (await control.lock.read())!;
  const earlier = (await at.deployments()).at(-1)!;
  await control.lock.replace(held, { ...held.state, ...change(held.state, earlier) }, 'forged');
  control.close();
}
const statuses = async () =>
  (await at.deployments()).map(({ id, statuses }) => [id, statuses.map(({ state }) => state)]);

const forgeries: [string, (lock: Lock, earlier: { id: number }) => Partial<Lock>, RegExp][] = [
  ['another Deployment', (_, { id }) => ({ deployment: id }), /has another payload than the lock/],
  ['a Deployment that does not exist', () => ({ deployment: 424_242 }), /424242 does not exist/],
  [
    'a payload without its database schema',
    ({ payload }) => {
      const { schema: _schema, ...without } = payload;
      return { payload: without };
    },
    /has another payload than the lock/,
  ],
  ['another version', () => ({ version: '6.6.6' }), /moves traffic to \w+ with 6\.6\.6/],
  ['another digest', () => ({ digest: digestOf('6') }), /moves traffic to \w+ with 2\.0\.0/],
  ['another target', ({ from }) => ({ to: from! }), /moves traffic to green/],
];

describe('switch fault 1: a lock that was pushed over a true reservation', () => {
  beforeEach(async () => {
    at = await trafficStage({}, 'servers');
    // 1.5.0 is live on green, so that there is an earlier Deployment to name.
    const first = at.startRun();
    const digest = digestOf('5');
    const verdict = at.verdict(first, { digest });
    await at.reserve(first, { version: '1.5.0', digest, verdict });
    Object.assign(at.green, { version: '1.5.0', digest });
    expect(await at.step(first, { mode: 'switch', verdict })).toMatchObject({ result: 'switched' });
    at.finishRun(first);
    job = at.startRun();
    const schema = { 'schema-version': '7', 'oldest-compatible-app': '1.0.0' };
    expect(await at.reserve(job, schema)).toMatchObject({ result: 'reserved' });
    Object.assign(at.blue, { version: '2.0.0', digest: newDigest });
  });
  afterEach(() => at.close());

  it.each(forgeries)(
    'with %s is refused by switch: nothing moves, nothing is recorded',
    async (_, forge, why) => {
      await pushOver(forge);
      const before = await statuses();
      const verdict = at.verdict(job);
      const dry = await at.step(job, { mode: 'switch', verdict, 'dry-run': 'true' });
      expect(dry).toMatchObject({ ok: false, result: 'refused', message: expect.stringMatching(why) });
      const step = await at.step(job, { mode: 'switch', verdict });
      expect(step).toMatchObject({ ok: false, result: 'refused', message: expect.stringMatching(why) });
      expect(step.message).toContain('gh api -X DELETE repos/acme/shop/git/refs/devops-actions');
      expect(at.weights()).toEqual({ blue: 0, green: 100 });
      expect(await statuses()).toEqual(before);
    },
  );

  it('that repeats the live release as its own does not close that release', async () => {
    const live = (await at.deployments()).at(-1)!;
    const { id: deployment, payload } = live;
    const { version, digest } = payload;
    await pushOver(() => ({ deployment, payload, version, digest, to: 'green', from: 'blue' }));
    const before = await statuses();
    const step = await at.step(job, { mode: 'switch', verdict: at.verdict(job) });
    expect(step).toMatchObject({ ok: false, result: 'refused', message: expect.stringMatching(/is of run/) });
    expect(await statuses()).toEqual(before);
  });

  it.each(forgeries)('with %s is refused by resume: the share stays as it was', async (_, forge, why) => {
    const verdict = at.verdict(job);
    const paused = await at.step(job, { mode: 'switch', verdict, strategy: '10 % pause' });
    expect(paused).toMatchObject({ result: 'paused' });
    await pushOver(forge);
    const before = await statuses();
    const step = await at.step(job, { mode: 'resume' });
    expect(step).toMatchObject({ ok: false, result: 'refused', message: expect.stringMatching(why) });
    expect(at.weights()).toEqual({ blue: 10, green: 90 });
    expect(await statuses()).toEqual(before);
  });

  it('as paused, to be resumed without a verdict, is refused', async () => {
    await pushOver(() => ({ phase: 'paused' }));
    const step = await at.step(job, { mode: 'resume' });
    expect(step.message).toContain('was never in_progress');
    expect(at.weights()).toEqual({ blue: 0, green: 100 });
  });
});
