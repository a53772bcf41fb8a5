import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { render } from '../../../../actions/blue-green-switch/report/render.js';
import { twoReleases } from '../../../support/traffic/two-releases.js';
import { newDigest, trafficStage, type TrafficStage } from '../../../support/traffic/stage.js';
import { untilLive } from '../../../support/traffic/until-live.js';

let at: TrafficStage;
afterEach(() => at.close());

describe('a stranger who finds a switch of somebody else half-way', () => {
  it('reads in the status that it is under way, not that somebody moved traffic past the ledger', async () => {
    at = await trafficStage({}, 'servers');
    const job = at.startRun();
    await at.release(job, { strategy: '25 % pause' });
    const summary = render((await at.step(at.startRun(), { mode: 'status' })).report);
    expect(summary).toContain(
      `A switch is under way (paused), which may be all of it: look at run ${job.runId}`,
    );
    expect(summary).not.toContain('someone moved traffic');
  });

  it('is told by a revert who is at work, and brings traffic back once that run is cancelled', async () => {
    at = await trafficStage({}, 'servers');
    const job = at.startRun();
    await at.release(job, { strategy: '25 % pause' });
    const refused = await at.step(at.startRun(), { mode: 'revert' });
    const dry = await at.step(at.startRun(), { mode: 'revert', 'dry-run': 'true' });
    expect(refused).toMatchObject({ ok: false, result: 'refused' });
    expect(refused.message).toMatch(new RegExp(`belongs to run ${job.runId} .*still at work`));
    expect(dry.report.reasons).toEqual(refused.report.reasons);
    expect(render(refused.report)).toContain('a run at work that holds the lock is cancelled first');
    at.finishRun(job);
    expect(await at.step(at.startRun(), { mode: 'revert' })).toMatchObject({ ok: true, result: 'reverted' });
    expect(at.weights()).toEqual({ blue: 100, green: 0 });
  });

  it('sees the old colour in what a revert of a held switch says, not the version that lost it', async () => {
    at = await trafficStage({}, 'servers');
    const job = at.startRun();
    await at.release(job, { strategy: '25 % pause' });
    at.finishRun(job);
    at.blue.well = false;
    expect(await at.step(at.startRun(), { mode: 'reconcile' })).toMatchObject({ result: 'held' });
    at.blue.well = true;
    const { report } = await at.step(at.startRun(), { mode: 'revert' });
    expect(report).toMatchObject({ result: 'reverted', target: 'blue' });
    expect(report.version).toBeUndefined();
  });
});

it('a revert while no node answers says that traffic is not known, and what was not confirmed', async () => {
  at = await trafficStage();
  await twoReleases(at, at.startRun());
  await at.router.close();
  const held = await at.step(at.startRun(), { mode: 'revert' });
  expect(held).toMatchObject({ ok: false, result: 'held' });
  expect(held.message).toContain('edge-1 did not confirm green 100 %');
  const summary = render(held.report);
  expect(summary).toContain('| Traffic before | not known, the router could not be read |');
  expect(summary).not.toContain('no traffic anywhere');
  expect(summary).toContain('see that `green` runs `2.0.0` and is well, make every node readable');
});

it('nobody reads the password of an address of the traffic file: not in summary, incident or Deployment', async () => {
  at = await trafficStage();
  const file = join(at.workspace, 'traffic.yml');
  const password = 'hunter%2F22';
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('http://', `http://ci:${password}@`));
  const job = at.startRun();
  await at.reserve(job);
  Object.assign(at.green, { version: '2.0.0', digest: newDigest });
  const running = at.step(job, { mode: 'switch', verdict: at.verdict(job) });
  await untilLive(at, 'green');
  at.blue.well = false;
  at.green.version = '6.6.6';
  const held = await running;
  expect(held.result).toBe('held');
  expect(held.host.masked).toContain('hunter/22');
  const { report } = await at.step(at.startRun(), { mode: 'status' });
  const { data: issues } = await at.stand
    .octokit()
    .rest.issues.listForRepo({ owner: 'acme', repo: 'shop', state: 'all' });
  const told = JSON.stringify([held.report, report, issues, await at.deployments()]);
  expect(issues).toHaveLength(1);
  expect(told).toContain('does not reach 2.0.0');
  expect(told).not.toContain('hunter');
});
