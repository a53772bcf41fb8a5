import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allWrite } from '../../../rehearsal/github/support.js';
import { cdPath, ciPath, gateStage, policyPath, type GateStage } from '../stage.js';

/* Lines of the table "What an attacker could try" in docs/release-policy.md, played against the stand-in. */

let world: GateStage;
let sha: string;

const required = [
  `{ name: test, workflow: ${ciPath} }`,
  '{ name: scan, app: 4711 }',
  '{ status: ci/legacy, creator: hubot }',
];
const policy = `
version: 1
environments:
  production: { gates: { environment: { refs: [main] } } }
  ${required.map((entry, at) => `check-${at}: { gates: { checks: { required: [${entry}] } } }`).join('\n  ')}
`;

beforeAll(async () => {
  world = await gateStage();
  sha = world.push({ [policyPath]: policy });
});
afterAll(async () => {
  const violations = world.server.control.violations();
  await world.close();
  expect(violations).toEqual([]);
});

const ask = async (environment: string, commit = sha) => {
  const runId = world.ran({ sha: commit, path: cdPath, job: 'gate' });
  const { gates } = await world.check({ service: 'shop', sha: commit, runId, environment });
  return Object.values(gates)[0]!;
};

describe('Use an environment that admits any branch, or lets administrators bypass', () => {
  const at = () => ({ ...world.at, environment_name: 'production' });
  const path = '/repos/{owner}/{repo}/environments/{environment_name}';
  /** Sets it up with one reviewer and the patterns; none given means the kind of rule alone. */
  async function setUp(
    rule: { protected_branches: boolean; custom_branch_policies: boolean } | null,
    { patterns = ['main'], selfReview = false, bypass = false, reviewed = true } = {},
  ) {
    const admin = world.octokit('octocat', allWrite);
    await admin.request(`DELETE ${path}`, at()).catch(() => undefined);
    const { id } = world.server.control.addUser({ login: 'mona', role: 'maintain' });
    await admin.request(`PUT ${path}`, {
      ...at(),
      reviewers: reviewed ? [{ type: 'User', id }] : [],
      prevent_self_review: !selfReview,
      deployment_branch_policy: rule,
    });
    if (rule?.custom_branch_policies)
      for (const name of patterns)
        await admin.request(`POST ${path}/deployment-branch-policies`, { ...at(), name });
    const { owner, repo: name } = world.at;
    world.server.control.setAdminBypass({ owner, name, environment: 'production', allowed: bypass });
  }
  const listed = { protected_branches: false, custom_branch_policies: true };
  const guarded = { protected_branches: true, custom_branch_policies: false };

  it('passes one that is protected', async () => {
    await setUp(listed);
    expect((await ask('production')).result).toBe('pass');
  });

  it.each<[string, Parameters<typeof setUp>, string]>([
    ['any branch may deploy', [null], 'any branch may deploy to it'],
    ['no branch is protected', [guarded], 'admits every branch while no branch has a protection rule'],
    ['a pattern admits all', [listed, { patterns: ['main', '*'] }], 'its pattern * admits any branch'],
    ['a pattern admits all below', [listed, { patterns: ['*/*'] }], 'its pattern */* admits any branch'],
    ['a branch was added', [listed, { patterns: ['main', 'evil'] }], 'it admits evil'],
    ['nobody reviews', [listed, { reviewed: false }], 'no required reviewers'],
    ['the starter may approve', [listed, { selfReview: true }], 'may approve it'],
    ['administrators may bypass', [listed, { bypass: true }], 'administrators may bypass'],
  ])('fails where %s', async (_, how, why) => {
    await setUp(...how);
    const { result, reason } = await ask('production');
    expect([result, reason]).toEqual(['fail', expect.stringContaining(why)]);
  });

  it('fails where there is none', async () => {
    const admin = world.octokit('octocat', allWrite);
    await admin.request(`DELETE ${path}`, at());
    expect((await ask('production')).reason).toContain('the repository has no environment production');
  });
});

describe('Post a check or status of the right name as somebody else', () => {
  it('a check by another App is shown and not counted', async () => {
    const evil = await world.as('evil[bot]', { checks: 'write' });
    await evil.rest('POST /repos/{owner}/{repo}/check-runs', {
      name: 'scan',
      head_sha: sha,
      status: 'completed',
      conclusion: 'success',
    });
    const { result, reason, notes } = await ask('check-1');
    expect(result).toBe('fail');
    expect(reason).toContain('checks were posted by "evil" (App ');
    expect(notes).toEqual([expect.stringContaining('not by App 4711')]);
  });

  it('a status by another writer does not count, and takes the place of the right one', async () => {
    const say = async (login: string) => {
      const github = await world.as(login);
      const status = { sha, state: 'success', context: 'ci/legacy' } as const;
      await github.rest('POST /repos/{owner}/{repo}/statuses/{sha}', status);
    };
    await say('hubot');
    expect((await ask('check-2')).result).toBe('pass');
    await say('mona');
    expect((await ask('check-2')).reason).toContain('is by mona, not by hubot');
  });
});

describe('Release before the job has begun', () => {
  /** A run of CI that goes on, with the jobs that it has so far. */
  function going(commit: string, ...done: string[]) {
    const { control } = world.server;
    const { id } = control.addRun({
      owner: world.at.owner,
      name: world.at.repo,
      workflowPath: ciPath,
      workflowName: ciPath,
      event: 'push',
      headSha: commit,
      headBranch: 'main',
      actor: 'octocat',
    });
    control.progressRun(id, { status: 'in_progress' });
    const job = (name: string, key = name) => {
      const { id: jobId } = control.addJob(id, { name, key });
      control.progressJob(jobId, { status: 'completed', conclusion: 'success' });
    };
    for (const name of done) job(name);
    return { job, end: () => control.progressRun(id, { status: 'completed', conclusion: 'success' }) };
  }

  it('holds while the job is not there yet, and until its run is complete', async () => {
    const commit = world.push({ 'app.txt': '1' });
    const run = going(commit, 'build');
    expect((await ask('check-0', commit)).reason).toContain('has not started in attempt 1');
    run.job('test');
    expect(await ask('check-0', commit)).toMatchObject({
      result: 'hold',
      reason: expect.stringContaining('is not complete'),
    });
    run.end();
    expect((await ask('check-0', commit)).result).toBe('pass');
  });

  it('fails where the run is complete and the job never came', async () => {
    const commit = world.push({ 'app.txt': '2' });
    going(commit, 'build').end();
    expect((await ask('check-0', commit)).reason).toContain('has no such job; it has "build"');
  });

  it('holds while a second attempt has not come to it, though the first one passed', async () => {
    const commit = world.push({ 'app.txt': '3' });
    const runId = world.ran({ sha: commit });
    expect((await ask('check-0', commit)).result).toBe('pass');
    world.server.control.addAttempt(runId);
    expect((await ask('check-0', commit)).reason).toContain('has not started in attempt 2');
  });

  it('fails before there is any run of it', async () => {
    const commit = world.push({ 'app.txt': '4' });
    expect((await ask('check-0', commit)).reason).toContain(`no run of ${ciPath}`);
  });
});
