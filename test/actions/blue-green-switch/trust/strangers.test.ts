import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isoInstant } from '../../../../shared/time/instant.js';
import { trafficStage, type Job, type TrafficStage } from '../../../support/traffic/stage.js';

let at: TrafficStage;
let job: Job;
beforeEach(async () => {
  at = await trafficStage();
  job = at.startRun();
});
afterEach(() => at.close());

const followFix = async (message: string) => {
  const [, command] = /gh api -X DELETE ([^\s;]+)/.exec(message)!;
  await at.stand.octokit().request(`DELETE /${command}`);
};

describe.each(['refs/devops-actions/production/shop', 'refs/devops-actions/production/shop/lock/x'])(
  'switch fault 20: a ref of a stranger at %s',
  (ref) => {
    it('is shown by reserve and status with the line that removes it', async () => {
      at.stand.git('update-ref', ref, at.sha);
      const refused = await at.reserve(job);
      expect(refused.ok).toBe(false);
      expect(refused.message).toContain(`${ref} is in its way`);
      const status = await at.step(job, { mode: 'status' });
      expect(status).toMatchObject({ result: 'drift' });
      await followFix(status.message);
      expect(await at.refs()).toEqual([]);
      expect(await at.reserve(job)).toMatchObject({ ok: true, result: 'reserved' });
    });
  },
);

describe('switch fault 21: a watch that a stranger pushed, of a run that lives,', () => {
  const hour = 3_600_000;
  async function forgeWatch(deployment: number, until: number) {
    const { runId, attempt, jobId } = at.startRun();
    const control = await at.control(job);
    await control.watch.create(
      {
        schema: 'devops-actions/watch@1',
        environment: 'production',
        service: 'shop',
        claim: 'forged',
        holder: { runId, attempt, job: jobId, actor: 'mallory', workflow: 'x' },
        deployment,
        since: isoInstant(0),
        until: isoInstant(until),
      },
      'forged',
    );
    control.close();
  }

  it.each([
    ['of a Deployment that does not exist', () => 424_242, () => Date.now() + hour, /424242 does not exist/],
    ['that was over long ago', (id: number) => id, () => Date.now() - hour, /it was over at/],
  ] as const)('%s, is shown by status and keeps no release waiting', async (_, deployment, until, why) => {
    await at.release(job);
    at.finishRun(job);
    await forgeWatch(deployment((await at.deployments())[0]!.id), until());
    const status = await at.step(at.startRun(), { mode: 'status' });
    expect(status.message).toMatch(why);
    expect(status.message).toContain('git/refs/devops-actions/production/shop/watch');
    expect(await at.reserve(at.startRun())).toMatchObject({ ok: true, result: 'reserved' });
  });

  it('of the live Deployment, and not over, is waited for as ever', async () => {
    await at.release(job);
    at.finishRun(job);
    await forgeWatch((await at.deployments())[0]!.id, Date.now() + hour);
    const refused = await at.reserve(at.startRun());
    expect(refused).toMatchObject({ ok: false, result: 'refused' });
    expect(refused.message).toContain('is being watched until');
  });
});

describe('a lock that a stranger pushed, of a run that lives,', () => {
  it('is shown by status and by whoever waits for it, with the line that removes it', async () => {
    await at.release(job);
    at.finishRun(job);
    const [live] = await at.deployments();
    const { runId, attempt, jobId } = at.startRun();
    const control = await at.control(job);
    const { payload } = live!;
    const { version, digest } = payload;
    await control.lock.create(
      {
        schema: 'devops-actions/lock@1',
        environment: 'production',
        service: 'shop',
        claim: 'forged',
        holder: { runId, attempt, job: jobId, actor: 'mallory', workflow: 'x' },
        phase: 'reserved',
        ...{ from: 'green', to: 'blue', deployment: 424_242, version, digest, payload },
        since: isoInstant(0),
      },
      'forged',
    );
    control.close();
    const why = /its Deployment 424242 does not exist.*gh api -X DELETE/s;
    const status = await at.step(at.startRun(), { mode: 'status' });
    expect(status).toMatchObject({ ok: true, result: 'drift' });
    expect(status.message).toMatch(why);
    const refused = await at.reserve(at.startRun());
    expect(refused).toMatchObject({ ok: false, result: 'refused' });
    expect(refused.message).toMatch(why);
    expect((await at.step(at.startRun(), { mode: 'revert' })).message).toMatch(why);
    await followFix(status.message);
    expect(await at.reserve(at.startRun())).toMatchObject({ ok: true, result: 'reserved' });
  });
});

describe('switch fault 10: 101 statuses of a stranger on both records', () => {
  it('do not keep a rollback from its release', async () => {
    await at.release(job);
    at.finishRun(job);
    const next = at.startRun();
    const { payload, id } = (await at.deployments())[0]!;
    Object.assign(at.blue, { version: payload.version, digest: payload.digest });
    await at.reserve(next);
    expect(await at.step(next, { mode: 'switch', verdict: at.verdict(next) })).toMatchObject({ ok: true });
    at.finishRun(next);
    const mallory = at.stand.octokit('mallory');
    const live = (await at.deployments())[0]!;
    for (const deployment_id of [id, live.id])
      for (let count = 0; count < 101; count++)
        await mallory.rest.repos.createDeploymentStatus({
          owner: 'acme',
          repo: 'shop',
          deployment_id,
          state: 'inactive',
        });
    expect((await at.deployments()).map(({ distrust }) => distrust)).toEqual([[], []]);
    expect(await at.step(at.startRun(), { mode: 'revert' })).toMatchObject({ ok: true, result: 'reverted' });
    expect(at.live()).toBe('green');
  });
});
