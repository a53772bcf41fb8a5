import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { systemClock } from '../../../../shared/runner/port.js';
import { allTo } from '../../../../shared/traffic/router.js';
import { digestOf } from '../../../support/traffic/colours.js';
import { githubRelay } from '../../../support/servers/github-relay.js';
import { testHost, type HostOverrides, type TestHost } from '../../../support/runner/host.js';
import { twoReleases } from '../../../support/traffic/two-releases.js';
import { newDigest, trafficStage, type Job, type TrafficStage } from '../../../support/traffic/stage.js';
import { untilLive } from '../../../support/traffic/until-live.js';

let at: TrafficStage;
let job: Job;
beforeEach(async () => {
  at = await trafficStage();
  job = at.startRun();
});
afterEach(() => at.close());

const third = { version: '4.0.0', digest: digestOf('4') };

function hostOf(
  { runId, attempt }: Job,
  overrides: HostOverrides = {},
  apiUrl = at.stand.server.url,
): TestHost {
  const { sha, workspace } = at;
  return testHost({
    context: { sha, runId, attempt, apiUrl, workspace, temp: workspace },
    random: Math.random,
    ...overrides,
  });
}

describe('a revert that had to wait for a reservation', () => {
  /** Reserves a third release on green, begins a revert to green beside it, and does something in between. */
  async function revertAfter(meanwhile: (next: Job, verdict: string) => Promise<void>) {
    await twoReleases(at, job);
    const next = at.startRun();
    const verdict = at.verdict(next, { digest: third.digest });
    expect(await at.reserve(next, { ...third, verdict })).toMatchObject({ result: 'reserved' });
    const other = at.startRun();
    let waits = () => {};
    const waiting = new Promise<void>((resolve) => (waits = resolve));
    const sleep = async (ms: number, signal?: AbortSignal) => {
      if (ms >= 1_000) waits();
      await systemClock.sleep(ms / 200, signal);
    };
    const running = at.step(
      other,
      { mode: 'revert', 'lock-timeout': '60s' },
      hostOf(other, { clock: { ...systemClock, sleep } }),
    );
    await waiting;
    await meanwhile(next, verdict);
    at.finishRun(next);
    return running;
  }

  it('does not move traffic to a colour that was deployed over meanwhile', async () => {
    const reverted = await revertAfter(async () => void Object.assign(at.green, third));
    expect(reverted).toMatchObject({ ok: false, result: 'refused' });
    expect(reverted.message).toMatch(/Not rolled back: colour green does not run the expected release/);
    expect(at.live()).toBe('blue');
    expect(await at.refs()).toEqual([]);
    expect((await at.deployments())[0]).toMatchObject({
      payload: { kind: 'rollback' },
      statuses: [{ state: 'inactive' }],
    });
  });

  it('does not take back a release that is not live any more', async () => {
    const reverted = await revertAfter(async (next, verdict) => {
      Object.assign(at.green, third);
      expect(await at.step(next, { mode: 'switch', verdict })).toMatchObject({ result: 'switched' });
    });
    expect(reverted).toMatchObject({ ok: false, result: 'refused' });
    expect(at.live()).toBe('green');
    expect(at.green.version).toBe('4.0.0');
    expect(await at.refs()).toEqual([]);
  });
});

describe('a reservation, while something happens between its look at the router and its lock,', () => {
  /** Reserves green's successor; `meanwhile` happens just before the Deployment of each try is created. */
  async function reserveWhile(meanwhile: (tries: number) => Promise<void>) {
    await twoReleases(at, job);
    const next = at.startRun();
    let tries = 0;
    const relay = await githubRelay(at.stand.server.url, async (method, path) => {
      if (method === 'POST' && path.endsWith('/deployments')) await meanwhile(++tries);
    });
    try {
      const inputs = { mode: 'reserve', ...third, verdict: at.verdict(next, { digest: third.digest }) };
      const reserved = await at.step(next, inputs, hostOf(next, {}, relay.url));
      return { reserved, tries };
    } finally {
      await relay.close();
    }
  }
  async function giveAllTo(colour: string) {
    const control = await at.control(job);
    const calls = control.router.plan(await control.router.read(), allTo(colour, control.colours));
    for (const call of calls) await control.router.apply(call);
    control.close();
  }

  it('is not of the colour that became live, but of the other', async () => {
    const { reserved } = await reserveWhile(async (tries) => {
      if (tries > 1) return;
      expect(await at.step(at.startRun(), { mode: 'revert' })).toMatchObject({ result: 'reverted' });
    });
    expect(at.live()).toBe('green');
    expect(reserved).toMatchObject({ ok: true, result: 'reserved', outputs: { target: 'blue' } });
    const given = (await at.deployments()).find(
      ({ payload: { version, colour } }) => version === '4.0.0' && colour === 'green',
    );
    expect(given?.statuses.at(-1)).toMatchObject({
      state: 'inactive',
      description: expect.stringMatching(/traffic went from blue 100 % to green 100 %/),
    });
  });

  it('is refused, with nothing left behind, where traffic never stays', async () => {
    const { reserved, tries } = await reserveWhile((tries) => giveAllTo(tries % 2 === 1 ? 'green' : 'blue'));
    expect(tries).toBe(3);
    expect(reserved).toMatchObject({ ok: false, result: 'refused' });
    expect(reserved.message).toMatch(/traffic went from .* in 3 tries .*who moves traffic past the lock/);
    expect(await at.refs()).toEqual([]);
  });

  it('waits for a watch that began: the rollback needs the idle colour', async () => {
    const watcher = at.startRun();
    const { reserved, tries } = await reserveWhile(async () => {
      const control = await at.control(watcher);
      const [live] = await at.deployments();
      const since = new Date().toISOString();
      await control.watch.create(
        {
          schema: 'devops-actions/watch@1',
          environment: 'production',
          service: 'shop',
          claim: 'a test',
          holder: control.me,
          deployment: live!.id,
          since,
          until: since,
        },
        'a test',
      );
      control.close();
    });
    expect(tries).toBe(1);
    expect(reserved).toMatchObject({ ok: false, result: 'refused' });
    expect(reserved.message).toMatch(/is being watched until/);
    expect(await at.refs()).toEqual(['refs/devops-actions/production/shop/watch']);
  });
});

describe('of two jobs that take over one lock at once, the loser leaves the work of the winner alone:', () => {
  /** Runs one mode in two jobs of a run; both have read the lock before either writes it. */
  async function race(first: Job, second: Job, inputs: Record<string, string>, written: RegExp) {
    let arrived = 0;
    let open = () => {};
    const both = new Promise<void>((resolve) => (open = resolve));
    const relay = await githubRelay(at.stand.server.url, async (method, path) => {
      if (arrived >= 2 || method !== 'POST' || !written.test(path)) return;
      if (++arrived === 2) open();
      await both;
    });
    const hosts = [first, second].map((one) => ({
      ...hostOf(one, { variables: { 'INPUT_GITHUB-TOKEN': token() } }, relay.url),
    }));
    const runs = [first, second].map((one, index) =>
      at.step(one, inputs, hosts[index]).then((step) => ({ step, index })),
    );
    const lost = await Promise.race(runs);
    const post = await at.post({ ...hosts[lost.index]! }, 'failure');
    const won = (await runs[1 - lost.index]!).step;
    await relay.close();
    return { lost: lost.step, post, won };
  }
  const token = () =>
    at.stand.server.control.addToken({
      actor: 'github-actions[bot]',
      permissions: { contents: 'write', deployments: 'write', issues: 'write', actions: 'read' },
    }).token;
  /** So that the winner is still at it when the post step of the loser comes. */
  const slowEntry = () => {
    const file = join(at.workspace, 'traffic.yml');
    const traffic = parse(readFileSync(file, 'utf8')) as { entry: object };
    writeFileSync(
      file,
      stringify({ ...traffic, entry: { ...traffic.entry, connections: 10, for: '1500ms' } }),
    );
  };

  it('a reservation', async () => {
    slowEntry();
    await at.reserve(job);
    Object.assign(at.green, { version: '2.0.0', digest: newDigest });
    const inputs = { mode: 'switch', verdict: at.verdict(job) };
    const { lost, post, won } = await race(job, at.startJob(job), inputs, /\/git\/trees$/);
    expect(lost).toMatchObject({ ok: false, result: 'error' });
    expect(post).toBeUndefined();
    expect(won).toMatchObject({ ok: true, result: 'switched' });
    expect(at.live()).toBe('green');
    expect((await at.deployments())[0]?.statuses.at(-1)?.state).toBe('success');
    expect(await at.refs()).toEqual([]);
  });

  it('a switch that is held', async () => {
    await at.reserve(job);
    Object.assign(at.green, { version: '2.0.0', digest: newDigest });
    const running = at.step(job, { mode: 'switch', verdict: at.verdict(job) });
    await untilLive(at, 'green');
    at.blue.well = false;
    at.green.version = '6.6.6';
    expect(await running).toMatchObject({ result: 'held' });
    at.green.version = '2.0.0';
    slowEntry();
    const { lost, post, won } = await race(at.startRun(), at.startRun(), { mode: 'resume' }, /\/git\/trees$/);
    expect(lost).toMatchObject({ ok: false, result: 'error' });
    expect(post).toBeUndefined();
    expect(won).toMatchObject({ ok: true, result: 'completed' });
    expect(await at.refs()).toEqual([]);
  });
});

describe('a switch that was paused', () => {
  it.each([
    ['is not resumed past an incident that the policy blocks', [], 'refused'],
    ['is resumed past one that the gate let through', [1], 'switched'],
  ])('%s', async (_, waived, result) => {
    const weighted = await trafficStage({}, 'servers');
    try {
      const run = weighted.startRun();
      const verdict = weighted.verdict(run, { incidents: { blockAt: 'low', waived } });
      await weighted.reserve(run, { verdict });
      Object.assign(weighted.green, { version: '2.0.0', digest: newDigest });
      expect(await weighted.step(run, { mode: 'switch', verdict, strategy: '10 % pause' })).toMatchObject({
        result: 'paused',
      });
      const { data } = await weighted.stand.octokit('octocat').rest.issues.create({
        owner: 'acme',
        repo: 'shop',
        title: 'Prices are rounded wrongly',
        labels: ['incident', 'severity:medium', 'service:shop'],
      });
      expect(data.number).toBe(1);
      const resumed = await weighted.step(weighted.startJob(run), { mode: 'resume' });
      expect(resumed).toMatchObject({ result });
      if (result === 'refused') expect(resumed.message).toContain('incident #1 (medium) is open');
      expect(weighted.weights().green).toBe(result === 'refused' ? 10 : 100);
    } finally {
      await weighted.close();
    }
  });
});
