import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { getOctokit } from '@actions/github';
import { type Octokit, refusal, type Stage, stage } from './support.js';

let shop: Stage;
let bot: Octokit;

beforeEach(async () => {
  shop = await stage();
  bot = shop.octokit();
});

afterEach(() => shop.close());

const kinds = (): string[] => shop.server.control.violations().map(({ kind }) => kind);
const createIssue = () => bot.rest.issues.create({ ...shop.at, title: 'One' });
const countIssues = async (): Promise<number> => (await bot.rest.issues.listForRepo(shop.at)).data.length;

describe('an idle connection', () => {
  test('is never closed by the stand-in, and no time after which it would be is announced', async () => {
    const answer = await fetch(`${shop.server.url}/repos/acme/shop`);
    await answer.text();
    expect([answer.headers.get('connection'), answer.headers.get('keep-alive')]).toEqual([
      'keep-alive',
      null,
    ]);
  });
});

describe('the judge', () => {
  test('answers 422 to a request GitHub’s description does not allow, and records it', async () => {
    const call = bot.request('POST /repos/acme/shop/issues', { body: 'no title' });
    const { status, data } = await refusal(call);
    expect([status, data.errors?.[0]]).toEqual([422, expect.objectContaining({ code: 'invalid' })]);
    expect(kinds()).toEqual(['request']);
  });

  test('records a member GitHub would ignore in silence, but lets the request through', async () => {
    await bot.request('POST /repos/acme/shop/issues', { title: 'x', lables: ['incident'] });
    expect(shop.server.control.violations()).toMatchObject([
      { kind: 'request', details: [expect.stringContaining('lables')] },
    ]);
  });

  test('answers 404 to what it does not serve, and records it', async () => {
    expect((await refusal(bot.request('GET /repos/acme/shop/topics'))).status).toBe(404);
    expect(kinds()).toEqual(['unserved']);
  });

  test('refuses a GraphQL query that GitHub’s schema does not allow, and a field nobody serves', async () => {
    await expect(bot.graphql('{ repository(owner: "acme", name: "shop") { nonsense } }')).rejects.toThrow(
      'nonsense',
    );
    await expect(bot.graphql('{ repository(owner: "acme", name: "shop") { forkCount } }')).rejects.toThrow(
      'forkCount',
    );
    expect(kinds()).toEqual(['graphql', 'unserved']);
  });
});

describe('GraphQL', () => {
  test('says NOT_FOUND for what is not there and FORBIDDEN for what the token may not read', async () => {
    const errorsOf = async (octokit: Octokit, query: string): Promise<unknown> =>
      octokit.graphql(query).then(
        () => null,
        ({ errors }: { errors: { type: string; path: string[] }[] }) =>
          errors.map(({ type, path }) => [type, path]),
      );
    expect(await errorsOf(bot, '{ repository(owner: "acme", name: "none") { id } }')).toEqual([
      ['NOT_FOUND', ['repository']],
    ]);
    const blind = shop.octokit('github-actions[bot]', { contents: 'read' });
    const query = '{ repository(owner: "acme", name: "shop") { deployments(first: 1) { totalCount } } }';
    expect(await errorsOf(blind, query)).toEqual([['FORBIDDEN', ['repository', 'deployments']]]);
  });

  test('insists on page sizes of 1 to 100 and walks pages by cursor', async () => {
    for (let count = 0; count < 3; count += 1) await createIssue();
    const page = (args: string) =>
      bot.graphql<{
        repository: {
          issues: { nodes: { number: number }[]; pageInfo: { endCursor: string; hasNextPage: boolean } };
        };
      }>(
        `{ repository(owner: "acme", name: "shop") { issues(${args}) { nodes { number } pageInfo { endCursor hasNextPage } } } }`,
      );
    await expect(page('states: OPEN')).rejects.toThrow('You must provide a `first` or `last`');
    await expect(page('first: 101')).rejects.toThrow('exceeds the `first` limit of 100 records');
    const first = (await page('first: 2')).repository.issues;
    expect([first.nodes.map(({ number }) => number), first.pageInfo.hasNextPage]).toEqual([[1, 2], true]);
    const rest = (await page(`first: 2, after: "${first.pageInfo.endCursor}"`)).repository.issues;
    expect([rest.nodes.map(({ number }) => number), rest.pageInfo.hasNextPage]).toEqual([[3], false]);
  });

  test('finds a node by its id and tells what a query costs', async () => {
    const { data } = await createIssue();
    const { node, rateLimit } = await bot.graphql<{ node: unknown; rateLimit: unknown }>(
      `query Node($id: ID!) { node(id: $id) { ... on Issue { number } } rateLimit { cost limit } }`,
      { id: data.node_id },
    );
    expect([node, rateLimit]).toEqual([{ number: data.number }, { cost: 1, limit: 5000 }]);
  });

  test('finds as many nodes by their ids as GitHub does, null and an error for one that is gone', async () => {
    const { data } = await createIssue();
    const ask = (ids: string[]) =>
      bot.graphql<{ nodes: unknown; rateLimit: unknown }>(
        `query Nodes($ids: [ID!]!) {
          nodes(ids: $ids) { ... on Issue { number labels(first: 100) { totalCount } } }
          rateLimit { cost nodeCount }
        }`,
        { ids },
      );
    expect(await ask(Array.from({ length: 100 }, () => data.node_id))).toEqual({
      nodes: Array.from({ length: 100 }, () => ({ number: data.number, labels: { totalCount: 0 } })),
      rateLimit: { cost: 1, nodeCount: 10_000 },
    });
    await expect(ask(Array.from({ length: 101 }, () => data.node_id))).rejects.toThrow(
      'You may not provide more than 100 node ids; you provided 101.',
    );
    await expect(ask([data.node_id, 'I_gone'])).rejects.toMatchObject({
      data: { nodes: [{ number: data.number }, null] },
      errors: [{ type: 'NOT_FOUND', path: ['nodes', 1] }],
    });
  });
});

describe('a fault', () => {
  test('spoils as many matching requests as it says, with the headers it says', async () => {
    shop.server.control.addFault({
      method: 'POST',
      path: '/issues$',
      status: 403,
      times: 2,
      headers: { 'retry-after': '1' },
    });
    for (const _ of [1, 2]) {
      const { status, message, headers } = await refusal(createIssue());
      expect([status, message]).toEqual([403, expect.stringContaining('secondary rate limit')]);
      expect(headers['retry-after']).toBe('1');
    }
    expect((await createIssue()).status).toBe(201);
    expect(await countIssues()).toBe(1);
  });

  test('after the work loses only the answer', async () => {
    shop.server.control.addFault({ path: '/issues', after: true });
    await expect(createIssue()).rejects.toThrow();
    expect(await countIssues()).toBe(1);
    shop.server.control.addFault({ path: '/issues', after: true, status: 502 });
    expect((await refusal(createIssue())).status).toBe(502);
    expect(await countIssues()).toBe(2);
  });

  test('can hang a request until the client gives up', async () => {
    shop.server.control.addFault({ path: '/rate_limit', hangMs: 60_000, status: 500 });
    const call = bot.request('GET /rate_limit', { request: { signal: AbortSignal.timeout(50) } });
    await expect(call).rejects.toThrow();
  });

  test('hits a GraphQL operation or field by name', async () => {
    shop.server.control.addFault({ graphql: 'updateRefs', status: 502 });
    shop.server.control.addFault({ graphql: 'Ledger', status: 503 });
    const query = 'query Ledger { repository(owner: "acme", name: "shop") { id } }';
    expect((await refusal(bot.graphql(query).then(() => null))).status).toBe(503);
    expect(await bot.graphql(query)).toMatchObject({ repository: {} });
    shop.server.control.clearFaults();
  });
});

describe('rate limits', () => {
  test('are told on each answer, 1,000 an hour for a job token, and enforced', async () => {
    const job = shop.octokit('github-actions[bot]', { contents: 'read' }, { runId: 1 });
    const { headers } = await job.rest.repos.get(shop.at);
    expect([headers['x-ratelimit-limit'], headers['x-ratelimit-remaining']]).toEqual(['1000', '999']);
    const small = await stage({ limits: { core: 1 } });
    try {
      const octokit = small.octokit();
      await octokit.rest.repos.get(small.at);
      const { status, message, headers: spent } = await refusal(octokit.rest.repos.get(small.at));
      expect([status, message]).toEqual([403, expect.stringContaining('API rate limit exceeded')]);
      expect(spent['x-ratelimit-remaining']).toBe('0');
      expect((await octokit.rest.rateLimit.get()).data.resources.core).toMatchObject({
        limit: 1,
        remaining: 0,
      });
    } finally {
      await small.close();
    }
  });
});

describe('people and tokens', () => {
  test('have a role that shows as GitHub’s permission, and a token that may what the role may', async () => {
    const { control } = shop.server;
    control.addUser({ login: 'mona', role: 'triage' });
    const level = async (username: string) =>
      (await bot.rest.repos.getCollaboratorPermissionLevel({ ...shop.at, username })).data;
    expect(await level('mona')).toMatchObject({
      permission: 'read',
      role_name: 'triage',
      user: { login: 'mona' },
    });
    expect(await level('octocat')).toMatchObject({ permission: 'admin' });
    expect((await refusal(level('nobody'))).status).toBe(404);
    const mona = getOctokit(control.addToken({ actor: 'mona' }).token, { baseUrl: shop.server.url });
    expect((await mona.rest.users.getAuthenticated()).data.login).toBe('mona');
    expect((await mona.rest.issues.create({ ...shop.at, title: 'Hi' })).data.user?.login).toBe('mona');
    const deploy = mona.rest.repos.createDeployment({ ...shop.at, ref: 'main', required_contexts: [] });
    expect((await refusal(deploy)).message).toContain('Resource not accessible by personal access token');
    expect((await refusal(bot.rest.users.getAuthenticated())).status).toBe(403);
  });
});

describe('the control API over HTTP', () => {
  const call = async (
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; data: unknown }> => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await fetch(`${shop.server.url}/_control${path}`, init);
    return { status: response.status, data: await response.json() };
  };

  test('does what a workflow runner needs', async () => {
    const headSha = shop.git('rev-parse', 'main');
    const run = await call('POST', '/runs', {
      owner: 'acme',
      name: 'shop',
      workflowPath: '.github/workflows/cd.yml',
      workflowName: 'CD',
      event: 'push',
      headSha,
      headBranch: 'main',
      actor: 'octocat',
    });
    const { id } = run.data as { id: number };
    expect(run.data).toEqual({ id, runNumber: 1, attempt: 1, checkSuiteId: expect.any(Number) });
    const job = (await call('POST', `/runs/${id}/jobs`, { name: 'Deploy', key: 'deploy', attempt: 1 }))
      .data as { id: number };
    expect(
      (await call('POST', `/jobs/${job.id}/environment`, { environment: 'qa', deployment: true })).data,
    ).toMatchObject({
      approved: true,
      waitingFor: [],
    });
    expect((await call('GET', `/jobs/${job.id}/environment`)).data).toMatchObject({ approved: true });
    expect(
      (await call('PATCH', `/jobs/${job.id}`, { status: 'completed', conclusion: 'success' })).status,
    ).toBe(200);
    expect((await call('PATCH', `/jobs/${job.id}`, { status: 'completed' })).status).toBe(422);
    expect((await call('POST', `/runs/${id}/attempts`, { triggeringActor: 'hubot' })).data).toEqual({
      attempt: 2,
    });
    expect((await call('PATCH', `/runs/${id}`, { status: 'completed', conclusion: 'success' })).status).toBe(
      200,
    );
    const { token } = (
      await call('POST', '/tokens', {
        actor: 'github-actions[bot]',
        permissions: { contents: 'read' },
        runId: id,
        attempt: 2,
        jobId: job.id,
      })
    ).data as { token: string };
    expect((await getOctokit(token, { baseUrl: shop.server.url }).rest.repos.get(shop.at)).data.name).toBe(
      'shop',
    );
    const state = (await call('GET', '/state')).data;
    expect(state).toMatchObject({
      repositories: {
        'acme/shop': {
          deployments: [{ environment: 'qa', statuses: [{ state: 'queued' }, { state: 'success' }] }],
        },
      },
    });
  });

  test('logs requests and dispatches, shifts the clock, and names its calls to who asks for another', async () => {
    await bot.rest.repos.createDispatchEvent({
      ...shop.at,
      event_type: 'rollback',
      client_payload: { to: 'v1' },
    });
    shop.commit('.gitkeep', '');
    expect((await call('GET', '/dispatches')).data).toMatchObject([
      { kind: 'repository_dispatch', eventType: 'rollback', payload: { to: 'v1' } },
    ]);
    expect((await call('GET', '/requests')).data).toMatchObject([
      { method: 'POST', path: '/repos/acme/shop/dispatches', status: 204, actor: 'github-actions[bot]' },
    ]);
    await call('POST', '/clock', { offsetMs: -7 * 86_400_000 });
    const { data } = await createIssue();
    expect(Date.now() - Date.parse(data.created_at)).toBeGreaterThan(6 * 86_400_000);
    expect(await call('GET', '/nothing')).toMatchObject({
      status: 404,
      data: { message: expect.stringContaining('POST /runs') },
    });
  });
});

describe('the process', () => {
  test('prints its address when ready and stops on SIGTERM', async () => {
    const child = spawn('node_modules/.bin/tsx', ['rehearsal/github/main.ts'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const { url } = JSON.parse(line) as { url: string };
    expect((await fetch(`${url}/_control/violations`)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});

test('a token is not granted in the spelling of workflows, which no call asks for', () => {
  const { control } = shop.server;
  const grant = (name: string) => () => control.addToken({ actor: 'hubot', permissions: { [name]: 'read' } });
  expect(grant('pull-requests')).toThrow(
    'a token has pull_requests; pull-requests is how a workflow writes it',
  );
  expect(grant('pull_requests')).not.toThrow();
});
