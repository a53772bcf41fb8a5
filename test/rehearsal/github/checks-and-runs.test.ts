import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Octokit, refusal, type Stage, stage } from './support.js';

let shop: Stage;
let bot: Octokit;
let sha: string;

beforeAll(async () => {
  shop = await stage();
  bot = shop.octokit();
  sha = shop.git('rev-parse', 'main');
});

afterAll(async () => {
  await shop.close();
  expect(shop.server.control.violations()).toEqual([]);
});

const addRun = (
  fields: { workflowPath?: string; event?: string; actor?: string; headBranch?: string } = {},
) =>
  shop.server.control.addRun({
    owner: 'acme',
    name: 'shop',
    workflowPath: '.github/workflows/cd.yml',
    workflowName: 'CD',
    event: 'push',
    headSha: sha,
    headBranch: 'main',
    actor: 'octocat',
    ...fields,
  });

describe('a check run', () => {
  test('that is completed needs a conclusion, and a conclusion completes it', async () => {
    const create = (fields: { status?: 'completed'; conclusion?: 'success' }) =>
      bot.rest.checks.create({ ...shop.at, name: 'lint', head_sha: sha, ...fields });
    const { status, data } = await refusal(create({ status: 'completed' }));
    expect([status, data.errors?.[0]]).toEqual([422, expect.objectContaining({ field: 'conclusion' })]);
    expect((await create({ conclusion: 'success' })).data).toMatchObject({
      status: 'completed',
      conclusion: 'success',
    });
  });

  test('is written only by apps, and only by the app that made it', async () => {
    const mine = await bot.rest.checks.create({ ...shop.at, name: 'mine', head_sha: sha });
    expect(mine.data.app).toMatchObject({ id: 15368, slug: 'github-actions' });
    const person = shop.octokit('octocat');
    const other = shop.octokit('other-app[bot]');
    const byPerson = await refusal(person.rest.checks.create({ ...shop.at, name: 'x', head_sha: sha }));
    const byOther = await refusal(
      other.rest.checks.update({ ...shop.at, check_run_id: mine.data.id, status: 'in_progress' }),
    );
    expect([byPerson.status, byOther.status]).toEqual([403, 403]);
  });

  test('made with a job token appears in the oldest Actions suite of the commit, whatever workflow made it', async () => {
    const own = shop.commit('forged.txt', '1');
    const trusted = addRun({});
    const real = shop.server.control.addRun({
      owner: 'acme',
      name: 'shop',
      workflowPath: '.github/workflows/ci.yml',
      workflowName: 'CI',
      event: 'push',
      headSha: own,
      headBranch: 'main',
      actor: 'octocat',
    });
    const forged = await bot.rest.checks.create({
      ...shop.at,
      name: 'unit',
      head_sha: own,
      conclusion: 'success',
    });
    expect(forged.data.check_suite?.id).toBe(real.checkSuiteId);
    expect(real.checkSuiteId).not.toBe(trusted.checkSuiteId);
  });

  test('is listed with the newest of each name, or all when asked', async () => {
    const head_sha = shop.commit('twice.txt', '1');
    for (const conclusion of ['failure', 'success'] as const) {
      await bot.rest.checks.create({ ...shop.at, name: 'unit', head_sha, conclusion });
    }
    const list = (filter?: 'all') =>
      bot.rest.checks.listForRef({ ...shop.at, ref: head_sha, ...(filter === undefined ? {} : { filter }) });
    expect((await list()).data.check_runs.map(({ conclusion }) => conclusion)).toEqual(['success']);
    expect((await list('all')).data.total_count).toBe(2);
  });
});

describe('a commit status', () => {
  test('counts by its newest value of each context', async () => {
    const target = shop.commit('status.txt', '1');
    const post = (context: string, state: 'success' | 'failure' | 'pending') =>
      shop.octokit('octocat').rest.repos.createCommitStatus({ ...shop.at, sha: target, context, state });
    const combined = async () =>
      (await bot.rest.repos.getCombinedStatusForRef({ ...shop.at, ref: target })).data;
    expect((await combined()).state).toBe('pending');
    await post('ci', 'failure');
    expect((await combined()).state).toBe('failure');
    await post('ci', 'success');
    expect(await combined()).toMatchObject({ state: 'success', total_count: 1 });
    const { data } = await bot.rest.repos.listCommitStatusesForRef({ ...shop.at, ref: target });
    expect(data.map(({ state, creator }) => [state, creator?.login])).toEqual([
      ['success', 'octocat'],
      ['failure', 'octocat'],
    ]);
  });
});

describe('a workflow run', () => {
  test('has a check suite of the Actions app, jobs that are check runs, and numbers per workflow', async () => {
    const run = addRun({ workflowPath: '.github/workflows/numbers.yml' });
    expect([run.runNumber, run.attempt]).toEqual([1, 1]);
    expect(addRun({ workflowPath: '.github/workflows/numbers.yml' }).runNumber).toBe(2);
    const job = shop.server.control.addJob(run.id, { name: 'Unit tests', key: 'unit' });
    shop.server.control.progressJob(job.id, { status: 'in_progress' });
    const check = await bot.rest.checks.get({ ...shop.at, check_run_id: job.id });
    expect(check.data).toMatchObject({
      name: 'Unit tests',
      status: 'in_progress',
      check_suite: { id: run.checkSuiteId },
    });
    shop.server.control.progressJob(job.id, { status: 'completed', conclusion: 'success' });
    const { data } = await bot.rest.actions.getJobForWorkflowRun({ ...shop.at, job_id: job.id });
    expect(data).toMatchObject({
      status: 'completed',
      conclusion: 'success',
      run_id: run.id,
      run_attempt: 1,
    });
    const suite = await bot.rest.checks.getSuite({ ...shop.at, check_suite_id: run.checkSuiteId });
    expect(suite.data.app?.id).toBe(15368);
  });

  test('keeps each attempt as it ended, and lists jobs a re-run left alone as they last ran', async () => {
    const run = addRun();
    const { control } = shop.server;
    const ids = ['build', 'deploy'].map((key) => control.addJob(run.id, { name: key, key }).id);
    control.progressJob(ids[0] ?? 0, { status: 'completed', conclusion: 'success' });
    control.progressJob(ids[1] ?? 0, { status: 'completed', conclusion: 'failure' });
    control.progressRun(run.id, { status: 'completed', conclusion: 'failure' });
    expect(control.addAttempt(run.id, { triggeringActor: 'hubot' })).toEqual({ attempt: 2 });
    const again = control.addJob(run.id, { name: 'deploy', key: 'deploy', attempt: 2 });
    const attempt = (attempt_number: number) =>
      bot.rest.actions.getWorkflowRunAttempt({ ...shop.at, run_id: run.id, attempt_number });
    expect((await attempt(1)).data).toMatchObject({
      conclusion: 'failure',
      triggering_actor: { login: 'octocat' },
    });
    expect((await attempt(2)).data).toMatchObject({ conclusion: null, triggering_actor: { login: 'hubot' } });
    const jobs = async (attempt_number: number) =>
      (await bot.rest.actions.listJobsForWorkflowRunAttempt({ ...shop.at, run_id: run.id, attempt_number }))
        .data.jobs;
    expect((await jobs(1)).map(({ id }) => id)).toEqual(ids);
    expect((await jobs(2)).map(({ id }) => id).sort()).toEqual([ids[0], again.id].sort());
  });

  test('is found by commit, event, status and workflow file', async () => {
    const run = addRun({ workflowPath: '.github/workflows/hotfix.yml', event: 'workflow_dispatch' });
    shop.server.control.progressRun(run.id, { status: 'completed', conclusion: 'cancelled' });
    const found = await bot.rest.actions.listWorkflowRunsForRepo({
      ...shop.at,
      head_sha: sha,
      event: 'workflow_dispatch',
      status: 'cancelled',
    });
    expect(found.data.workflow_runs.map(({ id, path }) => [id, path])).toEqual([
      [run.id, '.github/workflows/hotfix.yml'],
    ]);
    const byFile = await bot.rest.actions.listWorkflowRuns({ ...shop.at, workflow_id: 'hotfix.yml' });
    expect(byFile.data.total_count).toBe(1);
    const none = await bot.rest.actions.listWorkflowRuns({
      ...shop.at,
      workflow_id: 'hotfix.yml',
      event: 'push',
    });
    expect(none.data.total_count).toBe(0);
  });

  test('shows through GraphQL which workflow and event a check belongs to', async () => {
    const head = shop.commit('rollup.txt', '1');
    const { control } = shop.server;
    const run = control.addRun({
      owner: 'acme',
      name: 'shop',
      workflowPath: '.github/workflows/ci.yml',
      workflowName: 'CI',
      event: 'pull_request',
      headSha: head,
      headBranch: 'main',
      actor: 'octocat',
    });
    const job = control.addJob(run.id, { name: 'unit', key: 'unit' });
    control.progressJob(job.id, { status: 'completed', conclusion: 'failure' });
    const query = `query Checks($oid: GitObjectID!) { repository(owner: "acme", name: "shop") { object(oid: $oid) { ... on Commit {
      statusCheckRollup { state }
      status { contexts { context } }
      checkSuites(first: 10) { nodes {
        app { databaseId slug }
        workflowRun { databaseId event runNumber workflow { name resourcePath } file { path } }
        checkRuns(first: 10, filterBy: {checkType: LATEST}) { nodes { databaseId name status conclusion detailsUrl } }
      } }
    } } } }`;
    const { repository } = await bot.graphql<{ repository: { object: unknown } }>(query, { oid: head });
    expect(repository.object).toMatchObject({
      statusCheckRollup: { state: 'FAILURE' },
      status: null,
      checkSuites: {
        nodes: [
          {
            app: { databaseId: 15368, slug: 'github-actions' },
            workflowRun: {
              databaseId: run.id,
              event: 'pull_request',
              workflow: { name: 'CI', resourcePath: '/acme/shop/actions/workflows/ci.yml' },
              file: { path: '.github/workflows/ci.yml' },
            },
            checkRuns: {
              nodes: [{ databaseId: job.id, name: 'unit', status: 'COMPLETED', conclusion: 'FAILURE' }],
            },
          },
        ],
      },
    });
  });
});
