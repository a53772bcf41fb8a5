import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Armed } from '../../../actions/blue-green-switch/post.js';
import { setDeploymentStatus } from '../../../shared/ledger/deployments.js';
import { allTo } from '../../../shared/traffic/router.js';
import type { TestHost } from '../../support/runner/host.js';
import { newDigest, trafficStage, type Job, type TrafficStage } from '../../support/traffic/stage.js';

let at: TrafficStage;
let job: Job;
let host: TestHost;
beforeEach(async () => {
  at = await trafficStage();
  job = at.startRun();
  host = await armed();
});
afterEach(() => at.close());

/** A step that was killed after its first call, with all traffic on green; its host as the post step finds it. */
async function armed(): Promise<TestHost> {
  const reserved = await at.reserve(job);
  Object.assign(at.green, { version: '2.0.0', digest: newDigest });
  const control = await at.control(job);
  const held = (await control.lock.read())!;
  const { version: observed, ...before } = await control.router.read();
  const calls = control.router.plan({ ...before, version: observed }, allTo('green', control.colours));
  const journal = { direction: 'forward', observed, calls, done: 1, onInterrupt: 'revert' } as const;
  await setDeploymentStatus(control.github, held.state.deployment, 'in_progress', 'a test', { log: '' });
  await control.lock.replace(held, { ...held.state, phase: 'switching', journal }, 'a test');
  await control.router.apply(calls[0]!);
  control.close();
  const left: Armed = {
    control: { environment: 'production', service: 'shop', trafficFile: 'traffic.yml', jobId: job.jobId },
    claim: held.state.claim,
  };
  reserved.host.state.save('armed', JSON.stringify(left));
  return reserved.host;
}

/** Nobody listens there. */
const withoutGitHub = (): TestHost => ({
  ...host,
  clock: { ...host.clock, sleep: () => Promise.resolve() },
  context: { ...host.context, apiUrl: 'http://127.0.0.1:9' },
});

describe('the post step of a switch that was cut off', () => {
  it('brings it to an end', async () => {
    expect(await at.post(host)).toMatchObject({ ok: true, result: 'reverted' });
    expect(at.live()).toBe('blue');
    expect(await at.refs()).toEqual([]);
  });

  it('says where traffic is and what finishes it when GitHub is down', async () => {
    const post = await at.post(withoutGitHub());
    expect(post).toMatchObject({ ok: false, result: 'error' });
    expect(post!.message).toMatch(
      /^What this job began could not be brought to an end: .*GitHub.* Traffic now: green 100 %\. Mode reconcile .* finishes it/s,
    );
    expect(post!.outputs['live']).toBe('green');
    expect(post!.report.nodes).toMatchObject([{ name: 'edge-1', weights: { blue: 0, green: 100 } }]);
    expect(at.live()).toBe('green');
  });

  it('says that traffic is not known when the router cannot be read either', async () => {
    await at.router.refuse(true);
    const post = await at.post(withoutGitHub());
    expect(post!.message).toContain('Traffic now: not known, no node can be read.');
  });

  it('holds what it cannot prove, with the reason, and a reconcile after the job goes on once the router answers', async () => {
    await at.router.refuse(true);
    const post = await at.post(host);
    expect(post).toMatchObject({ ok: false, result: 'held' });
    expect(post!.report.reasons).toEqual([expect.stringMatching(/edge-1.* is not running/)]);
    at.finishRun(job);
    await at.router.refuse(false);
    expect(await at.step(at.startRun(), { mode: 'reconcile' })).toMatchObject({
      ok: true,
      result: 'reverted',
    });
    expect(at.live()).toBe('blue');
    expect(await at.refs()).toEqual([]);
  });
});
