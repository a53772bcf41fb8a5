import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Octokit, refusal, type Stage, stage } from './support.js';

let shop: Stage;
let bot: Octokit;

beforeAll(async () => {
  shop = await stage();
  bot = shop.octokit();
});

afterAll(async () => {
  await shop.close();
  expect(shop.server.control.violations()).toEqual([]);
});

const deploy = async (fields: Record<string, unknown> = {}) => {
  const { data } = await bot.rest.repos.createDeployment({
    ...shop.at,
    ref: 'main',
    required_contexts: [],
    auto_merge: false,
    ...fields,
  });
  if (!('id' in data)) throw new Error('merged instead of deployed');
  return data;
};

const stateOf = async (deployment_id: number): Promise<string | undefined> => {
  const { data } = await bot.rest.repos.listDeploymentStatuses({ ...shop.at, deployment_id });
  return data[0]?.state;
};

const succeed = (deployment_id: number, fields: Record<string, unknown> = {}) =>
  bot.rest.repos.createDeploymentStatus({ ...shop.at, deployment_id, state: 'success', ...fields });

interface DeploymentQuery {
  repository: {
    deployments: {
      totalCount: number;
      nodes: {
        databaseId: number;
        state: string;
        payload: string;
        creator: { login: string; __typename: string };
        latestStatus: { state: string } | null;
        statuses: { nodes: { state: string; description: string | null }[] };
      }[];
    };
  };
}

const query = (environment: string) =>
  bot.graphql<DeploymentQuery>(
    `query Deployments($environment: [String!]) {
      repository(owner: "acme", name: "shop") {
        deployments(environments: $environment, first: 100, orderBy: {field: CREATED_AT, direction: DESC}) {
          totalCount
          nodes {
            databaseId state payload
            creator { login __typename }
            latestStatus { state }
            statuses(first: 10) { nodes { state description } }
          }
        }
      }
    }`,
    { environment: [environment] },
  );

describe('a deployment', () => {
  test('is created by the Actions bot with its payload as an object, which GraphQL gives as JSON text', async () => {
    const deployment = await deploy({ environment: 'payloads', payload: { suite: 1, service: 'web' } });
    expect(deployment.creator).toMatchObject({ login: 'github-actions[bot]', type: 'Bot', id: 41898282 });
    expect(deployment.payload).toEqual({ suite: 1, service: 'web' });
    expect(deployment.sha).toBe(shop.git('rev-parse', 'main'));
    const { repository } = await query('payloads');
    expect(repository.deployments.nodes[0]).toMatchObject({
      databaseId: deployment.id,
      payload: '{"suite":1,"service":"web"}',
      state: 'PENDING',
      latestStatus: null,
      creator: { login: 'github-actions', __typename: 'Bot' },
    });
  });

  test('goes to production by default, and only an environment of that name is production by default', async () => {
    const plain = await deploy();
    expect(plain).toMatchObject({ environment: 'production', production_environment: true, task: 'deploy' });
    expect(await deploy({ environment: 'qa' })).toMatchObject({ production_environment: false });
    const live = await deploy({ environment: 'live', production_environment: true });
    expect(live.production_environment).toBe(true);
  });

  test('makes its environment when there was none', async () => {
    await deploy({ environment: 'preview-7' });
    const { data } = await bot.rest.repos.getEnvironment({ ...shop.at, environment_name: 'preview-7' });
    expect(data).toMatchObject({ name: 'preview-7', protection_rules: [], deployment_branch_policy: null });
  });

  test('of an unknown ref is refused', async () => {
    const { status, message } = await refusal(deploy({ ref: 'nowhere' }));
    expect([status, message]).toEqual([422, expect.stringContaining('No ref found for: nowhere')]);
  });

  test('is refused with 409 until the required contexts succeed, by default all there are', async () => {
    const sha = shop.commit('checked.txt', '1');
    const status = (context: string, state: 'pending' | 'success') =>
      bot.rest.repos.createCommitStatus({ ...shop.at, sha, context, state });
    await status('lint', 'pending');
    await status('unit', 'success');
    const refused = await refusal(deploy({ ref: sha, required_contexts: undefined }));
    expect(refused.status).toBe(409);
    expect(refused.data.errors?.[0]).toMatchObject({
      field: 'required_contexts',
      contexts: expect.arrayContaining([{ context: 'lint', state: 'pending' }]),
    });
    expect((await deploy({ ref: sha, required_contexts: ['unit'] })).sha).toBe(sha);
    expect((await refusal(deploy({ ref: sha, required_contexts: ['e2e'] }))).status).toBe(409);
    expect((await deploy({ ref: sha, required_contexts: [] })).sha).toBe(sha);
    await status('lint', 'success');
    expect((await deploy({ ref: sha, required_contexts: undefined })).sha).toBe(sha);
  });

  test('of a branch behind main merges main into it first and answers 202, unless auto_merge is off', async () => {
    shop.git('branch', 'topic');
    const main = shop.commit('ahead.txt', '1');
    const before = shop.git('rev-parse', 'topic');
    expect((await deploy({ ref: 'topic', auto_merge: false })).sha).toBe(before);
    const { status } = await bot.rest.repos.createDeployment({
      ...shop.at,
      ref: 'topic',
      required_contexts: [],
    });
    expect(status).toBe(202);
    expect(shop.git('rev-list', '--parents', '-1', 'topic').split(' ').slice(1)).toEqual([before, main]);
    expect((await deploy({ ref: 'topic', auto_merge: true })).sha).toBe(shop.git('rev-parse', 'topic'));
  });

  test('of a branch that conflicts with main is a 409', async () => {
    shop.git('checkout', '-q', '-b', 'clash');
    shop.commit('clash.txt', 'theirs');
    shop.git('checkout', '-q', 'main');
    shop.commit('clash.txt', 'ours');
    const { status, message } = await refusal(deploy({ ref: 'clash', auto_merge: true }));
    expect([status, message]).toEqual([409, expect.stringContaining('Conflict merging main into clash')]);
  });
});

describe('a deployment status', () => {
  test('of success makes earlier successes of the same environment inactive', async () => {
    const [first, failed, second] = [
      await deploy({ environment: 'staging' }),
      await deploy({ environment: 'staging' }),
      await deploy({ environment: 'staging' }),
    ];
    const elsewhere = await deploy({ environment: 'uat' });
    await succeed(first.id);
    await succeed(elsewhere.id);
    await bot.rest.repos.createDeploymentStatus({ ...shop.at, deployment_id: failed.id, state: 'failure' });
    await succeed(second.id);
    expect(await Promise.all([first, failed, second, elsewhere].map(({ id }) => stateOf(id)))).toEqual([
      'inactive',
      'failure',
      'success',
      'success',
    ]);
    const { repository } = await query('staging');
    expect(repository.deployments.nodes.map(({ state }) => state)).toEqual(['ACTIVE', 'FAILURE', 'INACTIVE']);
  });

  test('leaves production, transient and auto_inactive:false deployments as they are', async () => {
    const live = await deploy({ environment: 'production' });
    const transient = await deploy({ environment: 'pr-1', transient_environment: true });
    const kept = await deploy({ environment: 'dev' });
    for (const { id } of [live, transient, kept]) await succeed(id);
    await succeed((await deploy({ environment: 'production' })).id);
    await succeed((await deploy({ environment: 'pr-1' })).id);
    await succeed((await deploy({ environment: 'dev' })).id, { auto_inactive: false });
    expect(await Promise.all([live, transient, kept].map(({ id }) => stateOf(id)))).toEqual([
      'success',
      'success',
      'success',
    ]);
  });

  test('holds a description of 140 characters and refuses a longer one', async () => {
    const { id } = await deploy({ environment: 'words' });
    const { data } = await succeed(id, { description: 'x'.repeat(140), log_url: 'https://ci.example/1' });
    expect(data).toMatchObject({ log_url: 'https://ci.example/1', target_url: 'https://ci.example/1' });
    const { status, data: body } = await refusal(succeed(id, { description: 'x'.repeat(141) }));
    expect(status).toBe(422);
    expect(body.errors?.[0]).toMatchObject({
      message: 'description is too long (maximum is 140 characters)',
    });
  });
});

describe('the list of deployments', () => {
  test('is newest first, filtered by environment, and paged with Link headers', async () => {
    const ids: number[] = [];
    for (let count = 0; count < 5; count += 1) ids.push((await deploy({ environment: 'paged' })).id);
    const first = await bot.rest.repos.listDeployments({ ...shop.at, environment: 'paged', per_page: 2 });
    expect(first.data.map(({ id }) => id)).toEqual([ids[4], ids[3]]);
    expect(first.headers.link).toMatch(/page=2>; rel="next".*page=3>; rel="last"/);
    const all = await bot.paginate(bot.rest.repos.listDeployments, {
      ...shop.at,
      environment: 'paged',
      per_page: 2,
    });
    expect(all.map(({ id }) => id)).toEqual([...ids].reverse());
  });
});
