import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Armed } from '../../../../actions/blue-green-switch/post.js';
import { setDeploymentStatus } from '../../../../shared/ledger/deployments.js';
import type { Lock } from '../../../../shared/ledger/refs/lock.js';
import { allTo } from '../../../../shared/traffic/router.js';
import { digestOf } from '../../../support/traffic/colours.js';
import { newDigest, trafficStage, type Job, type TrafficStage } from '../../../support/traffic/stage.js';

let at: TrafficStage;
let job: Job;
beforeEach(async () => {
  at = await trafficStage();
  job = at.startRun();
});
afterEach(() => at.close());

const missingRun = 999_999;

/** 2.0.0 is live on green; the attacker has 6.6.6 deployed to blue. */
async function readyToAttack() {
  await at.release(job);
  at.finishRun(job);
  Object.assign(at.blue, { version: '6.6.6', digest: digestOf('6') });
  return (await at.deployments())[0]!;
}

/** What whoever may push can do: a lock of a run that is over, or never was, which asks for a move to blue. */
async function forgeLock(changes: Partial<Lock>) {
  const control = await at.control(job);
  const observed = await control.router.read();
  const { payload } = (await at.deployments())[0]!;
  const made = await control.lock.create(
    {
      schema: 'devops-actions/lock@1',
      environment: 'production',
      service: 'shop',
      claim: 'forged',
      holder: { runId: missingRun, attempt: 1, job: 0, actor: 'mallory', workflow: 'x' },
      phase: 'switching',
      from: 'green',
      to: 'blue',
      deployment: 424_242,
      version: '6.6.6',
      digest: digestOf('6'),
      payload: { ...payload, version: '6.6.6', digest: digestOf('6'), colour: 'blue' },
      since: new Date().toISOString(),
      journal: {
        direction: 'forward',
        observed: observed.version,
        calls: control.router.plan(observed, allTo('blue', control.colours)),
        done: 0,
        onInterrupt: 'complete',
      },
      ...changes,
    },
    'forged',
  );
  control.close();
  expect(made).toBeDefined();
}

const incidents = async () => {
  const { rest } = at.stand.octokit('octocat');
  const { data } = await rest.issues.listForRepo({ owner: 'acme', repo: 'shop', state: 'all' });
  return data.map(({ body }) => body ?? '');
};
const states = async () => (await at.deployments()).map(({ statuses }) => statuses.at(-1)?.state);

describe('a forged lock', () => {
  it('that asks to complete a switch moves nothing: it is held, and pages with what to do by hand', async () => {
    await readyToAttack();
    await forgeLock({});
    for (let again = 0; again < 2; again++) {
      const step = await at.step(at.startRun(), { mode: 'reconcile' });
      expect(step).toMatchObject({ ok: false, result: 'held' });
      expect(step.message).toContain('its Deployment 424242 does not exist');
    }
    expect(at.live()).toBe('green');
    expect(await states()).toEqual(['success']);
    expect(await incidents()).toEqual([expect.stringMatching(/no mode moves anything by this lock/)]);
  });

  it('is no way in for a release of another run, which is refused', async () => {
    const { payload, id } = await readyToAttack();
    await forgeLock({
      payload: {
        ...payload,
        kind: 'rollback',
        version: '6.6.6',
        digest: digestOf('6'),
        colour: 'blue',
        previous: id,
      },
    });
    const reserved = await at.reserve(at.startRun());
    expect(reserved).toMatchObject({ ok: false, result: 'refused' });
    expect(at.live()).toBe('green');
  });

  it('with a Deployment of a run that does not exist leads traffic back nowhere', async () => {
    const { payload } = await readyToAttack();
    const { previous: _previous, ...without } = payload;
    const forged = { ...without, run: { id: missingRun, attempt: 1 } };
    const { data } = await at.stand.octokit().rest.repos.createDeployment({
      owner: 'acme',
      repo: 'shop',
      ref: at.sha,
      task: 'devops-actions/shop',
      environment: 'production',
      auto_merge: false,
      required_contexts: [],
      payload: forged as never,
    });
    await forgeLock({
      from: 'blue',
      to: 'green',
      deployment: (data as { id: number }).id,
      version: payload.version,
      digest: payload.digest,
      payload: forged,
      journal: { direction: 'back', observed: '', calls: [], done: 0, onInterrupt: 'revert' },
    });
    const step = await at.step(at.startRun(), { mode: 'reconcile' });
    expect(step).toMatchObject({ ok: false, result: 'held' });
    expect(step.message).toContain(`run ${missingRun} does not exist`);
    expect(at.live()).toBe('green');
  });

  it('pushed over a true reservation does not stand in for the verdict that its switch would ask for', async () => {
    await at.release(job);
    at.finishRun(job);
    const next = at.startRun();
    const [version, digest] = ['3.0.0', digestOf('3')];
    await at.reserve(next, { version, digest, verdict: at.verdict(next, { digest }) });
    Object.assign(at.blue, { version, digest });
    const control = await at.control(next);
    const held = (await control.lock.read())!;
    const observed = await control.router.read();
    const journal = {
      direction: 'forward',
      observed: observed.version,
      calls: control.router.plan(observed, allTo('blue', control.colours)),
      done: 0,
      onInterrupt: 'complete',
    } as const;
    await control.lock.replace(held, { ...held.state, phase: 'switching', journal }, 'forged');
    control.close();
    at.finishRun(next);
    const step = await at.step(at.startRun(), { mode: 'reconcile' });
    expect(step).toMatchObject({ ok: false, result: 'held' });
    expect(step.message).toContain('was never in_progress');
    expect(at.live()).toBe('green');
  });

  it('of a reservation does not close the live Deployment', async () => {
    const { id, payload } = await readyToAttack();
    await forgeLock({ phase: 'reserved', deployment: id, payload: { ...payload, colour: 'blue' } });
    expect(await at.step(at.startRun(), { mode: 'reconcile' })).toMatchObject({ ok: false, result: 'held' });
    expect(await states()).toEqual(['success']);
  });

  it.each(['resume', 'revert'])(
    "that says it is held is not carried out on a person's word, mode %s; removed as told, releases go on",
    async (mode) => {
      const { id, payload } = await readyToAttack();
      await forgeLock({ phase: 'held', deployment: id, payload, from: 'blue', to: 'green' });
      // The Deployment of the lock is genuine; the lock moves to what that does not say.
      const person = at.startRun();
      const asked = await at.step(person, { mode });
      expect(asked).toMatchObject({ ok: false, result: 'held' });
      expect(asked.message).toMatch(/6\.6\.6 .* and its Deployment \d+ says green with 2\.0\.0/);
      expect(at.live()).toBe('green');
      expect(await incidents()).toHaveLength(1);
      const dry = await at.step(person, { mode: 'revert', 'dry-run': 'true' });
      expect(dry.message).toContain('No mode');

      const command = /gh api -X DELETE (\S+)/.exec(asked.message)![1]!;
      await at.stand.octokit().request(`DELETE /${command}`);
      expect(await at.refs()).toEqual([]);
      expect(await at.reserve(at.startRun())).toMatchObject({ ok: true, result: 'reserved' });
    },
  );

  it('that repeats a genuine one after its release was superseded brings the old release back nowhere', async () => {
    await at.release(job);
    const genuine = (await at.deployments())[0]!;
    at.finishRun(job);
    const next = at.startRun();
    const digest = digestOf('3');
    const verdict = at.verdict(next, { digest });
    await at.reserve(next, { version: '3.0.0', digest, verdict });
    Object.assign(at.blue, { version: '3.0.0', digest });
    expect(await at.step(next, { mode: 'switch', verdict })).toMatchObject({ result: 'switched' });
    const { payload, id } = genuine;
    const control = await at.control(job);
    const observed = await control.router.read();
    const calls = control.router.plan(observed, allTo('green', control.colours));
    control.close();
    await forgeLock({
      from: 'blue',
      to: 'green',
      deployment: id,
      payload,
      version: payload.version,
      digest: payload.digest,
      journal: { direction: 'forward', observed: observed.version, calls, done: 0, onInterrupt: 'complete' },
    });
    const step = await at.step(at.startRun(), { mode: 'reconcile' });
    expect(step).toMatchObject({ ok: false, result: 'held' });
    expect(step.message).toContain('has been superseded');
    expect(at.live()).toBe('blue');
  });
});

it("the post step finishes its own run's switch where GitHub does not say which runs exist", async () => {
  await at.release(job);
  at.finishRun(job);
  const next = at.startRun();
  const digest = digestOf('3');
  const reserved = await at.reserve(next, {
    version: '3.0.0',
    digest,
    verdict: at.verdict(next, { digest }),
  });
  Object.assign(at.blue, { version: '3.0.0', digest });
  const control = await at.control(next);
  const held = (await control.lock.read())!;
  const observed = await control.router.read();
  const calls = control.router.plan(observed, allTo('blue', control.colours));
  const journal = {
    direction: 'forward',
    observed: observed.version,
    calls,
    done: 1,
    onInterrupt: 'revert',
  } as const;
  await setDeploymentStatus(control.github, held.state.deployment, 'in_progress', 'a test', { log: '' });
  await control.lock.replace(held, { ...held.state, phase: 'switching', journal }, 'a test');
  await control.router.apply(calls[0]!);
  control.close();
  expect(at.live()).toBe('blue');
  const left: Armed = {
    control: { environment: 'production', service: 'shop', trafficFile: 'traffic.yml', jobId: next.jobId },
    claim: held.state.claim,
  };
  reserved.host.state.save('armed', JSON.stringify(left));
  at.stand.server.control.addFault({ path: '/actions/runs/', status: 403, times: 99 });
  expect(await at.post(reserved.host, 'failure')).toMatchObject({ ok: true, result: 'reverted' });
  at.stand.server.control.clearFaults();
  expect(at.live()).toBe('green');
  expect(at.green).toMatchObject({ version: '2.0.0', digest: newDigest });
  expect(await at.refs()).toEqual([]);
});
