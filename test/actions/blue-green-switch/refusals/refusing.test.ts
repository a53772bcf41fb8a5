import { connect, createServer } from 'node:net';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import type { Router } from '../../../../rehearsal/router/router.js';
import { allTo } from '../../../../shared/traffic/router.js';
import { served } from '../../../support/crash/embedded.js';
import { moreNodes } from '../../../support/traffic/more-nodes.js';
import { newDigest, trafficStage, type Job, type TrafficStage } from '../../../support/traffic/stage.js';
import { twoReleases } from '../../../support/traffic/two-releases.js';

let at: TrafficStage;
let job: Job;
let nodes: Router[];
let edge2: { refuses: boolean; close(): void };
beforeEach(async () => {
  at = await trafficStage();
  nodes = await moreNodes(at, 2);
  edge2 = await readOnly();
  job = at.startRun();
});
afterEach(async () => {
  edge2.close();
  await Promise.all(nodes.slice(1).map((node) => node.close()));
  await at.close();
});

/** Puts a relay before edge-2 that, once told so, refuses every change and answers every question. */
async function readOnly() {
  const relay = { refuses: false, close: () => void server.close() };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const node = connect(nodes[1]!.socket);
    node.on('error', () => client.destroy());
    client.on('error', () => node.destroy());
    client.on('data', (asked) => {
      if (!relay.refuses || !/\b(set|add|del) map\b/.test(asked.toString())) return node.write(asked);
      client.end('Permission denied\n\n');
      return node.destroy();
    });
    node.on('data', (answer) => client.write(answer));
    node.on('end', () => client.end());
  });
  const socket = join(at.workspace, 'edge-2-relay.sock');
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const file = join(at.workspace, 'traffic.yml');
  const traffic = parse(readFileSync(file, 'utf8')) as { router: { nodes: { socket: string }[] } };
  traffic.router.nodes[1]!.socket = socket;
  writeFileSync(file, stringify(traffic));
  return relay;
}

/** A step in a run of its own, which is over then. */
async function elsewhere(mode: string, more: Record<string, string> = {}) {
  const other = at.startRun();
  const step = await at.step(other, { mode, ...more });
  at.finishRun(other);
  return step;
}

/** 3.0.0 is live on blue, 2.0.0 on green is what to go back to. */
async function releases(): Promise<void> {
  at.finishRun((await twoReleases(at, job)).next);
  expect(served(nodes)).toEqual(['blue', 'blue', 'blue']);
}

/** A switch whose new colour shows another version through the entry once all nodes serve it. */
async function switchGoneWrong() {
  await at.reserve(job);
  Object.assign(at.green, { version: '2.0.0', digest: newDigest });
  let wrong = false;
  Object.defineProperty(at.green, 'version', {
    get() {
      if (!wrong && !served(nodes).includes('blue')) wrong = edge2.refuses = true;
      return wrong ? '6.6.6' : '2.0.0';
    },
  });
  const done = await at.step(job, { mode: 'switch', verdict: at.verdict(job) });
  at.finishRun(job);
  return done;
}

const incidents = async () =>
  (await at.stand.octokit('octocat').rest.issues.listForRepo({ owner: 'acme', repo: 'shop', state: 'all' }))
    .data;

describe('a node that can be read and refuses every change', () => {
  it('does not keep a rollback from the others, and gets it from reconcile once it takes changes again', async () => {
    await releases();
    edge2.refuses = true;
    const reverted = await elsewhere('revert');
    expect(reverted).toMatchObject({ ok: false, result: 'held' });
    expect(reverted.message).toMatch(/Permission denied.*mode reconcile tries again/s);
    expect(served(nodes)).toEqual(['green', 'blue', 'green']);

    for (let again = 0; again < 2; again++)
      expect(await elsewhere('reconcile')).toMatchObject({ ok: false, result: 'held' });
    expect(served(nodes)).toEqual(['green', 'blue', 'green']);
    expect((await incidents()).map(({ comments }) => comments)).toEqual([0]);

    edge2.refuses = false;
    expect(await elsewhere('reconcile')).toMatchObject({ ok: true, result: 'completed' });
    expect(served(nodes)).toEqual(['green', 'green', 'green']);
    expect(await at.refs()).toEqual([]);
  });

  it('does not keep a failed switch from going back elsewhere, and is taken back by reconcile later', async () => {
    expect(await switchGoneWrong()).toMatchObject({ ok: false, result: 'held' });
    expect(served(nodes)).toEqual(['blue', 'green', 'blue']);
    expect((await incidents())[0]?.body).toContain('goes on by itself');

    edge2.refuses = false;
    expect(await elsewhere('reconcile')).toMatchObject({ ok: true, result: 'reverted' });
    expect(served(nodes)).toEqual(['blue', 'blue', 'blue']);
    expect(await at.refs()).toEqual([]);
    expect((await at.deployments())[0]?.statuses.at(-1)?.state).toBe('failure');
  });

  it('may be mended by hand meanwhile: reconcile then only has to say so', async () => {
    await switchGoneWrong();
    edge2.refuses = false;
    const control = await at.control(job);
    for (const call of control.router.plan(await control.router.read(), allTo('blue', control.colours)))
      await control.router.apply(call);
    control.close();
    expect(served(nodes)).toEqual(['blue', 'blue', 'blue']);
    expect(await elsewhere('reconcile')).toMatchObject({ ok: true, result: 'reverted' });
    expect(await at.refs()).toEqual([]);
  });
});

describe('a dry run of revert, while a node cannot be read,', () => {
  it('says the calls, those that may not arrive last, and that it would be held, and makes none', async () => {
    await releases();
    await nodes[1]!.refuse(true);
    const dry = await elsewhere('revert', { 'dry-run': 'true' });
    expect(dry).toMatchObject({ ok: true, result: 'dry-run' });
    expect(dry.message).toMatch(
      /^Dry run: 3 calls .* to green; .* held until every node can be read: .*edge-2/,
    );
    const calls = dry.report.timeline.filter(({ message }) => message.startsWith('  on '));
    expect(calls.map(({ message }) => message.slice(5, 11))).toEqual(['edge-1', 'edge-3', 'edge-2']);
    expect(served(nodes)).toEqual(['blue', 'blue', 'blue']);
    const real = await elsewhere('revert');
    expect(real).toMatchObject({ ok: false, result: 'held' });
    expect(served(nodes)).toEqual(['green', 'blue', 'green']);
  });

  it('says the same of a held switch', async () => {
    await switchGoneWrong();
    edge2.refuses = false;
    await nodes[1]!.refuse(true);
    const dry = await elsewhere('revert', { 'dry-run': 'true' });
    expect(dry).toMatchObject({ ok: true, result: 'dry-run' });
    expect(dry.report.reasons).toEqual([expect.stringMatching(/edge-2/)]);
  });
});
