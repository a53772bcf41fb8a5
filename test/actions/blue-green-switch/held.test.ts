import { action } from '../../../actions/blue-green-switch/main.js';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newDigest, trafficStage, type Job, type TrafficStage } from '../../support/traffic/stage.js';
import { twoReleases } from '../../support/traffic/two-releases.js';
import { untilLive } from '../../support/traffic/until-live.js';

let at: TrafficStage;
let job: Job;
beforeEach(async () => {
  at = await trafficStage();
  job = at.startRun();
});
afterEach(() => at.close());

/** The new colour is switched to, shows another version through the entry, and the old one has fallen ill meanwhile. */
async function holdTraffic(inputs: Record<string, string> = {}) {
  await at.reserve(job);
  Object.assign(at.green, { version: '2.0.0', digest: newDigest });
  const running = at.step(job, { mode: 'switch', verdict: at.verdict(job), ...inputs });
  await untilLive(at, 'green');
  at.blue.well = false;
  at.green.version = '6.6.6';
  const held = await running;
  at.finishRun(job);
  return held;
}

/** 3.0.0 on blue is taken back to 2.0.0 on green, where new connections then find something else. */
async function holdRollback() {
  at.finishRun((await twoReleases(at, job)).next);
  const rollback = at.startRun();
  const running = at.step(rollback, { mode: 'revert' });
  await untilLive(at, 'green');
  at.green.version = '6.6.6';
  const held = await running;
  at.finishRun(rollback);
  return held;
}

describe('a rollback that is held', () => {
  const noRevert =
    /redeploy `2\.0\.0` to `green` .* run `mode: resume`\. There is no `mode: revert` of a rollback/;

  it('offers nothing that cannot end it, neither in the summary nor in the incident nor on trying', async () => {
    const held = await holdRollback();
    expect(held).toMatchObject({ ok: false, result: 'held' });
    expect(action.render(held.report)).toMatch(noRevert);
    const { data } = await at.stand
      .octokit('octocat')
      .rest.issues.listForRepo({ owner: 'acme', repo: 'shop' });
    expect(data[0]?.body).toMatch(noRevert);
    const tried = await at.step(at.startRun(), { mode: 'revert' });
    expect(tried).toMatchObject({ ok: false, result: 'held' });
    expect(tried.message).toMatch(
      /nothing to go back to; redeploy 2\.0\.0 to green .* mode resume \[nothing-to-go-back-to\]$/,
    );
    expect(action.render(tried.report)).toMatch(noRevert);
  });

  it('ends by mode resume once its release is there again, and not before', async () => {
    await holdRollback();
    expect(await at.step(at.startRun(), { mode: 'resume' })).toMatchObject({ ok: false, result: 'held' });
    at.green.version = '2.0.0';
    expect(await at.step(at.startRun(), { mode: 'resume' })).toMatchObject({ ok: true, result: 'completed' });
    expect(at.live()).toBe('green');
    expect(await at.refs()).toEqual([]);
    const [rollback, bad] = await at.deployments();
    expect([rollback, bad].map((record) => record?.statuses.at(-1)?.state)).toEqual(['success', 'failure']);
  });
});

describe('traffic that can go neither way', () => {
  it('is held: nothing moves, the lock stays, an incident pages a person, and nobody else may reserve', async () => {
    const held = await holdTraffic();
    expect(held).toMatchObject({ ok: false, result: 'held' });
    expect(await at.refs()).toEqual(['refs/devops-actions/production/shop/lock']);
    const { data } = await at.stand
      .octokit('octocat')
      .rest.issues.listForRepo({ owner: 'acme', repo: 'shop' });
    expect(data.map(({ title }) => title)).toEqual([
      'shop: traffic in production is held and needs a person',
    ]);
    expect(await at.reserve(at.startRun())).toMatchObject({ ok: false, result: 'refused' });
    expect(await at.step(at.startRun(), { mode: 'reconcile' })).toMatchObject({ ok: false, result: 'held' });
  });

  it('goes back by mode revert once the old colour is well, and not before', async () => {
    await holdTraffic();
    expect(await at.step(at.startRun(), { mode: 'revert' })).toMatchObject({ ok: false, result: 'held' });
    expect(at.live()).toBe('green');
    at.blue.well = true;
    expect(await at.step(at.startRun(), { mode: 'revert' })).toMatchObject({ ok: true, result: 'reverted' });
    expect(at.live()).toBe('blue');
    expect(await at.refs()).toEqual([]);
    expect((await at.deployments())[0]?.statuses.at(-1)?.state).toBe('failure');
  });

  it('goes forward by mode resume once the new colour runs what was released, and not before', async () => {
    await holdTraffic();
    expect(await at.step(at.startRun(), { mode: 'resume' })).toMatchObject({ ok: false, result: 'held' });
    at.green.version = '2.0.0';
    expect(await at.step(at.startRun(), { mode: 'resume' })).toMatchObject({ ok: true, result: 'completed' });
    expect(at.live()).toBe('green');
    expect(await at.refs()).toEqual([]);
    expect((await at.deployments())[0]?.statuses.at(-1)?.state).toBe('success');
  });
});

describe('switch fault 15: a hold that pages nobody', () => {
  it('says so in message and summary, with the line to add; the next reconcile with that line pages', async () => {
    const { token } = at.stand.server.control.addToken({
      actor: 'github-actions[bot]',
      permissions: { contents: 'write', deployments: 'write', issues: 'read', actions: 'read' },
      runId: job.runId,
    });
    const held = await holdTraffic({ 'github-token': token });
    expect(held).toMatchObject({ ok: false, result: 'held' });
    const unpaged = /Nobody could be paged: no incident could be opened\. This job may not write issues/;
    expect(held.message).toMatch(unpaged);
    expect(held.message).toMatch(/Fix: under jobs\..+\.permissions add {2}issues: write/);
    expect(held.report.reasons).toContainEqual(expect.stringMatching(unpaged));
    expect(action.render(held.report)).toMatch(unpaged);
    const later = await at.step(at.startRun(), { mode: 'reconcile' });
    expect(later).toMatchObject({ ok: false, result: 'held' });
    expect(later.message).not.toContain('Nobody could be paged');
    const { data } = await at.stand
      .octokit('octocat')
      .rest.issues.listForRepo({ owner: 'acme', repo: 'shop' });
    expect(data).toHaveLength(1);
  });
});
