import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newDigest, trafficStage, type TrafficStage } from '../../support/traffic/stage.js';

let at: TrafficStage;
beforeEach(async () => {
  at = await trafficStage();
});
afterEach(() => at.close());

const statesOf = async (version: string) =>
  (await at.deployments())
    .find(({ payload }) => payload.version === version)
    ?.statuses.map(({ state }) => state);

describe('a release', () => {
  it('reserves the idle colour, as the router says, and moves nothing', async () => {
    const job = at.startRun();
    const reserved = await at.reserve(job);
    expect(reserved).toMatchObject({ ok: true, result: 'reserved' });
    expect(reserved.outputs).toMatchObject({
      live: 'blue',
      target: 'green',
      'target-url': at.green.url,
      changed: 'false',
    });
    expect(at.live()).toBe('blue');
    expect(await at.refs()).toEqual(['refs/devops-actions/production/shop/lock']);
    expect(await statesOf('2.0.0')).toEqual(['queued']);
  });

  it('switches, reads back, verifies, writes the ledger and releases the lock', async () => {
    const job = at.startRun();
    const switched = await at.release(job);
    expect(switched).toMatchObject({ ok: true, result: 'switched' });
    expect(switched.outputs).toMatchObject({ live: 'green', previous: 'blue', changed: 'true' });
    expect(Number(switched.outputs['duration-ms'])).toBeGreaterThanOrEqual(0);
    expect(switched.report.entry).toMatchObject({ ok: true, connections: 3, seen: 3 });
    expect(at.live()).toBe('green');
    expect(await at.refs()).toEqual([]);
    expect(await statesOf('2.0.0')).toEqual(['queued', 'in_progress', 'success']);
  });

  it('writes the map file too, so that a reload of the router does not bring the old colour back', async () => {
    await at.release(at.startRun());
    expect(readFileSync(at.mapFile, 'utf8')).toBe('shop shop_green\n');
  });

  it('is confirmed only while it is live by the ledger and by the router', async () => {
    const job = at.startRun();
    await at.release(job);
    expect(await at.step(job, { mode: 'confirm' })).toMatchObject({ ok: true, result: 'confirmed' });
    const other = at.startRun();
    expect(await at.step(other, { mode: 'confirm' })).toMatchObject({ ok: false, result: 'refused' });
  });

  it('is taken back by revert as a Deployment of kind rollback, when there is a release before it', async () => {
    const first = at.startRun();
    await at.release(first);
    at.finishRun(first);
    const second = at.startRun();
    const digest = at.blue.digest.replaceAll('1', '3');
    await at.reserve(second, { version: '3.0.0', digest, verdict: at.verdict(second, { digest }) });
    Object.assign(at.blue, { version: '3.0.0', digest });
    expect(await at.step(second, { mode: 'switch', verdict: at.verdict(second, { digest }) })).toMatchObject({
      result: 'switched',
    });
    expect(await statesOf('2.0.0')).toEqual(['queued', 'in_progress', 'success', 'inactive']);

    const reverted = await at.step(second, { mode: 'revert' });
    expect(reverted).toMatchObject({ ok: true, result: 'reverted' });
    expect(at.live()).toBe('green');
    const [rollback, bad] = await at.deployments();
    expect(rollback?.payload).toMatchObject({ kind: 'rollback', version: '2.0.0', previous: bad?.id });
    expect(bad?.statuses.map(({ state }) => state)).toEqual(['queued', 'in_progress', 'success', 'failure']);
    expect(await at.refs()).toEqual([]);
  });

  it('is not reverted onto a colour that is not well, or that runs something else', async () => {
    const first = at.startRun();
    await at.release(first);
    at.finishRun(first);
    const second = at.startRun();
    const digest = `sha256:${'3'.repeat(64)}`;
    await at.reserve(second, { version: '3.0.0', digest, verdict: at.verdict(second, { digest }) });
    Object.assign(at.blue, { version: '3.0.0', digest });
    await at.step(second, { mode: 'switch', verdict: at.verdict(second, { digest }) });
    at.green.well = false;
    expect(await at.step(second, { mode: 'revert' })).toMatchObject({ ok: false, result: 'refused' });
    Object.assign(at.green, { well: true, version: '9.9.9' });
    expect(await at.step(second, { mode: 'revert' })).toMatchObject({ ok: false, result: 'refused' });
    expect(at.live()).toBe('blue');
  });
});

describe('status', () => {
  it('says what is live and that nothing disagrees', async () => {
    await at.release(at.startRun());
    const status = await at.step(at.startRun(), { mode: 'status' });
    expect(status).toMatchObject({ ok: true, result: 'ok' });
    expect(status.outputs).toMatchObject({ live: 'green', changed: 'false' });
  });

  it('names the drift when someone moved traffic past the ledger', async () => {
    await at.release(at.startRun());
    const control = await at.control(at.startRun());
    const observed = await control.router.read();
    for (const call of control.router.plan(observed, { blue: 100, green: 0 }))
      await control.router.apply(call);
    control.close();
    const status = await at.step(at.startRun(), { mode: 'status' });
    expect(status.result).toBe('drift');
    expect(status.report.reasons.join()).toContain('the router says blue');
  });
});

it('a release that was refused before anything moved says nothing of its digest: another run goes on with it', async () => {
  const job = at.startRun();
  const other = at.startRun();
  const verdict = at.verdict(other);
  await at.reserve(job);
  const early = await at.step(job, { mode: 'switch', verdict: at.verdict(job) });
  expect(early.report.codes).toEqual(['colour-runs-another']);
  await at.reserve(other, { verdict });
  Object.assign(at.green, { version: '2.0.0', digest: newDigest });
  expect(await at.step(other, { mode: 'switch', verdict })).toMatchObject({ ok: true, result: 'switched' });
});
