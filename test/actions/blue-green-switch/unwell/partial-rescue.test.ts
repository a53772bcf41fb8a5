import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Router } from '../../../../rehearsal/router/router.js';
import { moreNodes } from '../../../support/traffic/more-nodes.js';
import { newDigest, trafficStage, type Job, type TrafficStage } from '../../../support/traffic/stage.js';
import { twoReleases } from '../../../support/traffic/two-releases.js';
import { untilLive } from '../../../support/traffic/until-live.js';

/** Where edge-2 finds one colour: a server that can go away and come back at its address. */
interface Seat {
  address: string;
  leave(): Promise<void>;
  comeBack(): Promise<void>;
}

async function startSeat(): Promise<Seat> {
  const answer = () => createServer((_request, response) => void response.end('{}'));
  const listen = (server: Server, port: number) =>
    new Promise<Server>((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)));
  let server = await listen(answer(), 0);
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    leave: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
    comeBack: async () => void (server = await listen(answer(), port)),
  };
}

let at: TrafficStage;
let job: Job;
let nodes: Router[];
let seat: Seat;

async function stageWith(colour: 'blue' | 'green', entry: Record<string, unknown> = {}) {
  seat = await startSeat();
  at = await trafficStage(entry);
  nodes = await moreNodes(at, 1, { [colour]: { address: seat.address, check: 20 } });
  job = at.startRun();
}
afterEach(async () => {
  await seat.leave();
  await Promise.all(nodes.slice(1).map((node) => node.close()));
  await at.close();
});

const live = () => nodes.map((node) => node.stats().live.replace('shop_', ''));

/** Waits until the routers hold a colour up everywhere, or down on edge-2 alone. */
async function until(is: 'up' | 'down', colour: string) {
  const control = await at.control(job);
  for (;;) {
    const serving = await control.router.serving!(colour);
    if (serving.is === is) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  control.close();
}
const step = async (mode: string, inputs: Record<string, string> = {}) => {
  const run = at.startRun();
  const done = await at.step(run, { mode, ...inputs });
  at.finishRun(run);
  return done;
};
const keeps = (colour: string) =>
  new RegExp(`edge-2 keeps the traffic it has, since ${colour} is held down there`);

describe('a rollback to a colour that one of two nodes holds down', () => {
  beforeEach(async () => {
    await stageWith('green');
    at.finishRun((await twoReleases(at, job)).next);
    await seat.leave();
    await until('down', 'green');
  });

  it('leads the other node to the good release, is held for that one, and reconcile ends it once it is up', async () => {
    const foretold = await step('revert', { 'dry-run': 'true' });
    expect(foretold.message).toMatch(keeps('green'));
    expect(live()).toEqual(['blue', 'blue']);
    const rollback = await step('revert');
    expect(rollback).toMatchObject({ ok: false, result: 'held' });
    expect(rollback.message).toMatch(keeps('green'));
    expect(live()).toEqual(['green', 'blue']);

    const early = await step('reconcile');
    expect(early).toMatchObject({ ok: false, result: 'held' });
    expect(live()).toEqual(['green', 'blue']);

    await seat.comeBack();
    await until('up', 'green');
    expect(await step('reconcile')).toMatchObject({ ok: true, result: 'completed' });
    expect(live()).toEqual(['green', 'green']);
    expect(await at.refs()).toEqual([]);
    const [record] = await at.deployments();
    expect(record).toMatchObject({ payload: { kind: 'rollback', version: '2.0.0' } });
    expect(record!.statuses.at(-1)!.state).toBe('success');
  });

  it('is how a release is refused: a new one never begins with half of the nodes', async () => {
    const run = at.startRun();
    const digest = newDigest;
    const verdict = at.verdict(run, { digest });
    await at.reserve(run, { version: '4.0.0', digest, verdict });
    Object.assign(at.green, { version: '4.0.0', digest });
    const refused = await at.step(run, { mode: 'switch', verdict });
    expect(refused).toMatchObject({ ok: false, result: 'refused' });
    expect(refused.report.codes).toContain('router-holds-down');
    expect(live()).toEqual(['blue', 'blue']);
  });
});

describe('a switch that fails, with the old colour held down on one of two nodes', () => {
  it('goes back on the other node, and is held', async () => {
    await stageWith('blue', { within: '5s' });
    await at.reserve(job);
    Object.assign(at.green, { version: '2.0.0', digest: newDigest });
    const running = at.step(job, { mode: 'switch', verdict: at.verdict(job) });
    await untilLive(at, 'green');
    at.green.version = '6.6.6';
    await seat.leave();
    await until('down', 'blue');
    const held = await running;
    expect(held).toMatchObject({ ok: false, result: 'held' });
    expect(held.message).toMatch(keeps('blue'));
    expect(live()).toEqual(['blue', 'green']);
  });
});
