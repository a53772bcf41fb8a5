import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../support/traffic/colours.js';
import { trafficStage, type Job, type TrafficStage } from '../../support/traffic/stage.js';

let at: TrafficStage;
let job: Job;
beforeEach(async () => {
  at = await trafficStage();
  job = at.startRun();
});
afterEach(() => at.close());

const adopt = (changes: Record<string, string> = {}) => at.step(job, { mode: 'adopt', ...changes });

/** Nothing was recorded or left behind. */
async function untouched() {
  expect(await at.deployments()).toEqual([]);
  expect(await at.refs()).toEqual([]);
}

describe('switch fault 13: a service that runs already', () => {
  it('is adopted as it runs, and the first release after it can be rolled back to it', async () => {
    const adopted = await adopt();
    expect(adopted).toMatchObject({ ok: true, result: 'adopted' });
    expect(adopted.outputs).toMatchObject({ live: 'blue', target: 'blue', changed: 'false' });
    expect(await at.refs()).toEqual([]);
    const [record] = await at.deployments();
    expect(record).toMatchObject({
      id: Number(adopted.outputs['deployment-id']),
      payload: { kind: 'release', version: '1.0.0', digest: digestOf('1'), colour: 'blue' },
    });
    expect(record!.statuses.at(-1)!.state).toBe('success');
    at.finishRun(job);

    expect((await at.release(at.startRun())).result).toBe('switched');
    expect(at.live()).toBe('green');
    const reverted = await at.step(at.startRun(), { mode: 'revert' });
    expect(reverted).toMatchObject({ ok: true, result: 'reverted', outputs: { live: 'blue' } });
    expect(reverted.message).toContain('1.0.0 is live again on blue');
  });

  it('is live by the ledger then, so that status agrees', async () => {
    await adopt();
    expect(await at.step(at.startRun(), { mode: 'status' })).toMatchObject({ ok: true, result: 'ok' });
  });

  it('is adopted once', async () => {
    await adopt();
    const again = await adopt();
    expect(again).toMatchObject({ ok: false, result: 'refused' });
    expect(again.message).toMatch(/1\.0\.0 is live on blue by the ledger \(Deployment \d+\)/);
    expect(await at.deployments()).toHaveLength(1);
  });

  const refusals: [string, () => unknown, Record<string, string>, RegExp][] = [
    ['is not well', () => (at.blue.well = false), {}, /colour blue is not well/],
    ['says no version', () => (at.blue.version = ''), {}, /says version .*no version that can be recorded/],
    [
      'says no digest',
      () => (at.blue.digest = undefined as never),
      {},
      /does not say its digest: .*"digest"/,
    ],
    ['says something that is no digest', () => (at.blue.digest = 'latest'), {}, /says digest latest/],
    ['says another version than stated', () => undefined, { version: '1.0.1' }, /says version 1\.0\.0, and/],
    [
      'says another digest than stated',
      () => undefined,
      { digest: digestOf('9') },
      /says digest .*, and the/,
    ],
    [
      'would be recorded for a commit that this run did not start from',
      () => undefined,
      { sha: '' },
      /the record would not count/,
    ],
  ];
  it.each(refusals)('that %s is refused, and nothing is recorded', async (_, prepare, changes, why) => {
    prepare();
    if (changes['sha'] === '') {
      at.stand.git('commit', '--allow-empty', '-m', 'older');
      changes = { sha: at.stand.git('rev-parse', 'HEAD') };
    }
    const refused = await adopt(changes);
    expect(refused).toMatchObject({ ok: false, result: 'refused' });
    expect(refused.message).toMatch(why);
    await untouched();
  });

  it('whose digest it cannot say is adopted with the digest that is stated', async () => {
    at.blue.digest = undefined as never;
    expect(await adopt({ digest: digestOf('1') })).toMatchObject({ ok: true, result: 'adopted' });
  });

  it('is not adopted while another run holds the lock', async () => {
    const other = at.startRun();
    await at.reserve(other);
    const refused = await adopt();
    expect(refused).toMatchObject({ ok: false, result: 'refused' });
    expect(refused.message).toMatch(/holds the lock \(reserved\)/);
  });

  it('is not adopted while a watch stands', async () => {
    const control = await at.control(job);
    const other = at.startRun();
    const { me } = await at.control(other);
    const reserved = await at.reserve(other);
    await control.lock.remove((await control.lock.read())!);
    await control.watch.create(
      {
        schema: 'devops-actions/watch@1',
        claim: 'a',
        environment: 'production',
        service: 'shop',
        deployment: Number(reserved.outputs['deployment-id']),
        holder: me,
        since: new Date().toISOString(),
        until: new Date(Date.now() + 60_000).toISOString(),
      },
      'watch',
    );
    const refused = await adopt();
    expect(refused.message).toMatch(/is being watched until/);
    expect(await at.deployments()).toHaveLength(1);
    control.close();
  });

  it('with traffic that is mixed is refused', async () => {
    await at.close();
    at = await trafficStage({}, 'servers');
    job = at.startRun();
    const control = await at.control(job);
    for (const call of control.router.plan(await control.router.read(), { blue: 60, green: 40 }))
      await control.router.apply(call);
    control.close();
    expect((await adopt()).message).toMatch(/traffic is mixed/);
    await untouched();
  });
});
