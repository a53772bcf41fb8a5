import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newDigest, trafficStage, type Job, type TrafficStage } from '../../../support/traffic/stage.js';

let at: TrafficStage;
let job: Job;
beforeEach(async () => {
  at = await trafficStage();
  job = at.startRun();
  await at.stand.octokit('octocat').rest.repos.createOrUpdateEnvironment({
    owner: 'acme',
    repo: 'shop',
    environment_name: 'Production',
  });
});
afterEach(() => at.close());

/** The environments of all Deployments, as GitHub has them. */
async function recordedIn(): Promise<string[]> {
  const { data } = await at.stand
    .octokit()
    .rest.repos.listDeployments({ owner: 'acme', repo: 'shop', per_page: 100 });
  return [...new Set(data.map(({ environment }) => environment))];
}

describe('switch fault 14: an environment that GitHub spells "Production"', () => {
  it('has one ledger and one lock, however the steps spell it', async () => {
    expect(await at.release(job, { environment: 'PRODUCTION' })).toMatchObject({ result: 'switched' });
    expect(await recordedIn()).toEqual(['Production']);
    at.finishRun(job);
    for (const environment of ['production', 'Production', 'PRODUCTION']) {
      const step = await at.step(at.startRun(), { mode: 'status', environment });
      expect(step).toMatchObject({ ok: true, result: 'ok', report: { environment: 'Production' } });
      expect(step.message).toContain('Ledger: 2.0.0');
    }
  });

  it('keeps a true lock true for reconcile in another spelling', async () => {
    expect(await at.reserve(job, { environment: 'production' })).toMatchObject({ result: 'reserved' });
    const step = await at.step(at.startRun(), { mode: 'reconcile', environment: 'PRODUCTION' });
    expect(step).toMatchObject({ ok: true, result: 'busy' });
    at.finishRun(job);
    const later = await at.step(at.startRun(), { mode: 'reconcile', environment: 'Production' });
    expect(later).toMatchObject({ ok: true, result: 'released' });
  });

  it('is said with the spelling to write, and a rollback in another one finds its release', async () => {
    expect(await at.release(job)).toMatchObject({ result: 'switched' });
    at.finishRun(job);
    const next = at.startRun();
    Object.assign(at.blue, { version: '2.0.0', digest: newDigest });
    expect(await at.reserve(next)).toMatchObject({ result: 'reserved' });
    expect(await at.step(next, { mode: 'switch', verdict: at.verdict(next) })).toMatchObject({ ok: true });
    const back = await at.step(at.startRun(), { mode: 'revert', environment: 'production' });
    expect(back).toMatchObject({ ok: true, result: 'reverted' });
    expect(back.report.timeline.map(({ message }) => message)).toContain(
      'GitHub spells the environment "Production", which is used. Fix: write "environment: Production" instead of "production".',
    );
  });
});
