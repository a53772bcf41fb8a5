import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { outcomeOf } from '../../../../shared/ledger/record.js';
import { takeLock } from '../../../../shared/traffic/recovery/acquire.js';
import { playAll, unsettled } from '../../../support/crash/case.js';
import {
  cancelFirst,
  heldIncidents,
  kill,
  lockOf,
  openStages,
  planOf,
  switchWith,
  type Stages,
} from '../../../support/crash/fault.js';
import type { StepProcess } from '../../../support/crash/process.js';
import type { CrashStage } from '../../../support/crash/stage.js';

let stages: Stages;
beforeAll(() => {
  stages = openStages();
});
afterEach(() => stages.clear());
afterAll(() => stages.close());

describe('a switch that is cut off with on-interrupt: hold', () => {
  it('stays as it is, with the lock kept and a person paged, and is paged for once when that was cut off too', async () => {
    const at = await stages.of('haproxy', 'map');
    const call = (await planOf(at)).findIndex((label) => label.startsWith('set map'));
    const job = await at.reserved();
    const { state } = await switchWith(at, job, [call, 'after'], kill, { 'on-interrupt': 'hold' });
    const incident = 3;
    at.gate.set({ change: incident, side: 'before', blow: () => kill(post) });
    const post = at.startPost(job, state);
    await post.ended;
    expect(at.gate.passed[incident]).toBe('incident');
    expect(await lockOf(at, job)).toMatchObject({ phase: 'held', to: 'green' });
    expect(await heldIncidents(at, job)).toBe(0);
    at.gate.set();
    for (let again = 0; again < 2; again++) {
      const reconciled = await at.startElsewhere(job, 'reconcile').ended;
      expect(reconciled).toMatchObject({ code: 1, outputs: { result: 'held', live: 'green' } });
      expect(await heldIncidents(at, job)).toBe(1);
    }
    expect((await at.startElsewhere(job, 'revert').ended).code).toBe(0);
    expect(await unsettled(at, job, 'blue')).toEqual([]);
    // The lock of the incident outlives the step that was killed in it by a minute.
  }, 300_000);

  it('is held at once when it is cancelled while it verifies', async () => {
    const at = await stages.of('haproxy', 'map');
    const lastCall = (await planOf(at)).indexOf('status success') - 2;
    const job = await at.reserved();
    const ended = await switchWith(at, job, [lastCall, 'after'], cancelFirst, { 'on-interrupt': 'hold' });
    expect(ended).toMatchObject({ code: 1, outputs: { result: 'held', live: 'green' } });
    expect(await lockOf(at, job)).toMatchObject({ phase: 'held' });
    expect(await heldIncidents(at, job)).toBe(1);
  });
});

describe('a cancelled switch that hangs', () => {
  /** Cancels it; the answer it waits for comes only when it is over. */
  const hang = async (step: StepProcess) => {
    step.cancel('SIGINT');
    await step.ended;
    return { carryOut: true };
  };

  it('at GitHub gives it 3 s, finishes its plan, writes that down again, and takes itself back', async () => {
    const at = await stages.of('haproxy', 'map');
    const progress = (await planOf(at)).findIndex((label) => label.startsWith('lock: call 1 of'));
    const job = await at.reserved();
    const ended = await switchWith(at, job, [progress, 'after'], hang);
    expect(ended).toMatchObject({ code: 1, signal: null, outputs: { result: 'reverted', live: 'blue' } });
    expect(ended.printed).toMatch(/GitHub did not answer within 3 s/);
    expect(at.router.saved?.()).toBe('blue');
    expect((await at.startPost(job, ended.state).ended).code).toBe(0);
    expect(await unsettled(at, job, 'blue')).toEqual([]);
  });

  it('at the router gives it 3 s, and takes itself back', async () => {
    const at = await stages.of('haproxy', 'map');
    const call = (await planOf(at)).findIndex((label) => label.startsWith('set map'));
    const job = await at.reserved();
    const ended = await switchWith(at, job, [call, 'after'], hang);
    expect(ended).toMatchObject({ code: 1, outputs: { result: 'reverted', live: 'blue' } });
    expect(await unsettled(at, job, 'blue')).toEqual([]);
  });
});

describe('what brings a dead switch to an end and dies itself', () => {
  it('at whatever change, is itself brought to an end by the next run', async () => {
    const places = await Promise.all([1, 2, 3].map(() => stages.of('haproxy', 'map')));
    const first = places[0]!;
    const call = (await planOf(first)).findIndex((label) => label.startsWith('set map'));
    /** A job that died right after its call, and one of another run to find it. */
    const deadSwitch = async (at: CrashStage) => {
      const job = await at.reserved();
      await switchWith(at, job, [call, 'after'], kill);
      at.finishRun(job);
      at.gate.set();
      return at.anotherRun(job);
    };
    await first.startMode(await deadSwitch(first), 'reconcile').ended;
    const plan = [...first.gate.passed];
    expect(plan.filter((label) => label.startsWith('set map'))).toHaveLength(1);
    const cases = plan.flatMap((label, change) =>
      (['before', 'after'] as const).map((side) => ({ label, change, side })),
    );
    const failures = await playAll(
      places,
      cases,
      async (at, { change, side }) => {
        const job = await deadSwitch(at);
        at.gate.set({ change, side, blow: () => kill(rescue) });
        const rescue = at.startMode(job, 'reconcile');
        await rescue.ended;
        const second = await at.startElsewhere(job, 'reconcile').ended;
        const wrong = await unsettled(at, job, 'blue');
        return second.code === 0 ? wrong : [...wrong, second.printed];
      },
      ({ label, change, side }) => `killed ${side} change ${change + 1} (${label})`,
    );
    expect(failures).toEqual([]);
  }, 240_000);
});

describe('the lock', () => {
  it('goes to exactly one of 20 that reach for it at once, and to one of 5 runs that reserve at once', async () => {
    const at = await stages.of('haproxy', 'map');
    const reserved = await at.reserved();
    const owner = await at.control(reserved);
    const held = (await owner.lock.read())!;
    await owner.lock.remove(held);
    const { from, to, deployment, payload } = held.state;
    const claim = { ...(from === undefined ? {} : { from }), to, deployment, payload };
    const racers = await Promise.all(
      Array.from({ length: 20 }, () => at.control(at.anotherRun(reserved), 'relay')),
    );
    const taken = await Promise.all(racers.map((racer) => takeLock(racer, claim)));
    const winners = taken.filter((one) => one !== undefined);
    expect(winners).toHaveLength(1);
    expect(await owner.lock.read()).toEqual(winners[0]);
    await owner.lock.remove(winners[0]!);
    for (const control of [owner, ...racers]) control.close();

    const { version, digest, releasedSha: sha } = payload;
    const inputs = { mode: 'reserve', version, digest, sha, 'lock-timeout': '0' };
    const runs = Array.from({ length: 5 }, () => at.anotherRun(reserved));
    const ends = await Promise.all(runs.map((job) => at.startSwitch(job, inputs).ended));
    const won = ends.findIndex(({ outputs }) => outputs['result'] === 'reserved');
    expect(ends.map(({ code }) => code).sort()).toEqual([0, 1, 1, 1, 1]);
    expect(await lockOf(at, reserved)).toMatchObject({
      phase: 'reserved',
      holder: { runId: runs[won]!.runId },
      deployment: Number(ends[won]!.outputs['deployment-id']),
    });
    const open = (await at.deployments(reserved)).filter(
      ({ payload: { run }, ...record }) => run.id !== reserved.runId && outcomeOf(record).is === 'in-flight',
    );
    expect(open.map(({ payload: { run } }) => run.id)).toEqual([runs[won]!.runId]);
  });

  for (const how of ['stolen', 'deleted'] as const)
    it(`${how} between journal and first call stops the holder at its next write: no second call, and post leaves it alone`, async () => {
      const at = await stages.of('haproxy', 'servers');
      const journal = (await planOf(at)).findIndex((label) => label.startsWith('lock: journal'));
      const job = await at.reserved();
      const thief = await at.control(at.anotherRun(job));
      const ended = await switchWith(at, job, [journal, 'after'], async () => {
        const held = (await thief.lock.read())!;
        if (how === 'deleted') await thief.lock.remove(held);
        else await thief.lock.replace(held, { ...held.state, claim: 'thief', holder: thief.me }, 'stolen');
        return { carryOut: true };
      });
      expect(ended.code).toBe(1);
      expect(ended.printed).toMatch(
        how === 'stolen' ? /someone else took over, so this run stops here/ : /is now gone/,
      );
      const after = at.gate.passed.slice(journal + 1);
      expect(after).toEqual([
        expect.stringMatching(/^set server .*green1/),
        expect.stringMatching(/^lock: call 1/),
      ]);
      const post = await at.startPost(job, ended.state).ended;
      expect(post.code).toBe(0);
      expect(at.gate.passed.slice(journal + 1)).toEqual(after);
      if (how === 'stolen') expect(await lockOf(at, job)).toMatchObject({ claim: 'thief' });
      else {
        const reconciled = await at.startElsewhere(job, 'reconcile').ended;
        expect(reconciled).toMatchObject({ code: 1, outputs: { result: 'drift' } });
        expect(reconciled.printed).toMatch(/had begun to switch, its lock is gone, and traffic is mixed/);
      }
      thief.close();
    });
});
