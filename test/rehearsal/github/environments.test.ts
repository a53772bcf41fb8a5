import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Octokit, refusal, type Stage, stage } from './support.js';

let shop: Stage;
let bot: Octokit;
let admin: Octokit;
let now = Date.parse('2026-03-01T12:00:00Z');

beforeAll(async () => {
  shop = await stage({ now: () => now });
  bot = shop.octokit();
  admin = shop.octokit('octocat');
});

afterAll(async () => {
  await shop.close();
  expect(shop.server.control.violations()).toEqual([]);
});

const control = () => shop.server.control;

/** A run of octocat's with one job at the environment. */
function enter(
  environment: string,
  options: { deployment?: boolean; headBranch?: string; actor?: string } = {},
) {
  const { headBranch = 'main', actor = 'octocat', ...rest } = options;
  const run = control().addRun({
    owner: 'acme',
    name: 'shop',
    workflowPath: '.github/workflows/cd.yml',
    workflowName: 'CD',
    event: 'push',
    headSha: shop.git('rev-parse', 'main'),
    headBranch,
    actor,
  });
  const job = control().addJob(run.id, { name: 'deploy', key: 'deploy' });
  return { run, job, gate: control().enterEnvironment(job.id, { environment, ...rest }) };
}

const protect = (environment_name: string, login: string, prevent_self_review = false) =>
  admin.rest.repos.createOrUpdateEnvironment({
    ...shop.at,
    environment_name,
    prevent_self_review,
    reviewers: [{ type: 'User', id: control().addUser({ login, role: 'write' }).id }],
  });

const review = (
  octokit: Octokit,
  run_id: number,
  environment_ids: number[],
  state: 'approved' | 'rejected' = 'approved',
) =>
  octokit.rest.actions.reviewPendingDeploymentsForRun({
    ...shop.at,
    run_id,
    environment_ids,
    state,
    comment: 'ok',
  });

const states = async (environment: string): Promise<string[]> => {
  const list = await bot.rest.repos.listDeployments({ ...shop.at, environment });
  const deployment_id = list.data[0]?.id ?? 0;
  const { data } = await bot.rest.repos.listDeploymentStatuses({ ...shop.at, deployment_id });
  return data.map(({ state }) => state as string).reverse();
};

describe('a job that names an environment', () => {
  test('gets a Deployment of the Actions bot that follows the job', async () => {
    const { job, gate } = enter('open');
    expect(gate).toEqual({ approved: true, waitingFor: [], refused: null });
    control().progressJob(job.id, { status: 'in_progress' });
    control().progressJob(job.id, { status: 'completed', conclusion: 'success' });
    expect(await states('open')).toEqual(['queued', 'in_progress', 'success']);
  });

  test('gets none with deployment: false', async () => {
    enter('secrets-only', { deployment: false });
    const { data } = await bot.rest.repos.listDeployments({ ...shop.at, environment: 'secrets-only' });
    expect(data).toEqual([]);
  });

  test('waits for a listed reviewer, whose approval lets it start', async () => {
    const { data: environment } = await protect('production', 'hubot');
    const { run, job, gate } = enter('production');
    expect(gate).toEqual({ approved: false, waitingFor: ['hubot'], refused: null });
    const pending = await bot.rest.actions.getPendingDeploymentsForRun({ ...shop.at, run_id: run.id });
    expect(pending.data).toMatchObject([
      { environment: { name: 'production' }, current_user_can_approve: false },
    ]);
    const stranger = await refusal(review(admin, run.id, [environment.id]));
    expect(stranger.status).toBe(403);
    await review(shop.octokit('hubot'), run.id, [environment.id]);
    expect(control().environmentGate(job.id).approved).toBe(true);
    expect((await refusal(review(shop.octokit('hubot'), run.id, [environment.id]))).status).toBe(422);
    const { data } = await bot.rest.actions.getReviewsForRun({ ...shop.at, run_id: run.id });
    expect(data).toMatchObject([{ state: 'approved', comment: 'ok', user: { login: 'hubot' } }]);
    expect(await states('production')).toEqual(['waiting', 'queued']);
  });

  test('fails when the reviewer rejects it', async () => {
    const { data: environment } = await protect('rejecting', 'hubot');
    const { run, job } = enter('rejecting');
    await review(shop.octokit('hubot'), run.id, [environment.id], 'rejected');
    expect(control().environmentGate(job.id)).toMatchObject({
      approved: false,
      refused: expect.stringContaining('hubot'),
    });
    expect(await states('rejecting')).toEqual(['waiting', 'failure']);
  });

  test('cannot be approved by who started the run where self-review is off', async () => {
    const { data: environment } = await protect('strict', 'hubot', true);
    const { run } = enter('strict', { actor: 'hubot' });
    expect((await refusal(review(shop.octokit('hubot'), run.id, [environment.id]))).status).toBe(403);
    const other = enter('strict', { actor: 'octocat' });
    await review(shop.octokit('hubot'), other.run.id, [environment.id]);
    expect(control().environmentGate(other.job.id).approved).toBe(true);
  });

  test('waits out the wait timer', async () => {
    await admin.rest.repos.createOrUpdateEnvironment({
      ...shop.at,
      environment_name: 'slow',
      wait_timer: 30,
    });
    const { job, gate } = enter('slow');
    expect(gate.approved).toBe(false);
    now += 30 * 60_000;
    expect(control().environmentGate(job.id).approved).toBe(true);
  });

  test('is refused on a branch the environment does not allow', async () => {
    await admin.rest.repos.createOrUpdateEnvironment({
      ...shop.at,
      environment_name: 'guarded',
      deployment_branch_policy: { protected_branches: false, custom_branch_policies: true },
    });
    await admin.rest.repos.createDeploymentBranchPolicy({
      ...shop.at,
      environment_name: 'guarded',
      name: 'release/*',
    });
    expect(enter('guarded', { headBranch: 'main' }).gate.refused).toContain(
      'not allowed to deploy to guarded',
    );
    expect(enter('guarded', { headBranch: 'release/1' }).gate.approved).toBe(true);
    expect(enter('guarded', { headBranch: 'release/1/x' }).gate.approved).toBe(false);
    const { data } = await bot.rest.repos.listDeploymentBranchPolicies({
      ...shop.at,
      environment_name: 'guarded',
    });
    expect(data.branch_policies.map(({ name }) => name)).toEqual(['release/*']);
  });
});

describe('an environment', () => {
  test('shows its protection, and whether admins may bypass it', async () => {
    await protect('shown', 'hubot', true);
    control().setAdminBypass({ owner: 'acme', name: 'shop', environment: 'shown', allowed: false });
    const { data } = await bot.rest.repos.getEnvironment({ ...shop.at, environment_name: 'shown' });
    expect(data).toMatchObject({
      can_admins_bypass: false,
      protection_rules: [
        {
          type: 'required_reviewers',
          prevent_self_review: true,
          reviewers: [{ reviewer: { login: 'hubot' } }],
        },
      ],
    });
    const writer = shop.octokit('github-actions[bot]', { actions: 'read' });
    const put = writer.rest.repos.createOrUpdateEnvironment({ ...shop.at, environment_name: 'shown' });
    expect((await refusal(put)).headers['x-accepted-github-permissions']).toBe('administration=write');
  });
});
