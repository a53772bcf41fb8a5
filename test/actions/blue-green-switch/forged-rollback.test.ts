import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DeploymentPayload } from '../../../shared/contracts/deployment.js';
import { digestOf } from '../../support/colours.js';
import { twoReleases } from '../../support/two-releases.js';
import { trafficStage, type Job, type TrafficStage } from '../../support/traffic-stage.js';

let at: TrafficStage;
let job: Job;
beforeEach(async () => {
  at = await trafficStage();
  job = at.startRun();
});
afterEach(() => at.close());

/** What a push to a feature branch can do where its token may write Deployments: call any payload a rollback that succeeded. */
async function forgeRollback(
  changes: (live: DeploymentPayload) => Partial<DeploymentPayload>,
): Promise<number> {
  const { id: runId } = at.stand.server.control.addRun({
    owner: 'acme',
    name: 'shop',
    workflowPath: '.github/workflows/x.yml',
    workflowName: 'X',
    event: 'push',
    headSha: at.stand.commit('x', 'x'),
    headBranch: 'feature',
    actor: 'mallory',
  });
  const live = (await at.deployments())[0]!.payload;
  const { repos } = at.stand.octokit().rest;
  const where = { owner: 'acme', repo: 'shop' };
  const { data } = await repos.createDeployment({
    ...where,
    ref: at.sha,
    task: 'devops-actions/shop',
    environment: 'production',
    auto_merge: false,
    required_contexts: [],
    payload: { ...live, kind: 'rollback', run: { id: runId, attempt: 1 }, ...changes(live) } as never,
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
    expect(reverted.report.timeline.map(({ said }) => said).join('\n')).toContain(
      `Deployment ${forged} does not count: it `,
    );
  });
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
