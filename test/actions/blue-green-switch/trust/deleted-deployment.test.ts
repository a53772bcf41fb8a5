import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { trafficStage, type Job, type TrafficStage } from '../../../support/traffic/stage.js';

let at: TrafficStage;
let job: Job;
beforeEach(async () => {
  at = await trafficStage();
  job = at.startRun();
});
afterEach(() => at.close());

/** GitHub keeps no trace of a Deployment that was deleted: the lock names one that it does not know. */
async function deleteDeployment() {
  const control = await at.control(job);
  const held = (await control.lock.read())!;
  await control.lock.replace(held, { ...held.state, deployment: 424_242 }, 'as if deleted');
  control.close();
}

describe('switch fault 23: a Deployment that somebody deleted while its lock is held', () => {
  beforeEach(async () => {
    expect(await at.reserve(job)).toMatchObject({ result: 'reserved' });
    await deleteDeployment();
  });

  it.each(['switch', 'reconcile'])(
    'is said as such by %s, with what to do, and nobody is called a forger',
    async (mode) => {
      if (mode === 'reconcile') at.finishRun(job);
      const step = await at.step(mode === 'switch' ? job : at.startRun(), {
        mode,
        verdict: at.verdict(job),
      });
      expect(step.ok).toBe(false);
      expect(step.message).toMatch(
        /its Deployment 424242 does not exist: somebody deleted it, or nobody made it \[deployment-deleted\]/,
      );
      expect(step.message).not.toContain('not written by');
      expect(step.report.codes).toEqual(['deployment-deleted']);
      expect(at.live()).toBe('blue');
      const [, command] = /gh api -X DELETE ([^\s.;]+)/.exec(step.message)!;
      await at.stand.octokit().request(`DELETE /${command}`);
      expect(await at.refs()).toEqual([]);
      expect(await at.reserve(at.startRun())).toMatchObject({ ok: true, result: 'reserved' });
    },
  );
});
