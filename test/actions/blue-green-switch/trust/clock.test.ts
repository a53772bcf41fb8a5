import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { render } from '../../../../actions/blue-green-switch/report/render.js';
import { setDeploymentStatus } from '../../../../shared/ledger/deployments.js';
import { newDigest, trafficStage, type Job, type TrafficStage } from '../../../support/traffic/stage.js';

let at: TrafficStage;
let job: Job;
const minute = 60_000;
beforeEach(async () => {
  at = await trafficStage();
  job = at.startRun();
});
afterEach(() => at.close());

/** A step on a runner whose clock is so many minutes ahead of GitHub's. */
async function stepAhead(minutes: number, inputs: Record<string, string>) {
  const { host } = await at.step(at.startRun(), { mode: 'status' });
  const clock = { ...host.clock, now: () => Date.now() + minutes * minute };
  return at.step(job, inputs, { ...host, clock, context: { ...host.context, runId: job.runId } });
}

describe('switch fault 11: a runner whose clock is wrong', () => {
  it.each([10, -10])(
    'by %d minutes neither refuses a valid verdict nor hides it: it is told once',
    async (off) => {
      const verdict = at.verdict(job, { expiresAt: new Date(Date.now() + 5 * minute).toISOString() });
      const step = await stepAhead(off, { mode: 'reserve', version: '2.0.0', digest: newDigest, verdict });
      expect(step).toMatchObject({ ok: true, result: 'reserved' });
      const told = off > 0 ? /clock is 10 min.* ahead of GitHub's/ : /clock is (10|9) min.* behind GitHub's/;
      const lines = step.host.printed.filter((line) => line.includes("The runner's clock is"));
      expect(lines).toEqual([expect.stringMatching(told)]);
      expect(render(step.report)).toMatch(/The runner's clock is (10|9) min/);
    },
  );

  it('that runs slow does not take a verdict that is over', async () => {
    const verdict = at.verdict(job, { expiresAt: new Date(Date.now() - minute).toISOString() });
    const step = await stepAhead(-10, { mode: 'reserve', version: '2.0.0', digest: newDigest, verdict });
    expect(step).toMatchObject({ ok: false, result: 'refused' });
    expect(step.message).toContain('expired');
  });

  it('that runs fast does not end the bake of the old colour', async () => {
    await at.release(job);
    const kept = await stepAhead(10, { mode: 'retire', bake: '9m', remove: '/bin/true' });
    expect(kept).toMatchObject({ ok: true, result: 'kept' });
    expect(kept.message).toMatch(/has been live for [\d.]+ m?s of 9 min/);
  });

  it('that runs fast misses no digest that was taken back after the gate', async () => {
    const first = await at.release(job);
    expect(first.result).toBe('switched');
    job = at.startRun();
    at.blue.version = '2.0.0';
    at.blue.digest = newDigest;
    const reserved = await stepAhead(10, {
      mode: 'reserve',
      version: '2.0.0',
      digest: newDigest,
      verdict: at.verdict(job),
    });
    expect(reserved.result).toBe('reserved');
    const control = await at.control(job);
    await setDeploymentStatus(control.github, (await at.deployments())[1]!.id, 'failure', 'taken back');
    control.close();
    const step = await stepAhead(10, {
      mode: 'switch',
      strategy: 'instant',
      verdict: at.verdict(job),
    });
    expect(step).toMatchObject({ ok: false, result: 'refused' });
    expect(step.message).toContain('was rolled back after the gate passed');
  });
});
