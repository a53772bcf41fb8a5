import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { openGitHub, type GitHub } from '../../../shared/github/client.js';
import { GitHubError } from '../../../shared/github/problem.js';
import type { Clock } from '../../../shared/time/clock.js';
import { serve, type TestServer } from '../../support/servers/http.js';

interface Reply {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
  /** Takes the request and says nothing. */
  silent?: boolean;
  /** Breaks the connection. */
  broken?: boolean;
}

interface Seen {
  method: string;
  url: string;
  authorization: string | undefined;
  body: unknown;
}

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text === '' ? undefined : JSON.parse(text);
}

function answer(
  response: ServerResponse,
  { status = 200, headers = {}, body = {}, silent, broken }: Reply,
): void {
  if (broken) response.destroy();
  else if (!silent)
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/**
 * GitHub that gives the replies in order, the last one for ever, and a clock that does not wait but notes its waits.
 */
async function gitHubThatSays(
  ...replies: Reply[]
): Promise<{ github: GitHub; seen: Seen[]; waited: number[]; stop: () => void }> {
  const seen: Seen[] = [];
  const waited: number[] = [];
  await server?.close();
  server = await serve((request, response) => {
    void readBody(request).then((body) => {
      seen.push({
        method: request.method!,
        url: request.url!,
        authorization: request.headers.authorization,
        body,
      });
      answer(response, replies[Math.min(seen.length, replies.length) - 1]!);
    });
  });
  const clock: Clock = { now: () => 1_800_000_000_000, sleep: async (ms) => void waited.push(ms) };
  const stopping = new AbortController();
  const github = await openGitHub({
    token: 'ghs_1',
    at: { owner: 'acme', repository: 'shop', apiUrl: server.url },
    clock,
    random: () => 1,
    signal: stopping.signal,
    callTimeoutMs: replies.some(({ silent }) => silent) ? 1_000 : 10_000,
  });
  return { github, seen, waited, stop: () => stopping.abort() };
}

async function refusalOf(call: Promise<unknown>): Promise<GitHubError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof GitHubError) return error;
    throw error;
  }
  throw new Error('the call was not refused');
}

const read = (github: GitHub) => github.rest('GET /repos/{owner}/{repo}');
const write = (github: GitHub) => github.rest('POST /repos/{owner}/{repo}/issues', { title: 'x' });

describe('a call', () => {
  it('fills in owner and repository and sends the token', async () => {
    const { github, seen } = await gitHubThatSays({ body: { id: 7 } });
    expect(await read(github)).toEqual({ id: 7 });
    await write(github);
    expect(seen).toEqual([
      { method: 'GET', url: '/repos/acme/shop', authorization: 'token ghs_1', body: undefined },
      { method: 'POST', url: '/repos/acme/shop/issues', authorization: 'token ghs_1', body: { title: 'x' } },
    ]);
  });

  it('cannot be made without a token, and the error says where it comes from', async () => {
    const options = {
      at: { owner: 'a', repository: 'b', apiUrl: 'http://127.0.0.1:9' },
      clock: {} as Clock,
      random: () => 0,
    };
    for (const token of [undefined, '']) {
      expect(await refusalOf(openGitHub({ ...options, token }))).toMatchObject({
        status: 401,
        message: expect.stringContaining('github-token'),
      });
    }
  });

  it('that reads is repeated after 502 and after a broken connection', async () => {
    const { github, seen, waited } = await gitHubThatSays(
      { status: 502 },
      { broken: true },
      { body: { id: 7 } },
    );
    expect(await read(github)).toEqual({ id: 7 });
    expect(seen).toHaveLength(3);
    expect(waited).toEqual([250, 500]);
  });

  it('that reads is given up after five tries', async () => {
    const { github, seen } = await gitHubThatSays({ status: 503, body: { message: 'unavailable' } });
    expect(await refusalOf(read(github))).toMatchObject({ status: 503 });
    expect(seen).toHaveLength(5);
  });

  it.each<[string, Reply, number]>([
    ['502', { status: 502 }, 502],
    ['503 with a retry-after', { status: 503, headers: { 'retry-after': '1' } }, 503],
    ['a broken connection', { broken: true }, 0],
    ['silence', { silent: true }, 0],
  ])('that writes is not repeated after %s: it may have been carried out', async (_, reply, status) => {
    const { github, seen } = await gitHubThatSays(reply, { body: { number: 1 } });
    expect((await refusalOf(write(github))).status).toBe(status);
    expect(seen).toHaveLength(1);
  });

  it('that writes is repeated after a limit refused it, when GitHub says', async () => {
    const { github, seen, waited } = await gitHubThatSays(
      {
        status: 403,
        headers: { 'retry-after': '3' },
        body: { message: 'You have exceeded a secondary rate limit.' },
      },
      { status: 201, body: { number: 1 } },
    );
    expect(await write(github)).toEqual({ number: 1 });
    expect([seen.length, waited]).toEqual([2, [3_000]]);
  });

  it('that hangs is given up after its time, and repeated when it reads', async () => {
    const { github, seen } = await gitHubThatSays({ silent: true }, { body: { id: 7 } });
    expect(await read(github)).toEqual({ id: 7 });
    // A busy machine may be late with the answer too.
    expect(seen.length).toBeGreaterThanOrEqual(2);
  });

  it('is not repeated once the step was told to stop', async () => {
    const { github, seen, stop } = await gitHubThatSays({ status: 502 });
    stop();
    expect((await refusalOf(read(github))).status).toBe(502);
    expect(seen).toHaveLength(1);
  });

  it('refused for a permission names the line to add to the job', async () => {
    const { github, seen } = await gitHubThatSays({
      status: 403,
      headers: { 'x-accepted-github-permissions': 'issues=write; pull_requests=write' },
      body: { message: 'Resource not accessible by integration' },
    });
    const error = await refusalOf(write(github));
    expect(error).toMatchObject({ status: 403, permission: 'issues: write' });
    expect(error.message).toContain('permissions add  issues: write');
    expect(seen).toHaveLength(1);
  });

  it('to an address where nobody listens says that GitHub could not be reached', async () => {
    const { github } = await gitHubThatSays({});
    await server!.close();
    expect(await refusalOf(read(github))).toMatchObject({
      status: 0,
      message: expect.stringMatching(/could not be reached for GET/),
    });
  });
});

describe('a list', () => {
  const page = (length: number) => ({
    body: { total_count: 0, jobs: Array.from({ length }, (_, id) => ({ id })) },
  });
  const jobs = (github: GitHub, limit?: number) =>
    github.pages(
      'GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs',
      { run_id: 1 },
      (found) => found.jobs,
      limit,
    );

  it('is read page by page until one is not full', async () => {
    const { github, seen } = await gitHubThatSays(page(100), page(100), page(3));
    expect(await jobs(github)).toMatchObject({ items: { length: 203 }, truncated: false });
    expect(seen.map(({ url }) => new URL(url, 'http://x').search)).toEqual([
      '?per_page=100&page=1',
      '?per_page=100&page=2',
      '?per_page=100&page=3',
    ]);
  });

  it('whose last page is full ends with an empty one', async () => {
    const { github, seen } = await gitHubThatSays(page(100), page(0));
    expect(await jobs(github)).toMatchObject({ items: { length: 100 }, truncated: false });
    expect(seen).toHaveLength(2);
  });

  it('that goes on beyond its limit is said to be truncated', async () => {
    const { github, seen } = await gitHubThatSays(page(100));
    expect(await jobs(github, 200)).toMatchObject({ items: { length: 200 }, truncated: true });
    expect(seen).toHaveLength(3);
    const one = await gitHubThatSays(page(7));
    expect(await jobs(one.github, 6)).toMatchObject({ items: { length: 6 }, truncated: true });
  });

  it('that ends exactly at its limit is whole', async () => {
    const { github } = await gitHubThatSays(page(100), page(100), page(0));
    expect(await jobs(github, 200)).toMatchObject({ items: { length: 200 }, truncated: false });
  });
});

describe('GraphQL', () => {
  const query =
    'query Facts($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { id } }';
  const mutation = 'mutation Move($id: ID!) { move(id: $id) { id } }';

  it('fills in owner and name', async () => {
    const { github, seen } = await gitHubThatSays({ body: { data: { repository: { id: 'R_1' } } } });
    expect(await github.graphql(query, { extra: 1 })).toEqual({ repository: { id: 'R_1' } });
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: '/graphql',
      body: { variables: { owner: 'acme', name: 'shop', extra: 1 } },
    });
  });

  it('says which document lacks a permission', async () => {
    const { github } = await gitHubThatSays({
      body: {
        data: null,
        errors: [{ type: 'FORBIDDEN', message: 'Resource not accessible by integration' }],
      },
    });
    expect(await refusalOf(github.graphql(query))).toMatchObject({
      status: 403,
      message: expect.stringContaining('GraphQL Facts'),
    });
  });

  it.each(['RATE_LIMITED', 'RATE_LIMIT'])('repeats even a mutation that %s refused', async (type) => {
    const { github, waited } = await gitHubThatSays(
      {
        headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1800000005' },
        body: { data: null, errors: [{ type, message: 'API rate limit already exceeded' }] },
      },
      { body: { data: { move: { id: '1' } } } },
    );
    expect(await github.graphql(mutation, { id: '1' })).toEqual({ move: { id: '1' } });
    expect(waited).toEqual([5_000]);
  });

  it('repeats a query after 502, and no mutation', async () => {
    const first = await gitHubThatSays({ status: 502 }, { body: { data: { repository: null } } });
    expect(await first.github.graphql(query)).toEqual({ repository: null });
    await server!.close();
    const second = await gitHubThatSays({ status: 502 }, { body: { data: {} } });
    expect((await refusalOf(second.github.graphql(mutation, { id: '1' }))).status).toBe(502);
    expect(second.seen).toHaveLength(1);
  });

  it('joins the words of all errors of an answer', async () => {
    const { github } = await gitHubThatSays({
      body: { data: null, errors: [{ message: 'one' }, { type: 'NOT_FOUND', message: 'two' }] },
    });
    expect((await refusalOf(github.graphql(query))).message).toContain('one; two');
  });
});
