import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { takeLock } from '../../../shared/traffic/recovery/acquire.js';
import { digestOf } from '../../support/traffic/colours.js';
import { newDigest, trafficStage, type Job, type TrafficStage } from '../../support/traffic/stage.js';

let at: TrafficStage;
let job: Job;
beforeEach(async () => {
  at = await trafficStage();
  job = at.startRun();
});
afterEach(() => at.close());

describe('a traffic file', () => {
  it('with a JSONPath that is none is refused before anything is asked, with its line', async () => {
    const file = join(at.workspace, 'traffic.yml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('$.digest', '$.digest['));
    await expect(at.reserve(job)).rejects.toThrow(
      /traffic\.yml:\d+:\d+ — identity\.digest\.json\s+got:\s+"\$\.digest\["\s+allowed: a JSONPath/,
    );
    expect(await at.refs()).toEqual([]);
  });

  it('may be the input itself: the step needs no file then, and post reads the same', async () => {
    const file = join(at.workspace, 'traffic.yml');
    const traffic = readFileSync(file, 'utf8');
    rmSync(file);
    expect(await at.reserve(job, { traffic })).toMatchObject({ ok: true, result: 'reserved' });
    Object.assign(at.green, { version: '2.0.0', digest: newDigest });
    const inputs = { mode: 'switch', verdict: at.verdict(job), 'revert-on-job-failure': 'true', traffic };
    const switched = await at.step(job, inputs);
    expect(switched).toMatchObject({ ok: true, result: 'switched' });
    expect(await at.post(switched.host, 'failure')).toMatchObject({ result: 'refused' });
  });

  it.each([
    ['version: 1\nrouter: { type: haproxi }\n', /input traffic:2:\d+ — router\.type/],
    ['{ version: 2 }', /input traffic:1:\d+ — version/],
    ['version: 1', /input traffic(:1:1)? — router/],
    ['no-such.yml', /no-such\.yml\n.*no such file/],
  ])('that is %j is refused with its place', (traffic, place) =>
    expect(at.reserve(job, { traffic })).rejects.toThrow(place),
  );
});

describe('bootstrap', () => {
  const first = () =>
    at.step(job, { mode: 'bootstrap', version: '2.0.0', digest: newDigest, verdict: at.verdict(job) });

  it('reserves the colour that traffic goes to when nothing runs anywhere', async () => {
    at.blue.there = false;
    const reserved = await first();
    expect(reserved).toMatchObject({ ok: true, result: 'reserved' });
    expect(reserved.outputs['target']).toBe('blue');
    Object.assign(at.blue, { there: true, version: '2.0.0', digest: newDigest });
    expect(await at.step(job, { mode: 'switch', verdict: at.verdict(job) })).toMatchObject({
      ok: true,
      result: 'switched',
    });
    expect(at.live()).toBe('blue');
  });

  it.each([
    ['well', true, 200],
    ['ill', false, 503],
  ])('is refused where something that is %s answers already', async (_, well, status) => {
    at.blue.well = well;
    const step = await first();
    expect(step).toMatchObject({ ok: false, result: 'refused' });
    expect(step.message).toContain(`"blue" has all traffic and answers (${status}): use mode reserve`);
    expect(await at.refs()).toEqual([]);
  });

  it('is refused where a colour answers that has only a share of the traffic', async () => {
    const weighted = await trafficStage({}, 'servers');
    try {
      const run = weighted.startRun();
      const control = await weighted.control(run);
      for (const call of control.router.plan(await control.router.read(), { blue: 50, green: 50 }))
        await control.router.apply(call);
      control.close();
      weighted.blue.there = false;
      const inputs = { version: '2.0.0', digest: newDigest, verdict: weighted.verdict(run) };
      const step = await weighted.step(run, { mode: 'bootstrap', ...inputs });
      expect(step).toMatchObject({ ok: false, result: 'refused' });
      expect(step.message).toContain(
        '"green" has 50 % of the traffic and answers (200): give all traffic to one',
      );
    } finally {
      await weighted.close();
    }
  });

  it('is refused where something was deployed before', async () => {
    await at.release(job);
    at.blue.well = at.green.well = false;
    expect(await first()).toMatchObject({ ok: false, result: 'refused' });
  });
});

describe('retire', () => {
  const removed = () => join(at.workspace, 'removed');
  beforeEach(() => {
    writeFileSync(
      join(at.workspace, 'remove'),
      `#!/bin/sh\necho "$@ \${GITHUB_TOKEN:-no token} \${INPUT_MODE:-no inputs}" > ${removed()}\n`,
    );
    chmodSync(join(at.workspace, 'remove'), 0o755);
  });
  const retire = (bake: string) => at.step(at.startRun(), { mode: 'retire', remove: 'remove', bake });

  it('removes the idle colour after the bake, in a clean environment', async () => {
    await at.release(job);
    expect(await retire('0')).toMatchObject({ ok: true, result: 'retired' });
    expect(readFileSync(removed(), 'utf8').trim()).toBe('shop production blue no token no inputs');
    expect(await at.refs()).toEqual([]);
    expect((await at.deployments())[0]?.statuses.at(-1)?.state).toBe('success');
  });

  it('keeps it before the bake is over, and says how long is left', async () => {
    await at.release(job);
    const step = await retire('1h');
    expect(step).toMatchObject({ ok: true, result: 'kept' });
    expect(step.message).toMatch(/live for .* of 1 h/);
    expect(existsSync(removed())).toBe(false);
  });

  it('keeps it while another release is under way', async () => {
    await at.release(job);
    at.finishRun(job);
    const next = at.startRun();
    const digest = digestOf('3');
    await at.reserve(next, { version: '3.0.0', digest, verdict: at.verdict(next, { digest }) });
    expect(await retire('0')).toMatchObject({ ok: true, result: 'kept' });
    expect(existsSync(removed())).toBe(false);
  });

  it('keeps it when nothing is live by the ledger', async () => {
    expect(await retire('0')).toMatchObject({ ok: true, result: 'kept' });
  });

  it('that was killed is not called finished by reconcile, and can run again', async () => {
    await at.release(job);
    const control = await at.control(job);
    const { id, payload } = (await at.deployments())[0]!;
    const lock = { from: 'green', to: 'blue', deployment: id, payload, phase: 'retiring' } as const;
    await takeLock(control, lock);
    control.close();
    at.finishRun(job);
    const reconciled = await at.step(at.startRun(), { mode: 'reconcile' });
    expect(reconciled).toMatchObject({ ok: true, result: 'released' });
    expect(reconciled.message).toMatch(/was removing blue and may not have finished; run mode retire again/);
    expect(await retire('0')).toMatchObject({ ok: true, result: 'retired' });
  });

  it('fails with what the command said when it fails, and gives the lock back', async () => {
    await at.release(job);
    writeFileSync(join(at.workspace, 'remove'), '#!/bin/sh\necho "no such stack" >&2\nexit 3\n');
    const step = await retire('0');
    expect(step).toMatchObject({ ok: false, result: 'refused' });
    expect(step.message).toContain('ended with 3: no such stack');
    expect(await at.refs()).toEqual([]);
  });
});

describe('revert-on-job-failure', () => {
  const second = async (changes: Record<string, string>) => {
    await at.release(job);
    at.finishRun(job);
    const next = at.startRun();
    const digest = digestOf('3');
    await at.reserve(next, { version: '3.0.0', digest, verdict: at.verdict(next, { digest }) });
    Object.assign(at.blue, { version: '3.0.0', digest });
    const step = await at.step(next, { mode: 'switch', verdict: at.verdict(next, { digest }), ...changes });
    expect(step.result).toBe('switched');
    return { next, host: step.host };
  };
  const asked = { 'revert-on-job-failure': 'true' };

  it('takes the release back when a later step fails', async () => {
    const { host } = await second(asked);
    expect(await at.post(host, 'failure')).toMatchObject({ ok: true, result: 'reverted' });
    expect(at.live()).toBe('green');
  });

  it('does nothing when the job succeeds, or when it was not asked for', async () => {
    const { host } = await second(asked);
    expect(await at.post(host, 'success')).toBeUndefined();
    expect(at.live()).toBe('blue');
  });

  it('does nothing when it was not asked for', async () => {
    const { host } = await second({});
    expect(await at.post(host, 'failure')).toBeUndefined();
    expect(at.live()).toBe('blue');
  });

  it('does nothing after confirm', async () => {
    const { next, host } = await second(asked);
    await at.step(next, { mode: 'confirm' });
    expect(await at.post(host, 'failure')).toBeUndefined();
    expect(at.live()).toBe('blue');
  });
});
