import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../support/colours.js';
import { newDigest, trafficStage, type Job, type TrafficStage } from '../../support/traffic-stage.js';

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
});

describe('bootstrap', () => {
  const first = () =>
    at.step(job, { mode: 'bootstrap', version: '2.0.0', digest: newDigest, verdict: at.verdict(job) });

  it('reserves the colour that traffic goes to when nothing runs anywhere', async () => {
    at.blue.well = false;
    const reserved = await first();
    expect(reserved).toMatchObject({ ok: true, result: 'reserved' });
    expect(reserved.outputs['target']).toBe('blue');
    Object.assign(at.blue, { well: true, version: '2.0.0', digest: newDigest });
    expect(await at.step(job, { mode: 'switch', verdict: at.verdict(job) })).toMatchObject({
      ok: true,
      result: 'switched',
    });
    expect(at.live()).toBe('blue');
  });

  it('is refused where something answers already', async () => {
    const step = await first();
    expect(step).toMatchObject({ ok: false, result: 'refused' });
    expect(step.said).toContain('use mode reserve');
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
    expect(step.said).toMatch(/live for .* of 1 h/);
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

  it('fails with what the command said when it fails, and gives the lock back', async () => {
    await at.release(job);
    writeFileSync(join(at.workspace, 'remove'), '#!/bin/sh\necho "no such stack" >&2\nexit 3\n');
    const step = await retire('0');
    expect(step).toMatchObject({ ok: false, result: 'refused' });
    expect(step.said).toContain('ended with 3: no such stack');
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
