import type { Endpoints } from '@octokit/types';
import type { Clock } from '../time/clock.js';
import { explainRefusal, GitHubError, type Asker, type Call } from './problem.js';
import { readLimits, waitBeforeRetry } from './retry.js';

export type Route = keyof Endpoints;
type Parameters<R extends Route> = Omit<Endpoints[R]['parameters'], 'owner' | 'repo'>;
export type Answer<R extends Route> = Endpoints[R]['response']['data'];

/**
 * Entries of a list. `truncated`: there are more that were not read, so nothing may be concluded from what is missing.
 */
export interface Listed<T> {
  items: T[];
  truncated: boolean;
}

/** GitHub's API for one repository; owner and repository are filled in. Errors are GitHubError. */
export interface GitHub {
  readonly owner: string;
  readonly repository: string;
  /**
   * One REST call. Reads, and writes of git objects, are repeated on network faults and 5xx; other writes only when a
   * limit refused them.
   */
  rest<R extends Route>(route: R, parameters?: Parameters<R>): Promise<Answer<R>>;
  /** A REST list page by page, up to `limit` entries (10,000); `items` picks the list out of a page that wraps it. */
  pages<R extends Route, T>(
    route: R,
    parameters: Parameters<R>,
    items: (page: Answer<R>) => readonly T[],
    limit?: number,
  ): Promise<Listed<T>>;
  /**
   * A query (repeated like a read) or a mutation (only when refused for limits). `$owner` and `$name` are filled in.
   */
  graphql<T>(document: string, variables?: Record<string, unknown>): Promise<T>;
}

/** The time as GitHub has it, in epoch milliseconds: what is compared with GitHub's instants is measured by this. */
export interface GitHubClock {
  /** By the Date of the newest answer, to the second; the runner's own until there was one. */
  now(): number;
  /** How far the runner's clock is ahead of GitHub's, in milliseconds; undefined until there was an answer. */
  ahead(): number | undefined;
}

/**
 * Git objects do nothing until a ref names them: one made twice, after a lost answer, is one too many that nobody sees.
 */
const contentAddressed: readonly string[] = [
  'POST /repos/{owner}/{repo}/git/blobs',
  'POST /repos/{owner}/{repo}/git/trees',
  'POST /repos/{owner}/{repo}/git/commits',
];

export interface GitHubOptions {
  token: string | undefined;
  at: Place;
  clock: Clock;
  random: () => number;
  signal?: AbortSignal;
  /** Milliseconds after which a single call without an answer is given up; 15 s if not given. */
  callTimeoutMs?: number;
}

/** The repository, where its API is, and who asks. */
export interface Place extends Asker {
  owner: string;
  repository: string;
  apiUrl: string;
}

/**
 * Opens GitHub with a token; a missing one is an error that says how to pass it. Octokit is loaded here, so that
 * actions without GitHub do not pay for it.
 */
export async function openGitHub(options: GitHubOptions): Promise<GitHub & GitHubClock> {
  const { token, at, clock, random, callTimeoutMs = 15_000 } = options;
  const { owner, repository, apiUrl } = at;
  if (!token) {
    throw new GitHubError(
      'There is no GitHub token. Leave the input "github-token" at its default, or pass one.',
      401,
    );
  }
  const { getOctokit } = await import('@actions/github');
  const octokit = getOctokit(token, { baseUrl: apiUrl });
  const scope = { owner, repo: repository };
  let ahead: number | undefined;
  const readDate = (headers: { date?: string | undefined } | undefined) => {
    const date = Date.parse(headers?.date ?? '');
    if (!Number.isNaN(date)) ahead = clock.now() - date;
  };
  octokit.hook.after('request', ({ headers }) => readDate(headers));
  octokit.hook.error('request', (error) => {
    readDate((error as { response?: { headers?: { date?: string } } }).response?.headers);
    throw error;
  });
  /** A single call that hangs must not outlive the step's patience. */
  const deadline = () => AbortSignal.timeout(callTimeoutMs);

  async function persist<T>(call: Call, repeatable: boolean, attempt: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await attempt();
      } catch (error) {
        const refusal = readRefusal(error);
        const now = clock.now();
        const limits = readLimits(refusal.status, refusal.headers, refusal.message, now);
        const wait = options.signal?.aborted ? undefined : waitBeforeRetry(limits, tries, repeatable, random);
        if (wait === undefined) {
          const acceptedPermissions = refusal.headers['x-accepted-github-permissions'] as string | undefined;
          const limited = refusal.status === 429 || limits.secondaryLimit;
          const retryAt = limits.retryAfterMs === undefined ? undefined : now + limits.retryAfterMs;
          const limit = limited ? { retryAt } : undefined;
          throw explainRefusal(call, { ...refusal, acceptedPermissions, limit }, at);
        }
        await clock.sleep(wait, options.signal);
      }
    }
  }

  const rest: GitHub['rest'] = (route, parameters) =>
    persist(
      { route, parameters: { ...scope, ...parameters } },
      route.startsWith('GET ') || contentAddressed.includes(route),
      async () => {
        const response = await octokit.request(route, {
          ...scope,
          ...parameters,
          request: { signal: deadline() },
        } as never);
        return (response as { data: never }).data;
      },
    );

  return {
    owner,
    repository,
    now: () => clock.now() - (ahead ?? 0),
    ahead: () => ahead,
    rest,
    pages: async (route, parameters, items, limit = 10_000) => {
      const all = [];
      for (let page = 1; ; page++) {
        const found = items(await rest(route, { ...parameters, per_page: 100, page } as never));
        all.push(...found);
        if (all.length > limit) return { items: all.slice(0, limit), truncated: true };
        if (found.length < 100) return { items: all, truncated: false };
      }
    },
    graphql: (document, variables) => {
      const call = /\b(?:query|mutation)\s+(\w+)/.exec(document)?.[1] ?? 'GraphQL';
      return persist({ route: call, document }, !/^\s*mutation\b/.test(document), () =>
        octokit.graphql(document, { owner, name: repository, ...variables, request: { signal: deadline() } }),
      );
    },
  };
}

function readRefusal(error: unknown): {
  status: number;
  message: string;
  headers: Record<string, unknown>;
  path?: readonly (string | number)[];
} {
  const known = error as {
    status?: number;
    message?: string;
    response?: { headers?: object };
    errors?: { type?: string; message?: string; path?: readonly (string | number)[] }[];
    headers?: object;
  };
  if (known.errors?.length) {
    const status = known.errors.some((e) => e.type === 'FORBIDDEN')
      ? 403
      : known.errors.some((e) => e.type?.startsWith('RATE_LIMIT'))
        ? 429
        : 422;
    const path = known.errors.find((e) => e.type === 'FORBIDDEN')?.path;
    return {
      status,
      message: known.errors.map((e) => e.message).join('; '),
      headers: { ...known.headers },
      ...(path ? { path } : {}),
    };
  }
  const status = known.status ?? 0;
  const unreachable = status === 500 && !known.response;
  return {
    status: unreachable ? 0 : status,
    message: known.message ?? String(error),
    headers: { ...known.response?.headers },
  };
}
