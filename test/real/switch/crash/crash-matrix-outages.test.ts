import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Router } from '../../../../rehearsal/router/router.js';
import { unsettled } from '../../../support/crash/case.js';
import { served } from '../../../support/crash/embedded.js';
import {
  heldIncidents,
  lockOf,
  openStages,
  planOf,
  switchWith,
  type Stages,
} from '../../../support/crash/fault.js';

let stages: Stages;
beforeAll(() => {
  stages = openStages();
});
afterEach(() => stages.clear());
afterAll(() => stages.close());

describe('a router', () => {
  const faults: Record<string, (nodes: readonly Router[], on: boolean) => unknown> = {
    'answers too late': ([node], on) => node!.delayAnswers(on ? 3_300 : 0),
    'answers garbage': ([node], on) => node!.answerGarbage(on),
    'refuses connections': ([node], on) => node!.refuse(on),
  };
  for (const [fault, play] of Object.entries(faults)) {
    it(`that ${fault} once is asked what became of the call`, async () => {
      const { at, nodes } = await stages.embedded(1);
      const call = (await planOf(at)).findIndex((label) => label.startsWith('set map'));
      const job = await at.reserved();
      const refuses = fault === 'refuses connections';
      const off = () => play(nodes, false);
      const ended = await switchWith(at, job, [call, 'before'], async () => {
        if (refuses) return { carryOut: false };
        await play(nodes, true);
        // The delay counts from the moment the command is there; the next answers are in time again.
        if (fault === 'answers too late') setTimeout(off, 500);
        return { carryOut: true, afterwards: off };
      });
      const live = refuses ? 'blue' : 'green';
      expect(ended).toMatchObject({ code: refuses ? 1 : 0, outputs: { live } });
      expect(await unsettled(at, job, live)).toEqual([]);
    });

    it(`that ${fault} from the first call on is held, and the step says that traffic is not known`, async () => {
      const { at, nodes } = await stages.embedded(1);
      const call = (await planOf(at)).findIndex((label) => label.startsWith('set map'));
      const job = await at.reserved();
      const ended = await switchWith(at, job, [call, 'before'], async () => {
        await play(nodes, true);
        return { carryOut: true };
      });
      expect(ended).toMatchObject({ code: 1, outputs: { result: 'held', live: '' } });
      expect(ended.printed).toMatch(/going back is not proved .*edge-1/);
      expect(await lockOf(at, job)).toMatchObject({ phase: 'held' });
      expect(await heldIncidents(at, job)).toBe(1);
      await play(nodes, false);
      expect((await at.startElsewhere(job, 'revert').ended).code).toBe(0);
      expect(await unsettled(at, job, 'blue')).toEqual([]);
    });
  }
});

describe('the second of three nodes, out of reach at its call,', () => {
  async function lose(forHowLong: 'once' | 'ever') {
    const { at, nodes } = await stages.embedded(3);
    const plan = await planOf(at);
    const [, second] = plan.flatMap((label, index) => (label.startsWith('set map') ? [index] : []));
    const job = await at.reserved();
    const ended = await switchWith(at, job, [second!, 'before'], async () => {
      expect(served(nodes)).toEqual(['green', 'blue', 'blue']);
      if (forHowLong === 'ever') await nodes[1]!.refuse(true);
      return { carryOut: false };
    });
    return { at, nodes, job, ended };
  }

  it('leads all nodes back when it comes back', async () => {
    const { at, nodes, job, ended } = await lose('once');
    expect(ended.code).toBe(1);
    expect(served(nodes)).toEqual(['blue', 'blue', 'blue']);
    expect(await unsettled(at, job, 'blue')).toEqual([]);
  });

  it('leads the others back when it stays away, with the lock held and a person paged; when it is back, reconcile settles it', async () => {
    const { at, nodes, job, ended } = await lose('ever');
    expect(ended).toMatchObject({ code: 1, outputs: { result: 'held' } });
    expect(ended.printed).toMatch(/edge-1, edge-3 confirmed blue 100 %25, edge-2 did not/);
    expect(served(nodes)).toEqual(['blue', 'blue', 'blue']);
    expect(await lockOf(at, job)).toMatchObject({
      phase: 'held',
      awaits: { seen: { 'edge-1': { blue: 100 }, 'edge-3': { blue: 100 } } },
    });
    expect(await heldIncidents(at, job)).toBe(1);
    const status = await at.startElsewhere(job, 'status').ended;
    expect(status).toMatchObject({ code: 1, outputs: { result: 'held', live: '' } });
    expect(status.printed).toMatch(/not known on 1 of 3 nodes.*edge-2.* without an answer/);
    await nodes[1]!.refuse(false);
    expect(await at.startElsewhere(job, 'reconcile').ended).toMatchObject({ code: 0 });
    expect(await unsettled(at, job, 'blue')).toEqual([]);
  });
});

describe('a GitHub', () => {
  for (const status of [403, 500])
    it(`that answers ${status} to the journal lets nothing move, and the reservation is given free later`, async () => {
      const at = await stages.of('haproxy', 'map');
      const job = await at.reserved();
      at.gate.set();
      at.github.refuse = (label) => (label?.startsWith('lock: journal') ? status : undefined);
      const ended = await at.startSwitch(job).ended;
      at.github.refuse = undefined;
      expect(ended.code).toBe(1);
      expect(at.gate.passed.filter((label) => label.startsWith('set'))).toEqual([]);
      expect((await at.startPost(job, ended.state).ended).code).toBe(0);
      expect(await unsettled(at, job, 'blue')).toEqual([]);
    });

  for (const [onInterrupt, live] of [
    ['revert', 'blue'],
    ['complete', 'green'],
  ] as const)
    it(`that is down from the first call on: the move is finished and said truthfully, and a later reconcile makes the ledger true (${onInterrupt})`, async () => {
      const at = await stages.of('haproxy', 'map');
      const call = (await planOf(at)).findIndex((label) => label.startsWith('set map'));
      const job = await at.reserved();
      const down = () => void (at.github.refuse = () => 500);
      const ended = await switchWith(at, job, [call, 'after'], down, { 'on-interrupt': onInterrupt });
      expect(ended.code).toBe(1);
      expect(ended.printed).toMatch(/traffic: green 100 %25. But the ledger could not be told/);
      expect(at.router.saved?.()).toBe('green');
      const post = await at.startPost(job, ended.state).ended;
      expect(post.code).toBe(1);
      expect(at.router.saved?.()).toBe('green');
      at.github.refuse = undefined;
      at.gate.set();
      expect((await at.startElsewhere(job, 'reconcile').ended).code).toBe(0);
      expect(await unsettled(at, job, live)).toEqual([]);
    });

  it.each(['revert', 'complete'])(
    'that goes down after the verification leaves traffic where it is and says so (%s)',
    async (onInterrupt) => {
      const at = await stages.of('haproxy', 'map');
      const success = (await planOf(at)).indexOf('status success');
      const job = await at.reserved();
      const down = () => void (at.github.refuse = () => 500);
      const ended = await switchWith(at, job, [success - 1, 'after'], down, { 'on-interrupt': onInterrupt });
      expect(ended.code).toBe(1);
      expect(ended.printed).toMatch(
        /green has all traffic and new connections reach 2\.0\.0, but the ledger could not be told/,
      );
      at.github.refuse = undefined;
      at.gate.set();
      expect((await at.startElsewhere(job, 'reconcile').ended).code).toBe(0);
      expect(await unsettled(at, job, 'green')).toEqual([]);
    },
    90_000,
  );
});
