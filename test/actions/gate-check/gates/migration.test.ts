import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EvidenceValue } from '../../../../actions/gate-check/evidence/registry.js';
import { judge, known, minutesAgo, otherSha, request, sha, unknown } from '../facts.js';
import { cdPath, ciPath, gateStage, policyPath, type GateStage } from '../stage.js';

type Run = EvidenceValue<'migrations'>[number];
type Job = Run['jobs'][number];

const job = (fields: Partial<Job> = {}): Job => ({
  name: 'migrations',
  attempt: 1,
  status: 'completed',
  conclusion: 'success',
  startedAt: minutesAgo(10),
  url: 'https://github.example/acme/shop/actions/runs/7/job/1',
  ...fields,
});
const run = (fields: Partial<Run> = {}): Run => ({
  id: 7,
  number: 70,
  path: cdPath,
  event: 'push',
  headSha: sha,
  jobs: [job()],
  ...fields,
});
const live = {
  deployment: 3,
  sha: otherSha,
  version: '1.4.1',
  since: minutesAgo(60),
  status: 'ahead',
} as const;
const gates = `migration: { workflow: ${cdPath}, job: migrations }`;
const judged = (runs: Run[], since: number | null = live.since) => {
  const evidence = {
    migrations: known(runs),
    comparison: known({ live: since === null ? null : { ...live, since } }),
  };
  return judge(gates, evidence).gates[0]!;
};

describe('the gate migration', () => {
  it('passes where the job succeeded after the live release went live', () => {
    expect(judged([run()])).toMatchObject({
      result: 'pass',
      reason: 'migrations of run #70 (push): safe or waived, compared with 1.4.1',
    });
  });

  it('passes a first deployment', () => expect(judged([run()], null).result).toBe('pass'));

  it('takes the run that asks, while that is not complete', () => {
    expect(judged([run({ id: request.run.id })]).result).toBe('pass');
  });

  it.each([
    ['another release went live since', [run()], minutesAgo(5), 'compared with another release'],
    ['nobody judged', [], live.since, 'nobody judged'],
    ['it is of another workflow', [run({ path: ciPath })], live.since, 'nobody judged'],
    ['it is of another commit', [run({ headSha: otherSha })], live.since, 'nobody judged'],
    [
      'it is of an event that does not count',
      [run({ event: 'pull_request_target' })],
      live.since,
      'nobody judged',
    ],
    ['it failed', [run({ jobs: [job({ conclusion: 'failure' })] })], live.since, 'failure'],
    ['it was skipped', [run({ jobs: [job({ conclusion: 'skipped' })] })], live.since, 'let it run always'],
    ['it was cancelled', [run({ jobs: [job({ conclusion: 'cancelled' })] })], live.since, 'cancelled'],
    [
      'the job has another name',
      [run({ jobs: [job({ name: 'migration' })] })],
      live.since,
      'has no job "migrations"',
    ],
    [
      'two jobs have the name',
      [run({ jobs: [job(), job({ conclusion: 'failure' })] })],
      live.since,
      'has 2 jobs',
    ],
    [
      'two jobs have the name, and the one that passed was run again',
      [run({ jobs: [job(), job({ conclusion: 'failure' }), job({ attempt: 2 })] })],
      live.since,
      'has 2 jobs',
    ],
    [
      'only an older attempt succeeded',
      [run({ jobs: [job(), job({ attempt: 2, conclusion: 'failure' })] })],
      live.since,
      'failure',
    ],
    [
      'only an older run succeeded',
      [run(), run({ id: 8, number: 71, jobs: [job({ conclusion: 'failure' })] })],
      live.since,
      '#71',
    ],
    ['nobody knows when it began', [run({ jobs: [job({ startedAt: null })] })], live.since, 'run it again'],
  ])('fails where %s', (_, runs, since, why) => {
    const gate = judged(runs, since);
    expect(gate.result).toBe('fail');
    expect(gate.reason).toContain(why);
  });

  it('holds while the job runs', () => {
    expect(judged([run({ jobs: [job({ status: 'in_progress', conclusion: null })] })]).result).toBe('hold');
  });

  it.each([
    [
      'of a run that is not complete, since a second job of the name may come',
      run({ status: 'in_progress' }),
    ],
    ['of a run that was started again and has not come to it', run({ status: 'in_progress', attempt: 2 })],
    ['that is not there yet', run({ status: 'queued', jobs: [] })],
  ])('holds for a job %s', (_, one) => expect(judged([one]).result).toBe('hold'));

  it('tells of runs that do not count, and judges by the one that does', () => {
    const strange = run({ number: 71, doubt: 'it ran for evil, and runs for main count', jobs: [] });
    expect(judged([strange, run()])).toMatchObject({
      result: 'pass',
      notes: [expect.stringContaining('run #71 (push)')],
    });
    expect(judged([strange])).toMatchObject({
      result: 'fail',
      reason: expect.stringContaining('it ran for evil') as unknown,
    });
  });

  it('fails where the runs or what is live cannot be read', () => {
    expect(judge(gates, { migrations: unknown, comparison: known({ live }) }).gates[0]!.result).toBe('fail');
    expect(judge(gates, { migrations: known([run()]), comparison: unknown }).gates[0]!.result).toBe('fail');
  });

  it('is no gate that a hotfix or a person may pass', () => {
    expect(() => judge(`migration: { workflow: ${cdPath}, job: m, let-hotfix: true }`, {})).toThrow(
      /let-hotfix/,
    );
  });
});

describe('the gate migration against the stand-in', () => {
  let at: GateStage;
  let sha: string;
  beforeAll(async () => {
    at = await gateStage();
    sha = at.push({
      [policyPath]: `version: 1\nenvironments: { production: { gates: { ${gates} } } }\n`,
      [cdPath]: 'on: workflow_dispatch\n',
    });
  });
  afterAll(() => at.close());

  const asking = () => at.ran({ sha, path: cdPath, event: 'workflow_dispatch', job: 'gate' });
  const gate = async () => {
    const runId = asking();
    at.server.control.addJob(runId, { name: 'later', key: 'later' });
    return (await at.check({ service: 'shop', sha, runId })).gates['migration']!;
  };

  it('ignores a job and a check of the name in other workflows, and believes the named one', async () => {
    at.ran({ sha, path: ciPath, job: 'migrations' });
    const other = await as();
    await other.rest('POST /repos/{owner}/{repo}/check-runs', {
      name: 'migrations',
      head_sha: sha,
      status: 'completed',
      conclusion: 'success',
    });
    expect(await gate()).toMatchObject({ result: 'fail' });
    const runId = at.ran({ sha, path: cdPath, event: 'workflow_dispatch', job: 'migrations' });
    const { gates: passed } = await at.check({ service: 'shop', sha, runId });
    expect(passed['migration']).toMatchObject({ result: 'pass' });
  });

  it('names the permission that is missing', async () => {
    const { gates: answered } = await at.check({
      service: 'shop',
      sha,
      runId: asking(),
      permissions: { contents: 'read', deployments: 'read' },
    });
    expect(answered['migration']).toMatchObject({
      result: 'fail',
      reason: expect.stringContaining('actions: read') as unknown,
    });
  });

  const as = () => at.as('github-actions[bot]', { checks: 'write' });
});

describe('of runs on one commit, the gate migration counts those for this release', () => {
  let at: GateStage;
  let commits = 0;
  beforeAll(async () => {
    at = await gateStage();
    policy(gates);
  });
  afterAll(() => at.close());

  const policy = (text: string) =>
    at.push({ [policyPath]: `version: 1\nenvironments: { production: { gates: { ${text} } } }\n` });
  const commit = () => at.push({ 'src/app.ts': `export const commit = ${commits++};\n` });
  const ran = (
    sha: string,
    branch: string,
    conclusion: string,
    more: { fork?: string; event?: string } = {},
  ) => at.ran({ sha, path: cdPath, job: 'migrations', branch, conclusion, ...more });
  const asked = async (sha: string, branch = 'main') => {
    const runId = at.ran({ sha, path: ciPath, event: 'workflow_dispatch', branch });
    return (await at.check({ service: 'shop', sha, runId, branch })).gates['migration']!;
  };

  it('one for another branch does not block', async () => {
    const sha = commit();
    ran(sha, 'main', 'success');
    ran(sha, 'evil', 'failure');
    expect(await asked(sha)).toMatchObject({ result: 'pass', notes: [expect.stringContaining('evil')] });
  });

  it('one for another branch does not pass, beside a failure or alone', async () => {
    const failed = commit();
    ran(failed, 'main', 'failure');
    ran(failed, 'evil', 'success');
    expect(await asked(failed)).toMatchObject({ result: 'fail' });
    expect(await asked(failed, 'evil')).toMatchObject({ result: 'fail' });
    const alone = commit();
    ran(alone, 'evil', 'success');
    expect(await asked(alone)).toMatchObject({
      result: 'fail',
      reason: expect.stringContaining('it ran for evil, and runs for main count') as unknown,
    });
  });

  it('one of a fork neither passes nor blocks, even for a branch of the right name', async () => {
    const sha = commit();
    ran(sha, 'main', 'success', { fork: 'mallory/shop' });
    expect(await asked(sha)).toMatchObject({ result: 'fail' });
    ran(sha, 'main', 'success');
    ran(sha, 'main', 'failure', { fork: 'mallory/shop' });
    expect(await asked(sha)).toMatchObject({
      result: 'pass',
      notes: [expect.stringContaining('it ran for mallory/shop')],
    });
  });

  it('one for the branch or tag of the run that asks counts where the default branch has none with the job', async () => {
    const sha = commit();
    at.ran({ sha, path: cdPath, job: 'build' });
    ran(sha, 'v1.4.0', 'success');
    expect(await asked(sha, 'v1.4.0')).toMatchObject({ result: 'pass' });
    expect(await asked(sha)).toMatchObject({ result: 'fail' });
  });

  it('a newer run for the default branch that has not come to the job decides', async () => {
    const sha = commit();
    ran(sha, 'main', 'success');
    at.server.control.addRun({
      ...{ owner: at.at.owner, name: at.at.repo, workflowPath: cdPath, workflowName: cdPath },
      ...{ event: 'push', headSha: sha, headBranch: 'main', actor: 'octocat' },
    });
    expect(await asked(sha)).toMatchObject({ result: 'hold' });
  });

  it('one for a merge group counts as one for the branch that the group is for', async () => {
    policy(`migration: { workflow: ${cdPath}, job: migrations, events: [merge_group] }`);
    const sha = commit();
    ran(sha, 'gh-readonly-queue/other/pr-7-0123456789012345678901234567890123456789', 'success', {
      event: 'merge_group',
    });
    expect(await asked(sha)).toMatchObject({ result: 'fail' });
    ran(sha, 'gh-readonly-queue/main/pr-7-0123456789012345678901234567890123456789', 'success', {
      event: 'merge_group',
    });
    expect(await asked(sha)).toMatchObject({ result: 'pass' });
  });

  it('those for the branches that the policy names count alike, the newest decides', async () => {
    policy(`migration: { workflow: ${cdPath}, job: migrations, branches: ['release/*', 'v*'] }`);
    const sha = commit();
    ran(sha, 'main', 'failure');
    ran(sha, 'release/1', 'success');
    expect(await asked(sha)).toMatchObject({ result: 'pass' });
    ran(sha, 'v1.0.0', 'failure');
    expect(await asked(sha)).toMatchObject({ result: 'fail' });
  });
});
