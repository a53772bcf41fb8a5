import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DeploymentPayload } from '../../../../shared/contracts/deployment.js';
import type { DeploymentRecord } from '../../../../shared/ledger/record.js';
import { digestOf, type Colour } from '../../../support/traffic/colours.js';
import { twoReleases } from '../../../support/traffic/two-releases.js';
import { newDigest, trafficStage, type Job, type TrafficStage } from '../../../support/traffic/stage.js';

let at: TrafficStage;
let job: Job;
beforeEach(async () => {
  at = await trafficStage();
  job = at.startRun();
});
afterEach(() => at.close());

/**
 * What a push to a feature branch can do where its token may write Deployments: call any payload a rollback that
 * succeeded.
 */
async function forgeRollback(
  changes: (live: DeploymentPayload, head: string) => Partial<DeploymentPayload>,
): Promise<number> {
  const head = at.stand.commit('x', 'x');
  const runId = runOf('x.yml', head);
  const [{ id: liveId, payload: live }] = (await at.deployments()) as [DeploymentRecord];
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
      ...live,
      kind: 'rollback',
      previous: liveId,
      run: { id: runId, attempt: 1 },
      ...changes(live, head),
    } as never,
  });
  const { id } = data as { id: number };
  await repos.createDeploymentStatus({ ...where, deployment_id: id, state: 'success', auto_inactive: false });
  return id;
}

describe('a forged record of a rollback', () => {
  it.each<[string, () => Partial<DeploymentPayload>]>([
    [
      'that says the database allows no older app does not block the rescue',
      () => ({ schema: { version: '9', oldestCompatibleApp: '99.0.0' } }),
    ],
    [
      'of an artifact that never ran is not what is live',
      () => ({ digest: digestOf('6'), version: '6.6.6' }),
    ],
  ])('%s', async (_, changes) => {
    await twoReleases(at, job);
    const forged = await forgeRollback(changes);
    const reverted = await at.step(at.startRun(), { mode: 'revert' });
    expect(reverted).toMatchObject({ ok: true, result: 'reverted' });
    expect(at.live()).toBe('green');
    expect(reverted.report.timeline.map(({ message }) => message).join('\n')).toContain(
      `Deployment ${forged} does not count: it `,
    );
  });
});

function runOf(workflow: string, headSha = at.sha): number {
  const { control } = at.stand.server;
  const { id } = control.addRun({
    owner: 'acme',
    name: 'shop',
    workflowPath: `.github/workflows/${workflow}`,
    workflowName: workflow,
    event: 'push',
    headSha,
    headBranch: 'feature',
    actor: 'mallory',
  });
  return id;
}

/** What was live before, called live again by somebody who moved nothing. */
const restored = { version: '2.0.0', digest: newDigest, colour: 'green' };

/** What the same token can write on a Deployment that is live; a run can be named in it. */
const endNewest = async (state: 'failure' | 'inactive', run?: number) => {
  const [live] = await at.deployments();
  const where = { owner: 'acme', repo: 'shop', deployment_id: live!.id };
  const log = run === undefined ? {} : { log_url: `https://github.com/acme/shop/actions/runs/${run}` };
  await at.stand
    .octokit()
    .rest.repos.createDeploymentStatus({ ...where, ...log, state, auto_inactive: false });
};
const failNewest = () => endNewest('failure');

describe('what agrees with the ledger in every field, and not with the router, does not keep the release from being taken back:', () => {
  it.each<[string, () => Promise<unknown>, RegExp]>([
    ['a rollback', () => forgeRollback(() => restored), /The ledger says 2\.0\.0 is live on green/],
    [
      'a rollback, with the failure of what it takes back',
      () => failNewest().then(() => forgeRollback(() => restored)),
      /The ledger says 2\.0\.0 is live on green/,
    ],
    ['a failure alone', failNewest, /The ledger says nothing is live/],
    [
      'a release that no colour runs',
      () =>
        forgeRollback((_live, head) => ({
          ...restored,
          kind: 'release',
          version: '6.6.6',
          builtSha: head,
        })),
      /The ledger says 6\.6\.6 is live on green/,
    ],
    [
      'a release that no colour runs, with the end of what is live',
      () =>
        endNewest('inactive').then(() =>
          forgeRollback((_live, head) => ({
            ...restored,
            kind: 'release',
            version: '6.6.6',
            builtSha: head,
          })),
        ),
      /The ledger says 6\.6\.6 is live on green/,
    ],
    [
      'a release that the old colour does run',
      () => forgeRollback((_live, head) => ({ ...restored, kind: 'release', builtSha: head })),
      /The ledger says 2\.0\.0 is live on green/,
    ],
  ])('%s', async (_, forge, message) => {
    await twoReleases(at, job);
    await forge();
    const dry = await at.step(at.startRun(), { mode: 'revert', 'dry-run': 'true' });
    expect(dry).toMatchObject({ ok: true, result: 'dry-run', outputs: { target: 'green' } });
    const reverted = await at.step(at.startRun(), { mode: 'revert' });
    expect(reverted).toMatchObject({ ok: true, result: 'reverted', outputs: { changed: 'true' } });
    expect(at.live()).toBe('green');
    expect(reverted.report.timeline.map((event) => event.message).join('\n')).toMatch(message);
    expect(await at.step(at.startRun(), { mode: 'status' })).toMatchObject({ result: 'ok' });
  });
});

/** Another hand on the router, which knows of no ledger. */
async function moveByHand(weights: Record<string, number>) {
  const control = await at.control(job);
  for (const call of control.router.plan(await control.router.read(), weights))
    await control.router.apply(call);
  control.close();
}

describe('a release from which somebody moved traffic by hand is what a revert takes back, which then only has to be told:', () => {
  it.each<[string, Partial<Colour>, string]>([
    ['one that is well', {}, 'ok'],
    ['one that is ill', { well: false }, 'ok'],
    ['one that is dead', { there: false }, 'ok'],
    // What stays on the idle colour is no release, and that is said.
    ['one that does not say any more what it is', { version: 'unknown' }, 'drift'],
    ['one that somebody has deployed over', { version: '3.0.1', digest: digestOf('5') }, 'drift'],
  ])('%s', async (_, blue, after) => {
    await twoReleases(at, job);
    Object.assign(at.blue, blue);
    await moveByHand({ blue: 0, green: 100 });
    const reverted = await at.step(at.startRun(), { mode: 'revert' });
    expect(reverted).toMatchObject({ ok: true, result: 'reverted', outputs: { changed: 'false' } });
    expect(reverted.report.timeline[0]?.message).toMatch(/^green has all traffic already, past the ledger/);
    expect(at.live()).toBe('green');
    const [rollback, dead] = await at.deployments();
    expect(rollback?.payload).toMatchObject({ kind: 'rollback', version: '2.0.0', previous: dead?.id });
    expect(dead?.statuses.at(-1)?.state).toBe('failure');
    expect(await at.step(at.startRun(), { mode: 'status' })).toMatchObject({ result: after });
  });
});

it('what cannot be told from such a hand, the end of what is live by a run and a copy of what was before it, costs a second revert', async () => {
  await twoReleases(at, job);
  await endNewest('inactive', at.startRun().runId);
  await forgeRollback((_live, head) => ({ ...restored, kind: 'release', builtSha: head }));
  const first = await at.step(at.startRun(), { mode: 'revert' });
  expect(first).toMatchObject({ result: 'reverted', outputs: { changed: 'false' } });
  expect(first.report.timeline[0]?.message).toContain('run mode revert again: it then takes 3.0.0 back');
  expect(at.live()).toBe('blue');
  expect(await at.step(at.startRun(), { mode: 'revert' })).toMatchObject({ result: 'reverted' });
  expect(at.live()).toBe('green');
});

it.each<[string, Record<string, string>, (() => number) | undefined]>([
  ['no run', {}, undefined],
  ['a run of another workflow', { 'release-workflows': '.github/workflows/cd.yml' }, () => runOf('x.yml')],
])(
  'an end of what is live that names %s is none: with a copy of what was before it, one revert is enough',
  async (_, pinned, run) => {
    await twoReleases(at, job);
    await endNewest('inactive', run?.());
    await forgeRollback((_live, head) => ({ ...restored, kind: 'release', builtSha: head }));
    const reverted = await at.step(at.startRun(), { mode: 'revert', ...pinned });
    expect(reverted).toMatchObject({ result: 'reverted', outputs: { changed: 'true' } });
    expect(at.live()).toBe('green');
  },
);

it('a reservation names the release that has all traffic as the one before it, not a forged one', async () => {
  await twoReleases(at, job);
  const [live] = await at.deployments();
  await forgeRollback(() => restored);
  const next = at.startRun();
  const digest = digestOf('4');
  expect(
    await at.reserve(next, { version: '4.0.0', digest, verdict: at.verdict(next, { digest }) }),
  ).toMatchObject({ ok: true, outputs: { target: 'green' } });
  expect((await at.deployments())[0]?.payload.previous).toBe(live?.id);
});

it('a genuine rollback counts afterwards, for another run, and so does one of the release after it', async () => {
  await twoReleases(at, job);
  expect(await at.step(at.startRun(), { mode: 'revert' })).toMatchObject({ result: 'reverted' });
  const status = await at.step(at.startRun(), { mode: 'status' });
  expect(status).toMatchObject({ result: 'ok' });

  const next = at.startRun();
  const digest = digestOf('4');
  const verdict = at.verdict(next, { digest });
  expect(await at.reserve(next, { version: '4.0.0', digest, verdict })).toMatchObject({ ok: true });
  Object.assign(at.blue, { version: '4.0.0', digest });
  expect(await at.step(next, { mode: 'switch', verdict })).toMatchObject({ result: 'switched' });
  at.finishRun(next);
  const [newest, rollback] = await at.deployments();
  expect(newest?.payload.previous).toBe(rollback?.id);
  expect(rollback?.payload.kind).toBe('rollback');
  const again = await at.step(at.startRun(), { mode: 'revert' });
  expect(again).toMatchObject({ ok: true, result: 'reverted' });
  expect(at.live()).toBe('green');
});
