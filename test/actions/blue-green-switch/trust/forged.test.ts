import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DeploymentPayload } from '../../../../shared/contracts/deployment.js';
import { digestOf } from '../../../support/traffic/colours.js';
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

const missingRun = 999_999;
/** The release workflow of the stage, as a team would name it. */
const pinned = { 'release-workflows': '.github/workflows/cd.yml' };

/** A run that is over and that no release made. */
function otherRun(changes: { event?: string; headSha?: string; workflowPath?: string }): number {
  const { control } = at.stand.server;
  const { id } = control.addRun({
    owner: 'acme',
    name: 'shop',
    workflowPath: '.github/workflows/cd.yml',
    workflowName: 'CD',
    event: 'push',
    headSha: at.sha,
    headBranch: 'main',
    actor: 'mallory',
    ...changes,
  });
  control.progressRun(id, { status: 'completed', conclusion: 'success' });
  return id;
}

/**
 * What a job of any workflow with `deployments: write` can do: a Deployment by the Actions bot, with a payload and
 * statuses of its choice.
 */
async function forge(
  payload: Partial<DeploymentPayload>,
  states: readonly ('in_progress' | 'success' | 'failure')[],
) {
  const { repos } = at.stand.octokit().rest;
  const where = { owner: 'acme', repo: 'shop' };
  const { data } = await repos.createDeployment({
    ...where,
    ref: at.sha,
    task: 'devops-actions/shop',
    environment: 'production',
    auto_merge: false,
    required_contexts: [],
    payload: {
      suite: 'devops-actions/deployment@1',
      service: 'shop',
      version: '6.6.6',
      releaseId: '6.6.6-forged',
      builtSha: at.sha,
      releasedSha: at.sha,
      tree: at.stand.first.tree,
      digest: digestOf('6'),
      kind: 'release',
      colour: 'blue',
      waivers: [],
      run: { id: missingRun, attempt: 1 },
      ...payload,
    } satisfies DeploymentPayload as never,
  });
  const { id } = data as { id: number };
  for (const state of states)
    await repos.createDeploymentStatus({ ...where, deployment_id: id, state, auto_inactive: false });
  return id;
}

const runOf = {
  'a run that does not exist': () => ({ id: missingRun, attempt: 1 }),
  'the run of a pull request': () => ({ id: otherRun({ event: 'pull_request' }), attempt: 1 }),
  'a run of another commit': () => ({ id: otherRun({ headSha: at.stand.commit('x', 'x') }), attempt: 1 }),
  'a run of another workflow': () => ({
    id: otherRun({ workflowPath: '.github/workflows/x.yml' }),
    attempt: 1,
  }),
  'an attempt that never was': () => ({ id: job.runId, attempt: 7 }),
  'a run that was over by then': () => {
    const id = otherRun({});
    at.stand.server.control.setClock({ offsetMs: 600_000 });
    return { id, attempt: 1 };
  },
};
const forgeries = Object.entries(runOf);
const disproved = forgeries.filter(([name]) => !name.includes('not exist'));

const statesOf = async (wanted: number | string) =>
  (await at.deployments())
    .find(({ id, payload }) => id === wanted || payload.version === wanted)
    ?.statuses.map(({ state }) => state);

describe('a forged record that calls itself live, with', () => {
  it.each(forgeries)('%s, is not what a revert takes back', async (_, run) => {
    await twoReleases(at, job);
    const forged = await forge({ colour: 'green', run: run() }, ['success']);
    const reverted = await at.step(at.startRun(), { mode: 'revert', ...pinned });
    expect(reverted).toMatchObject({ ok: true, result: 'reverted' });
    expect(at.live()).toBe('green');
    expect(await statesOf('3.0.0')).toContain('failure');
    expect(await statesOf(forged)).toEqual(['success']);
    expect(reverted.report.timeline.map(({ message }) => message).join('\n')).toContain(
      `Deployment ${forged} does not count: run `,
    );
  });

  it.each(disproved)('%s, is not named as the release to go back to', async (_, run) => {
    const forged = await forge(
      {
        version: '1.0.0',
        digest: digestOf('1'),
        schema: { version: '9', oldestCompatibleApp: '9' },
        run: run(),
      },
      ['success'],
    );
    const second = at.startRun();
    await at.reserve(second, pinned);
    const reserved = (await at.deployments()).find(({ payload }) => payload.version === '2.0.0');
    expect(reserved).toBeDefined();
    expect(reserved!.payload).not.toHaveProperty('previous');
    expect(reserved!.payload).not.toHaveProperty('schema');

    Object.assign(at.green, { version: '2.0.0', digest: newDigest });
    await at.step(second, { mode: 'switch', verdict: at.verdict(second), ...pinned });
    expect(await statesOf(forged)).toEqual(['success']);
    const reverted = await at.step(at.startRun(), { mode: 'revert', ...pinned });
    expect(reverted).toMatchObject({ ok: false, result: 'refused' });
    expect(reverted.message).toMatch(new RegExp(`knows no release .*Deployment ${forged} does not count`));
    expect(at.live()).toBe('green');
  });

  it('a run that does not exist, does not keep the first release from being the first', async () => {
    at.blue.there = false;
    await forge({}, ['success']);
    const inputs = { mode: 'bootstrap', version: '2.0.0', digest: newDigest, verdict: at.verdict(job) };
    expect(await at.step(job, inputs)).toMatchObject({ ok: true, result: 'reserved' });
  });

  it('a run that does not exist, neither keeps the old colour nor makes retire remove the live one', async () => {
    writeFileSync(join(at.workspace, 'remove'), `#!/bin/sh\necho "$3" > ${join(at.workspace, 'removed')}\n`);
    chmodSync(join(at.workspace, 'remove'), 0o755);
    await at.release(job);
    await forge({ colour: 'blue' }, ['success']);
    const retire = { mode: 'retire', remove: 'remove', bake: '0' };
    expect(await at.step(at.startRun(), retire)).toMatchObject({ result: 'retired' });
    expect(readFileSync(join(at.workspace, 'removed'), 'utf8')).toBe('blue\n');
  });

  it('a run that does not exist, does not keep a run from confirming its own release', async () => {
    await at.release(job);
    const forged = await forge({ colour: 'green' }, ['success']);
    expect(await at.step(job, { mode: 'confirm' })).toMatchObject({ ok: true, result: 'confirmed' });
    expect(await statesOf(forged)).toEqual(['success']);
  });

  it('a run that does not exist, does not stop a release from taking itself back', async () => {
    const { host } = await twoReleases(at, job, { 'revert-on-job-failure': 'true' });
    await forge({ colour: 'blue' }, ['success']);
    expect(await at.post(host, 'failure')).toMatchObject({ ok: true, result: 'reverted' });
    expect(at.live()).toBe('green');
  });

  it('runs that do not exist, over and over, makes the ledger decide nothing and says so', async () => {
    await at.release(job);
    for (let id = missingRun; id < missingRun + 31; id++)
      await forge({ run: { id, attempt: 1 } }, ['success']);
    const reverted = await at.step(at.startRun(), { mode: 'revert' });
    expect(reverted).toMatchObject({ ok: false, result: 'error' });
    expect(reverted.message).toContain('30 Deployments in a row do not prove themselves');
    expect(at.live()).toBe('green');
  });
});

describe('a forged record that calls itself under way', () => {
  it.each(forgeries)('with %s, is no drift for reconcile, and is left as it is', async (_, run) => {
    const forged = await forge({ colour: 'blue', run: run() }, ['in_progress']);
    const reconciled = await at.step(at.startRun(), { mode: 'reconcile', ...pinned });
    expect(reconciled).toMatchObject({ ok: true, result: 'nothing' });
    expect(await statesOf(forged)).toEqual(['in_progress']);
  });
});

describe('a record that says the digest was taken back, with', () => {
  const switchAfter = async (run: DeploymentPayload['run']) => {
    // One of the forgeries sets GitHub's clock ahead by as long as a verdict of the stage lasts.
    const [issuedAt, expiresAt] = [-60_000, 3_600_000].map((ms) => new Date(Date.now() + ms).toISOString());
    const verdict = at.verdict(job, { issuedAt, expiresAt });
    await at.reserve(job, pinned);
    Object.assign(at.green, { version: '2.0.0', digest: newDigest });
    await forge({ digest: newDigest, version: '2.0.0', run }, ['success', 'failure']);
    return at.step(job, { mode: 'switch', verdict, ...pinned });
  };

  it.each(disproved)('%s, does not block a switch', async (_, run) => {
    expect(await switchAfter(run())).toMatchObject({ ok: true, result: 'switched' });
  });

  it('a run that is gone, blocks it: deleting a run must not clear a release', async () => {
    const step = await switchAfter({ id: missingRun, attempt: 1 });
    expect(step).toMatchObject({ ok: false, result: 'refused' });
    expect(step.message).toContain('was rolled back');
  });
});

describe('when GitHub does not say whether a run exists', () => {
  const noRuns = () => at.stand.server.control.addFault({ path: '/actions/runs/', status: 502, times: 99 });

  it('a revert from another run fails closed, with the permission line to add where that is why', async () => {
    await twoReleases(at, job);
    const { token } = at.stand.server.control.addToken({
      actor: 'github-actions[bot]',
      permissions: { contents: 'write', deployments: 'write', issues: 'write' },
    });
    const reverted = await at.step(at.startRun(), { mode: 'revert', 'github-token': token });
    expect(reverted).toMatchObject({ ok: false, result: 'error' });
    expect(reverted.message).toContain('permissions add  actions: read');
    expect(at.live()).toBe('blue');
    expect(await at.refs()).toEqual([]);
  });

  it('nothing is reserved on what cannot be believed', async () => {
    await at.release(job);
    at.finishRun(job);
    noRuns();
    const reserved = await at.reserve(at.startRun());
    expect(reserved).toMatchObject({ ok: false, result: 'error' });
    expect(reserved.message).toMatch(/502.*actions\/runs/);
    at.stand.server.control.clearFaults();
    expect(await at.refs()).toEqual([]);
  });

  it('a switch is recorded all the same, and a record that nobody can vouch for is left alone', async () => {
    await at.reserve(job);
    Object.assign(at.green, { version: '2.0.0', digest: newDigest });
    const forged = await forge({}, ['success']);
    noRuns();
    const switched = await at.step(job, { mode: 'switch', verdict: at.verdict(job) });
    at.stand.server.control.clearFaults();
    expect(switched).toMatchObject({ ok: true, result: 'switched' });
    expect(await statesOf('2.0.0')).toContain('success');
    expect(await statesOf(forged)).toEqual(['success']);
    expect(switched.report.timeline.map(({ message }) => message).join('\n')).toMatch(
      new RegExp(`Deployment ${forged} could not be looked up: .*502.*; left as it is`),
    );
  });

  it('a switch that has to know fails closed, and its post step gives the colour back', async () => {
    await at.reserve(job);
    Object.assign(at.green, { version: '2.0.0', digest: newDigest });
    await forge({ digest: newDigest, version: '2.0.0' }, ['failure']);
    noRuns();
    const { host } = await at.step(job, { mode: 'confirm' });
    const verdict = at.verdict(job);
    const switched = await at.step(job, { mode: 'switch', verdict }, host);
    expect(switched).toMatchObject({ ok: false, result: 'error' });
    expect(await at.post(host, 'failure')).toMatchObject({ result: 'released' });
    at.stand.server.control.clearFaults();
    expect(at.live()).toBe('blue');
    expect(await at.refs()).toEqual([]);
  });

  it('a release still takes itself back: its state names it, and it names the one before', async () => {
    const { host } = await twoReleases(at, job, { 'revert-on-job-failure': 'true' });
    noRuns();
    expect(await at.post(host, 'failure')).toMatchObject({ ok: true, result: 'reverted' });
    expect(at.live()).toBe('green');
    at.stand.server.control.clearFaults();
  });

  it("a held switch still goes back on a person's word: the lock says where it came from", async () => {
    await twoReleases(at, job);
    const third = at.startRun();
    const verdict = at.verdict(third, { digest: digestOf('4') });
    await at.reserve(third, { version: '4.0.0', digest: digestOf('4'), verdict });
    Object.assign(at.green, { version: '4.0.0', digest: digestOf('4') });
    const running = at.step(third, { mode: 'switch', verdict });
    await untilLive(at, 'green');
    at.blue.well = false;
    at.green.version = '6.6.6';
    expect(await running).toMatchObject({ result: 'held' });
    at.blue.well = true;
    noRuns();
    expect(await at.step(at.startRun(), { mode: 'revert' })).toMatchObject({ ok: true, result: 'reverted' });
    expect(at.live()).toBe('blue');
    at.stand.server.control.clearFaults();
  });
});
