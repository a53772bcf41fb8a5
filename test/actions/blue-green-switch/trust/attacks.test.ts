import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../support/traffic/colours.js';
import { newDigest, trafficStage, type Job, type TrafficStage } from '../../../support/traffic/stage.js';

let at: TrafficStage;
let job: Job;
beforeEach(async () => {
  at = await trafficStage();
  job = at.startRun();
});
afterEach(() => at.close());

/** Reserves honestly, deploys, and then switches with what the attacker has. */
async function switchWith(verdict: string | undefined) {
  await at.reserve(job);
  Object.assign(at.green, { version: '2.0.0', digest: newDigest });
  return at.step(job, { mode: 'switch', ...(verdict === undefined ? {} : { verdict }) });
}

describe('a verdict that does not allow exactly this', () => {
  const forgeries: [string, Record<string, unknown>, RegExp][] = [
    ['of another environment', { environment: 'staging' }, /environment staging/],
    ['of another service', { service: 'cart' }, /service cart/],
    ['of another commit', { sha: 'a'.repeat(40) }, /sha a{40}/],
    ['of another artifact', { digest: digestOf('f') }, /digest sha256:f/],
    ['of another run', { runId: 99 }, /runId 99/],
    ['of another attempt', { attempt: 7 }, /attempt 7.*Re-run all jobs/],
    ['that has expired', { expiresAt: '2026-01-01T00:00:00Z' }, /expired/],
    [
      'from the future',
      { issuedAt: '2126-01-01T00:00:00Z', expiresAt: '2126-01-02T00:00:00Z' },
      /has not come yet/,
    ],
    ['that is no pass', { result: 'fail' }, /not one of gate-check's/],
    ['with a key nobody knows', { override: true }, /not one of gate-check's/],
  ];
  it.each(forgeries)('%s is refused and nothing moves', async (_name, changes, reason) => {
    const step = await switchWith(at.verdict(job, changes));
    expect(step).toMatchObject({ ok: false, result: 'refused' });
    expect(step.message).toMatch(reason);
    expect(at.live()).toBe('blue');
    expect(await at.refs()).toEqual([]);
  });

  it('is refused when it is missing, by name of the input', async () => {
    await expect(switchWith(undefined)).rejects.toThrow(/verdict/);
    expect(at.live()).toBe('blue');
  });

  it('does not even reserve a colour', async () => {
    const step = await at.reserve(job, { verdict: at.verdict(job, { attempt: 2 }) });
    expect(step).toMatchObject({ ok: false, result: 'refused' });
    expect(await at.deployments()).toEqual([]);
  });
});

describe('what changed since the gate', () => {
  it('an incident opened meanwhile stops the switch', async () => {
    const people = at.stand.octokit('octocat');
    await at.reserve(job);
    Object.assign(at.green, { version: '2.0.0', digest: newDigest });
    await people.rest.issues.create({
      owner: 'acme',
      repo: 'shop',
      title: 'Payments fail',
      labels: ['incident', 'severity:high', 'service:shop'],
    });
    const step = await at.step(job, { mode: 'switch', verdict: at.verdict(job) });
    expect(step).toMatchObject({ ok: false, result: 'refused' });
    expect(step.message).toContain('incident #');
    expect(at.live()).toBe('blue');
  });

  it('an idle colour overwritten after its smoke test stops the switch', async () => {
    await at.reserve(job);
    Object.assign(at.green, { version: '2.0.0', digest: digestOf('e') });
    const step = await at.step(job, { mode: 'switch', verdict: at.verdict(job) });
    expect(step).toMatchObject({ ok: false, result: 'refused' });
    expect(step.message).toContain('digest');
    expect(at.live()).toBe('blue');
  });

  it('traffic moved past the lock stops the switch', async () => {
    await at.reserve(job);
    Object.assign(at.green, { version: '2.0.0', digest: newDigest });
    const control = await at.control(job);
    for (const call of control.router.plan(await control.router.read(), { blue: 0, green: 100 }))
      await control.router.apply(call);
    control.close();
    const step = await at.step(job, { mode: 'switch', verdict: at.verdict(job) });
    expect(step).toMatchObject({ ok: false, result: 'refused' });
    expect(step.message).toContain('past the lock');
  });

  it('a digest taken back meanwhile stops the switch', async () => {
    const verdict = at.verdict(job, { issuedAt: new Date(Date.now() - 60_000).toISOString() });
    await at.reserve(job);
    Object.assign(at.green, { version: '2.0.0', digest: newDigest });
    const [queued] = await at.deployments();
    const bot = at.stand.octokit();
    const { data } = await bot.rest.repos.createDeployment({
      owner: 'acme',
      repo: 'shop',
      ref: at.sha,
      task: 'devops-actions/shop',
      environment: 'production',
      auto_merge: false,
      required_contexts: [],
      payload: { ...queued!.payload } as never,
    });
    for (const state of ['success', 'failure'] as const) {
      await bot.rest.repos.createDeploymentStatus({
        owner: 'acme',
        repo: 'shop',
        deployment_id: (data as { id: number }).id,
        state,
        auto_inactive: false,
      });
    }
    const step = await at.step(job, { mode: 'switch', verdict });
    expect(step).toMatchObject({ ok: false, result: 'refused' });
    expect(step.message).toContain('was rolled back');
  });
});

describe('the lock', () => {
  it('of a living run is waited for, then respected', async () => {
    await at.reserve(job);
    const other = at.startRun();
    const step = await at.reserve(other);
    expect(step).toMatchObject({ ok: false, result: 'refused' });
    expect(step.message).toContain(`run ${job.runId}`);
  });

  it('of an earlier attempt of the same run is dead, and its verdict too', async () => {
    await at.reserve(job);
    const { attempt } = at.stand.server.control.addAttempt(job.runId);
    const again = at.startJob({ ...job, attempt });
    const step = await at.reserve(again);
    expect(step).toMatchObject({ ok: true, result: 'reserved' });
    expect(await at.step(again, { mode: 'switch', verdict: at.verdict(job) })).toMatchObject({
      result: 'refused',
    });
  });

  it('that a person wrote nonsense into blocks, and says how to look', async () => {
    const blob = at.stand.git('rev-parse', 'HEAD');
    at.stand.git('update-ref', 'refs/devops-actions/production/shop/lock', blob);
    const step = await at.reserve(job);
    expect(step).toMatchObject({ ok: false, result: 'error' });
    expect(step.message).toMatch(/cannot be understood.*git fetch/s);
  });

  it('removed by someone in the middle stops the switch before it moves anything', async () => {
    await at.reserve(job);
    Object.assign(at.green, { version: '2.0.0', digest: newDigest });
    at.stand.git('update-ref', '-d', 'refs/devops-actions/production/shop/lock');
    const step = await at.step(job, { mode: 'switch', verdict: at.verdict(job) });
    expect(step).toMatchObject({ ok: false, result: 'refused' });
    expect(step.message).toContain('nothing is reserved');
    expect(at.live()).toBe('blue');
  });
});
