import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DeploymentStatusState } from '../../../../rehearsal/github/model.js';
import { outcomeOf } from '../../../../shared/ledger/record.js';
import { digestOf } from '../../../support/traffic/colours.js';
import { twoReleases } from '../../../support/traffic/two-releases.js';
import { newDigest, trafficStage, type Job, type TrafficStage } from '../../../support/traffic/stage.js';

let at: TrafficStage;
let job: Job;
beforeEach(async () => {
  at = await trafficStage();
  job = at.startRun();
});
afterEach(() => at.close());

const bot = 'github-actions[bot]';
const pinned = { 'release-workflows': '.github/workflows/cd.yml' };

/** A run at work of a workflow that releases nothing, whose token may write Deployments. */
function stranger(): number {
  const { control } = at.stand.server;
  const { id } = control.addRun({
    owner: 'acme',
    name: 'shop',
    workflowPath: '.github/workflows/x.yml',
    workflowName: 'X',
    event: 'push',
    headSha: at.sha,
    headBranch: 'feature',
    actor: 'mallory',
  });
  control.progressRun(id, { status: 'in_progress' });
  return id;
}

/** Statuses of that token, which name its own run. */
function say(deployment: number, state: DeploymentStatusState, more: { count?: number; run?: number } = {}) {
  const { count = 1, run = stranger() } = more;
  at.stand.server.control.addDeploymentStatuses(deployment, {
    ...{ actor: bot, state, count, auto_inactive: false },
    ...{ log_url: `https://github.com/acme/shop/actions/runs/${run}`, description: 'confirmed: forged' },
  });
}
const ids = async () => (await at.deployments()).map(({ id }) => id) as [number, number];
const states = async (id: number) =>
  (await at.deployments()).find((record) => record.id === id)!.statuses.map(({ state }) => state);

describe('statuses of a run of another workflow', () => {
  it.each<[DeploymentStatusState, 'live' | 'before' | 'both']>([
    ['failure', 'live'],
    ['failure', 'before'],
    ['inactive', 'live'],
    ['error', 'both'],
  ])(
    '%s on the release that is %s change nothing for status, and a revert goes where it should',
    async (state, on) => {
      await twoReleases(at, job);
      const [live, before] = await ids();
      if (on !== 'before') say(live, state);
      if (on !== 'live') say(before, state);
      const status = await at.step(at.startRun(), { mode: 'status', ...pinned });
      expect(status).toMatchObject({ result: 'ok', message: expect.stringContaining('Ledger: 3.0.0') });
      const reconciled = await at.step(at.startRun(), { mode: 'reconcile', ...pinned });
      expect(reconciled).toMatchObject({ ok: true, result: 'nothing' });
      const reverted = await at.step(at.startRun(), { mode: 'revert', ...pinned });
      expect(reverted).toMatchObject({ result: 'reverted', outputs: { target: 'green', changed: 'true' } });
      expect(at.live()).toBe('green');
      // The rollback's own failure is written beside the stranger's, so that nobody goes back to what it took back.
      expect((await states(live)).at(-1)).toBe('failure');
      const again = await at.step(at.startRun(), { mode: 'revert', ...pinned });
      expect(again).toMatchObject({ ok: false, result: 'refused' });
      expect(at.live()).toBe('green');
    },
  );

  it('success on a reservation neither keeps its run from switching nor the success from being written', async () => {
    await at.reserve(job, pinned);
    const [reserved] = await ids();
    say(reserved, 'success');
    Object.assign(at.green, { version: '2.0.0', digest: newDigest });
    const switched = await at.step(job, { mode: 'switch', verdict: at.verdict(job), ...pinned });
    expect(switched).toMatchObject({ result: 'switched' });
    expect((await states(reserved)).filter((state) => state === 'success')).toHaveLength(2);
    at.finishRun(job);
    const status = await at.step(at.startRun(), { mode: 'status', ...pinned });
    expect(status).toMatchObject({ result: 'ok', message: expect.stringContaining('Ledger: 2.0.0') });
  });

  it.each([
    ['named', pinned, stranger],
    ['of any workflow', {}, stranger],
    ["of the release's own run", {}, () => job.runId],
  ] as const)(
    'success, %s, on the reservation of a dead run does not end what is live',
    async (_, inputs, run) => {
      await at.release(job);
      at.finishRun(job);
      const [live] = await ids();
      const next = at.startRun();
      const digest = digestOf('3');
      await at.reserve(next, { version: '3.0.0', digest, verdict: at.verdict(next, { digest }) });
      const [reserved] = await ids();
      job = next;
      say(reserved, 'success', { run: run() });
      at.finishRun(next);
      expect(await at.step(at.startRun(), { mode: 'reconcile', ...inputs })).toMatchObject({
        ok: true,
        result: 'released',
      });
      expect(await states(live)).not.toContain('inactive');
      expect(at.live()).toBe('green');
      expect(await at.refs()).toEqual([]);
    },
  );

  it('that say "confirmed" or end the release do not keep a failed job from rolling it back', async () => {
    const { host } = await twoReleases(at, job, { 'revert-on-job-failure': 'true', ...pinned });
    const [live] = await ids();
    for (const state of ['success', 'failure', 'inactive'] as const) say(live, state);
    expect(await at.post(host, 'failure')).toMatchObject({ ok: true, result: 'reverted' });
    expect(at.live()).toBe('green');
  });

  it('success on an abandoned record keeps no first release from being the first', async () => {
    await at.reserve(job, pinned);
    at.finishRun(job);
    await at.step(at.startRun(), { mode: 'reconcile' });
    say((await ids())[0], 'success');
    at.blue.there = false;
    const next = at.startRun();
    const inputs = { mode: 'bootstrap', version: '2.0.0', digest: newDigest, verdict: at.verdict(next) };
    expect(await at.step(next, { ...inputs, ...pinned })).toMatchObject({ ok: true, result: 'reserved' });
  });
});

describe('more statuses than can be read', () => {
  /** 2.0.0 was live on green and 3.0.0 is on blue, and of neither all statuses can be read. */
  async function flooded() {
    const two = await twoReleases(at, job, { 'revert-on-job-failure': 'true', ...pinned });
    for (const id of await ids()) say(id, 'inactive', { count: 2_200 });
    return two;
  }

  it('are said by status and reconcile with what to do, and mode adopt is what does it', async () => {
    await flooded();
    for (const mode of ['status', 'reconcile']) {
      const step = await at.step(at.startRun(), { mode, ...pinned });
      expect(step.result).toBe('drift');
      expect(step.message).toMatch(/statuses, of which only \d+ can be read\. Fix: .* run mode adopt/);
    }
    const adopted = await at.step(at.startRun(), { mode: 'adopt', ...pinned });
    expect(adopted).toMatchObject({ ok: true, result: 'adopted' });
    expect(await at.step(at.startRun(), { mode: 'status', ...pinned })).toMatchObject({ result: 'ok' });
  });

  it('keep nobody from rolling back: router and colour say what is live, and that names what was before it', async () => {
    await flooded();
    const dry = await at.step(at.startRun(), { mode: 'revert', 'dry-run': 'true', ...pinned });
    expect(dry).toMatchObject({ ok: true, outputs: { target: 'green' } });
    expect(await at.step(at.startRun(), { mode: 'revert', ...pinned })).toMatchObject({ result: 'reverted' });
    expect(at.live()).toBe('green');
    const [rollback] = await at.deployments();
    expect(outcomeOf(rollback!).is).toBe('succeeded');
    expect(await at.step(at.startRun(), { mode: 'status', ...pinned })).toMatchObject({ result: 'ok' });
  });

  it('keep nobody from rolling back a release that is dead', async () => {
    await flooded();
    at.blue.there = false;
    expect(await at.step(at.startRun(), { mode: 'revert', ...pinned })).toMatchObject({ result: 'reverted' });
    expect(at.live()).toBe('green');
  });

  it('keep no failed job from rolling its release back', async () => {
    const { host } = await flooded();
    expect(await at.post(host, 'failure')).toMatchObject({ ok: true, result: 'reverted' });
    expect(at.live()).toBe('green');
  });

  it('keep no release from going out, which names what the router has live as the one before it', async () => {
    await flooded();
    const [live] = await ids();
    const next = at.startRun();
    const digest = digestOf('4');
    const verdict = at.verdict(next, { digest });
    expect(await at.reserve(next, { version: '4.0.0', digest, verdict })).toMatchObject({ ok: true });
    expect((await at.deployments())[0]!.payload.previous).toBe(live);
    Object.assign(at.green, { version: '4.0.0', digest });
    expect(await at.step(next, { mode: 'switch', verdict })).toMatchObject({ result: 'switched' });
  });
});
