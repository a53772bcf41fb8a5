import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { action } from '../../../../actions/blue-green-switch/main.js';
import { switchReportSchema } from '../../../../shared/contracts/reports/switch-report.js';
import type { Router } from '../../../../rehearsal/router/router.js';
import { setDeploymentStatus } from '../../../../shared/ledger/deployments.js';
import { recordLive } from '../../../../shared/traffic/switch/ledger-outcome.js';
import type { OnInterrupt } from '../../../../shared/ledger/refs/lock.js';
import { allTo } from '../../../../shared/traffic/router.js';
import { served } from '../../../support/crash/embedded.js';
import { moreNodes } from '../../../support/traffic/more-nodes.js';
import { newDigest, trafficStage, type Job, type TrafficStage } from '../../../support/traffic/stage.js';
import { twoReleases } from '../../../support/traffic/two-releases.js';

let at: TrafficStage;
let job: Job;
let nodes: Router[];
beforeEach(async () => {
  at = await trafficStage();
  nodes = await moreNodes(at, 2);
  job = at.startRun();
});
afterEach(async () => {
  await Promise.all(nodes.slice(1).map((node) => node.close()));
  await at.close();
});

const away = (on: boolean) => nodes[1]!.refuse(on);
/** A mode in a run of its own, which is over then. */
async function elsewhere(mode: string) {
  const other = at.startRun();
  const step = await at.step(other, { mode });
  at.finishRun(other);
  return step;
}
const noNode2 = /edge-2.* is not running, so there is no answer/;

async function comments(): Promise<string[]> {
  const { rest } = at.stand.octokit('octocat');
  const { data: issues } = await rest.issues.listForRepo({ owner: 'acme', repo: 'shop', state: 'all' });
  const texts = issues.map(async ({ number, body }) => {
    const { data } = await rest.issues.listComments({ owner: 'acme', repo: 'shop', issue_number: number });
    return [body ?? '', ...data.map((comment) => comment.body ?? '')];
  });
  return (await Promise.all(texts)).flat();
}

/** A run that dies in its switch after so many of its three calls, when edge-2 goes away. */
async function die(calls: number, onInterrupt: OnInterrupt = 'revert'): Promise<void> {
  await at.reserve(job);
  Object.assign(at.green, { version: '2.0.0', digest: newDigest });
  const control = await at.control(job);
  const observed = await control.router.read();
  const plan = control.router.plan(observed, allTo('green', control.colours));
  const held = (await control.lock.read())!;
  const journal = {
    direction: 'forward',
    observed: observed.version,
    calls: plan,
    done: calls,
    onInterrupt,
  } as const;
  await setDeploymentStatus(control.github, held.state.deployment, 'in_progress', 'a test', { log: '' });
  await control.lock.replace(held, { ...held.state, phase: 'switching', journal }, 'a test');
  for (const call of plan.slice(0, calls)) await control.router.apply(call);
  control.close();
  at.finishRun(job);
  await away(true);
}

describe('status', () => {
  it('lists every node, one that cannot be read with the reason, and fails since it could not say all', async () => {
    await away(true);
    const step = await elsewhere('status');
    expect(step).toMatchObject({ ok: false, result: 'drift' });
    expect(step.outputs['live']).toBe('');
    expect(step.report.nodes).toEqual([
      { name: 'edge-1', weights: { blue: 100, green: 0 } },
      { name: 'edge-2', weights: null, why: expect.stringMatching(noNode2) },
      { name: 'edge-3', weights: { blue: 100, green: 0 } },
    ]);
    expect(step.message).toMatch(/blue 100 % on edge-1, edge-3; not known on 1 of 3 nodes/);
    expect(step.report.reasons).toEqual([expect.stringMatching(noNode2)]);
    const summary = action.render(switchReportSchema.parse(JSON.parse(JSON.stringify(step.report))));
    expect(summary).toMatch(/^\| `edge-2` \| .* is not running.* \|/m);
    expect(summary).toMatch(/^\| `green` \| `0\.9\.0` \| well/m);
    expect(summary).toMatch(/^\| Lock \| free \|/m);
  });

  it('says so when no node can be read', async () => {
    await Promise.all(nodes.map((node) => node.refuse(true)));
    const step = await elsewhere('status');
    expect(step).toMatchObject({ ok: false, result: 'drift' });
    expect(step.message).toContain('Router: not known, no node can be read');
    expect(step.report.reasons).toHaveLength(3);
  });

  it('tells what each colour runs, the idle one too, and that nobody holds the lock', async () => {
    at.green.well = false;
    const step = await elsewhere('status');
    expect(step).toMatchObject({ ok: true, result: 'ok' });
    expect(step.report.colours).toEqual([
      { name: 'blue', url: at.blue.url, ok: true, version: '1.0.0' },
      {
        name: 'green',
        url: at.green.url,
        ok: false,
        version: '0.9.0',
        why: expect.stringMatching(/not well/),
      },
    ]);
    expect(step.report.lock).toBeNull();
  });

  it('tells who holds the lock', async () => {
    await at.reserve(job);
    const step = await elsewhere('status');
    expect(step).toMatchObject({ ok: true, result: 'locked' });
    expect(step.report.lock).toMatchObject({
      phase: 'reserved',
      holder: expect.stringContaining(`run ${job.runId}`),
    });
  });

  it('calls it drift when one node serves another colour than the others', async () => {
    const control = await at.control(job);
    const [call] = control.router.plan(await control.router.read(), allTo('green', control.colours));
    await control.router.apply(call!);
    control.close();
    const step = await elsewhere('status');
    expect(step).toMatchObject({ ok: true, result: 'drift' });
    expect(step.report.reasons).toEqual([
      'the nodes differ: edge-1 green 100 %; edge-2 blue 100 %; edge-3 blue 100 %',
    ]);
  });
});

it.each([
  ['shop shop_green\n', 'green 100 %', { blue: 0, green: 100 }],
  ['something else\n', 'what is not understood', null],
])('status calls it drift when a restart would bring %j', async (file, message, saved) => {
  const single = await trafficStage();
  try {
    writeFileSync(single.mapFile, file);
    const step = await single.step(single.startRun(), { mode: 'status' });
    expect(step).toMatchObject({ ok: true, result: 'drift' });
    expect(step.report.reasons).toEqual([
      `edge-1 serves blue 100 %, and a restart or reload would bring ${message}`,
    ]);
    expect(step.report.nodes[0]).toMatchObject({ saved });
  } finally {
    await single.close();
  }
});

describe('reconcile, while a node cannot be read,', () => {
  it('fails and names it where there is nothing else to do', async () => {
    await away(true);
    const step = await elsewhere('reconcile');
    expect(step).toMatchObject({ ok: false, result: 'drift' });
    expect(step.report.reasons).toEqual([expect.stringMatching(noNode2)]);
  });

  it('gives a reservation free that nobody needs any more: nothing was called for it', async () => {
    await at.reserve(job);
    at.finishRun(job);
    await away(true);
    expect(await elsewhere('reconcile')).toMatchObject({ ok: false, result: 'released' });
    expect(await at.refs()).toEqual([]);
    await away(false);
    expect(await elsewhere('reconcile')).toMatchObject({ ok: true, result: 'nothing' });
  });

  it('leads the other nodes back, holds and pages with node and reason; once the node is back it goes on by itself', async () => {
    await die(2);
    expect(served(nodes)).toEqual(['green', 'green', 'blue']);
    const first = await elsewhere('reconcile');
    expect(first).toMatchObject({ ok: false, result: 'held' });
    expect(served(nodes)).toEqual(['blue', 'green', 'blue']);
    expect(await comments()).toEqual([expect.stringMatching(noNode2)]);
    expect((await comments())[0]).toContain('goes on by itself');

    const second = await elsewhere('reconcile');
    expect(second).toMatchObject({ ok: false, result: 'held' });
    expect(second.message).toMatch(/Still: .*edge-2/);
    expect(await comments()).toHaveLength(1);
    expect(await at.reserve(at.startRun())).toMatchObject({ ok: false, result: 'refused' });

    await away(false);
    expect(await elsewhere('reconcile')).toMatchObject({ ok: true, result: 'reverted' });
    expect(served(nodes)).toEqual(['blue', 'blue', 'blue']);
    expect(await at.refs()).toEqual([]);
    expect((await at.deployments())[0]?.statuses.at(-1)?.state).toBe('failure');
    expect((await comments()).at(-1)).toMatch(/^No longer held/);
  });

  it('does not go on by itself where a person changed traffic meanwhile, and a person settles it', async () => {
    await die(2);
    await elsewhere('reconcile');
    await away(false);
    const control = await at.control(job);
    const byHand = control.router.plan(await control.router.read(), allTo('green', control.colours));
    for (const call of byHand) await control.router.apply(call);
    control.close();
    for (let again = 0; again < 2; again++) {
      const step = await elsewhere('reconcile');
      expect(step).toMatchObject({ ok: false, result: 'held' });
      expect(step.message).toMatch(/changed traffic meanwhile: edge-1 had blue 100 %, and has green 100 %/);
    }
    expect(served(nodes)).toEqual(['green', 'green', 'green']);
    expect(await elsewhere('resume')).toMatchObject({ ok: true, result: 'completed' });
    expect((await at.deployments())[0]?.statuses.at(-1)?.state).toBe('success');
    expect(await at.refs()).toEqual([]);
  });

  it('moves nothing on to the new colour that it could not prove, and completes once the node is back', async () => {
    await die(1, 'complete');
    expect(await elsewhere('reconcile')).toMatchObject({ ok: false, result: 'held' });
    expect(served(nodes)).toEqual(['green', 'blue', 'blue']);
    await away(false);
    expect(await elsewhere('reconcile')).toMatchObject({ ok: true, result: 'completed' });
    expect(served(nodes)).toEqual(['green', 'green', 'green']);
    expect((await at.deployments())[0]?.statuses.at(-1)?.state).toBe('success');
  });

  it('leaves a switch alone that seems not to have begun, and gives it free once that is proved', async () => {
    await die(0);
    expect(await elsewhere('reconcile')).toMatchObject({ ok: false, result: 'held' });
    await away(false);
    expect(await elsewhere('reconcile')).toMatchObject({ ok: true, result: 'released' });
    expect((await at.deployments())[0]?.statuses.at(-1)?.state).toBe('inactive');
  });

  it('does not take back what the ledger calls live, and unlocks it once the router agrees', async () => {
    await die(3);
    const control = await at.control(job);
    await recordLive(control, (await control.lock.read())!.state);
    control.close();
    expect(await elsewhere('reconcile')).toMatchObject({ ok: false, result: 'held' });
    expect(served(nodes)).toEqual(['green', 'green', 'green']);
    await away(false);
    expect(await elsewhere('reconcile')).toMatchObject({ ok: true, result: 'completed' });
    expect(await at.refs()).toEqual([]);
    expect((await at.deployments())[0]?.statuses.at(-1)?.state).toBe('success');
  });

  it('keeps a hold that on-interrupt asked for, whatever the nodes do', async () => {
    await die(1, 'hold');
    expect(await elsewhere('reconcile')).toMatchObject({ ok: false, result: 'held' });
    await away(false);
    expect(await elsewhere('reconcile')).toMatchObject({ ok: false, result: 'held' });
    expect(served(nodes)).toEqual(['green', 'blue', 'blue']);
  });

  it('leaves it to a person too: mode revert settles the hold', async () => {
    await die(2);
    await elsewhere('reconcile');
    await away(false);
    expect(await elsewhere('revert')).toMatchObject({ ok: true, result: 'reverted' });
    expect(served(nodes)).toEqual(['blue', 'blue', 'blue']);
    expect(await at.refs()).toEqual([]);
  });
});

describe('a rollback, while a node cannot be read,', () => {
  /** 3.0.0 is live on blue, 2.0.0 on green is what to go back to. */
  async function releases(): Promise<void> {
    at.finishRun((await twoReleases(at, job)).next);
    expect(served(nodes)).toEqual(['blue', 'blue', 'blue']);
  }

  it('gives the good release to all others at once, is held, and is finished once the node is back', async () => {
    await releases();
    await away(true);
    const reverted = await elsewhere('revert');
    expect(reverted).toMatchObject({ ok: false, result: 'held' });
    expect(reverted.message).toMatch(/edge-1, edge-3 confirmed green 100 %, edge-2 did not/);
    expect(served(nodes)).toEqual(['green', 'blue', 'green']);
    expect(await elsewhere('reconcile')).toMatchObject({ ok: false, result: 'held' });
    await away(false);
    expect(await elsewhere('reconcile')).toMatchObject({ ok: true, result: 'completed' });
    expect(served(nodes)).toEqual(['green', 'green', 'green']);
    expect(await at.refs()).toEqual([]);
    const [rollback, bad] = await at.deployments();
    expect(rollback).toMatchObject({ payload: { kind: 'rollback', version: '2.0.0' } });
    expect([rollback, bad].map((record) => record?.statuses.at(-1)?.state)).toEqual(['success', 'failure']);
  });
});
