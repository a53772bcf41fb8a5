import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { action } from '../../../actions/auto-rollback/main.js';
import { outcomeOf } from '../../../shared/ledger/record.js';
import { systemClock } from '../../../shared/runner/port.js';
import { inputVariable, readInputs } from '../../../shared/runner/read-inputs.js';
import type { Clock } from '../../../shared/time/clock.js';
import { longestWord } from '../../../shared/traffic/switch/transaction.js';
import { testHost } from '../../support/runner/host.js';
import { newDigest, trafficStage, type Job, type TrafficStage } from '../../support/traffic/stage.js';
import { twoReleases } from '../../support/traffic/two-releases.js';
import { digestOf } from '../../support/traffic/colours.js';
import { until } from '../../support/until.js';

let at: TrafficStage;
let job: Job;
beforeEach(async () => {
  at = await trafficStage();
  job = at.startRun();
});
afterEach(() => at.close());

/** Time runs so many times as fast as the real one. */
const fast = (speed: number): Clock => {
  const start = systemClock.now();
  return {
    now: () => Math.round(start + (systemClock.now() - start) * speed),
    // A busy machine has a minute for a word to the ledger.
    sleep: (ms, signal) => systemClock.sleep(ms === longestWord ? 60_000 : ms / speed, signal),
  };
};

function hostOf({ runId, attempt }: Job, clock: Clock) {
  const { sha, workspace } = at;
  const apiUrl = at.stand.server.url;
  return testHost({
    context: { sha, runId, attempt, apiUrl, workspace, temp: workspace },
    clock,
    random: Math.random,
  });
}

/** Presses the panic button in a run of its own. */
async function panic(inputs: Record<string, string> = {}, speed = 20) {
  const own = at.startRun();
  const token = at.stand.server.control.addToken({
    actor: 'github-actions[bot]',
    permissions: { contents: 'write', deployments: 'write', issues: 'write', actions: 'read' },
  }).token;
  const given = {
    mode: 'now',
    environment: 'production',
    service: 'shop',
    traffic: 'traffic.yml',
    'github-token': token,
    'job-id': String(own.jobId),
    ...inputs,
  };
  const env = Object.fromEntries(Object.entries(given).map(([name, value]) => [inputVariable(name), value]));
  const outcome = await action.run(readInputs(action.inputs, env), hostOf(own, fast(speed)));
  return { ...outcome, outputs: outcome.outputs as Record<string, string> };
}

/** A clock that stops a run at its next pause until it is let go on. */
function hanging(): { clock: Clock; hung: Promise<void>; goOn: () => void } {
  let goOn = () => {};
  let hangs = () => {};
  const gate = new Promise<void>((resolve) => (goOn = resolve));
  const hung = new Promise<void>((resolve) => (hangs = resolve));
  const sleep = async () => {
    hangs();
    await gate;
  };
  return { clock: { now: () => systemClock.now(), sleep }, hung, goOn };
}

const outcomes = async () =>
  (await at.deployments()).map((record) => [
    record.payload.kind,
    record.payload.version,
    outcomeOf(record).is,
  ]);

const incidentTitles = async () => {
  const { data } = await at.stand
    .octokit('octocat')
    .rest.issues.listForRepo({ owner: 'acme', repo: 'shop', labels: 'incident', state: 'open' });
  return data.map(({ title }) => title);
};

describe('the panic button', () => {
  it('that two people press at once takes traffic back once, and tells nobody that it could not be', async () => {
    await twoReleases(at, job);
    const pressed = await Promise.all([panic({ reason: 'orders' }, 1), panic({ reason: 'payments' }, 1)]);
    expect(pressed.map(({ outputs }) => outputs['result'])).toEqual(['rolled-back', 'rolled-back']);
    expect(at.live()).toBe('green');
    expect(await outcomes()).toContainEqual(['rollback', '2.0.0', 'succeeded']);
    expect(await incidentTitles()).toEqual(['shop 3.0.0 was rolled back in production']);
  });

  it('that somebody presses again just after takes nothing back a second time; a named Deployment goes', async () => {
    await twoReleases(at, job);
    expect(await panic()).toMatchObject({ ok: true, outputs: { 'rolled-back-to': '2.0.0' } });
    const again = await panic({}, 1);
    expect([again.ok, again.outputs['rolled-back-to'], at.live()]).toEqual([true, '2.0.0', 'green']);
    expect((await at.deployments()).filter(({ payload }) => payload.kind === 'rollback')).toHaveLength(1);
    expect(await incidentTitles()).toEqual(['shop 3.0.0 was rolled back in production']);

    const [live] = await at.deployments();
    const named = await panic({ 'deployment-id': String(live!.id) });
    expect(named.message).not.toContain('2.0.0 is live again');
  });

  it('rolls back what is live while the next release waits for its approval, which then does not go out', async () => {
    await twoReleases(at, job);
    const waiting = at.startRun();
    const third = { version: '4.0.0', digest: digestOf('4') };
    const verdict = at.verdict(waiting, { digest: third.digest });
    expect(await at.reserve(waiting, { ...third, verdict })).toMatchObject({ result: 'reserved' });

    expect(await panic()).toMatchObject({ ok: true, outputs: { 'rolled-back-to': '2.0.0' } });
    expect(at.live()).toBe('green');
    expect(await at.refs()).toEqual([]);
    expect((await outcomes()).slice(0, 3)).toEqual([
      ['rollback', '2.0.0', 'succeeded'],
      ['release', '4.0.0', 'abandoned'],
      ['release', '3.0.0', 'taken-back'],
    ]);
    expect(await at.step(waiting, { mode: 'switch', verdict })).toMatchObject({ ok: false });
    expect(at.live()).toBe('green');
  });

  it.each([
    ['known to the ledger', true],
    ['older than the ledger', false],
  ])(
    'takes traffic from a release whose run hangs after it moved it, back to one %s; the run stops when it wakes up',
    async (_, known) => {
      if (known) await twoReleases(at, job);
      const [hangs, version] = [at.startRun(), known ? '4.0.0' : '2.0.0'];
      const digest = known ? digestOf('4') : newDigest;
      const { clock, hung, goOn } = hanging();
      expect(
        await at.reserve(hangs, { version, digest, verdict: at.verdict(hangs, { digest }) }),
      ).toMatchObject({ result: 'reserved' });
      Object.assign(at.green, { version, digest });
      const holder = at
        .step(hangs, { mode: 'switch', verdict: at.verdict(hangs, { digest }) }, hostOf(hangs, clock))
        .then(
          ({ ok }) => ok,
          () => false,
        );
      await hung;
      await until(() => at.live() === 'green', 'the hung run has moved traffic');

      expect(await panic({ reason: 'orders are lost' })).toMatchObject({
        ok: true,
        outputs: { 'rolled-back-to': known ? '3.0.0' : '' },
      });
      expect(at.live()).toBe('blue');
      goOn();
      expect(await holder).toBe(false);
      expect(at.live()).toBe('blue');
      expect(await at.refs()).toEqual([]);
      expect((await outcomes())[0]).toEqual(['release', version, 'failed']);
    },
  );

  it('moves traffic again when a call of the run that lost the lock arrives late', async () => {
    await twoReleases(at, job);
    const waiting = at.startRun();
    const verdict = at.verdict(waiting, { digest: digestOf('4') });
    await at.reserve(waiting, { version: '4.0.0', digest: digestOf('4'), verdict });
    // The late call must come while the router is still being watched, on a busy machine too.
    const pressed = panic({}, 1);
    await until(() => at.live() === 'green', 'traffic was moved back');
    const control = await at.control(waiting);
    // The late call of the run that lost the lock.
    const observed = await control.router.read();
    for (const call of control.router.plan(observed, { blue: 100, green: 0 }))
      await control.router.apply(call);
    control.close();
    expect(await pressed).toMatchObject({ ok: true });
    expect(at.live()).toBe('green');
    expect(await at.refs()).toEqual([]);
  });

  it('passes over a lock that no release wrote', async () => {
    await twoReleases(at, job);
    const stranger = at.startRun();
    const control = await at.control(stranger);
    const live = (await at.deployments())[0]!;
    await control.lock.create(
      {
        schema: 'devops-actions/lock@1',
        environment: 'production',
        service: 'shop',
        claim: 'x',
        holder: control.me,
        phase: 'switching',
        from: 'green',
        to: 'blue',
        deployment: 4711,
        version: live.payload.version,
        digest: live.payload.digest,
        payload: live.payload,
        since: '2026-01-01T00:00:00.000Z',
      },
      'forged',
    );
    control.close();
    expect(await panic()).toMatchObject({ ok: true, outputs: { 'rolled-back-to': '2.0.0' } });
    expect(at.live()).toBe('green');
    expect(await at.refs()).toEqual([]);
  });
});
