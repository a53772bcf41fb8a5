import type { IncomingHttpHeaders } from 'node:http';
import { authenticate, requirePermission } from './auth.js';
import { GitHubError, errorBody, found } from './errors.js';
import type { Journal } from './journal.js';
import type { RateLimits } from './limits.js';
import type { Token } from './model.js';
import type { OpenApi } from './openapi/openapi.js';
import type { Answer, RepoContext, Route } from './route.js';
import { answerStored } from './routes/runs/artifacts.js';
import { routes } from './routes/index.js';
import type { GitHubState } from './state.js';

export interface HttpRequest {
  method: string;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

interface Matcher {
  route: Route;
  method: string;
  pattern: RegExp;
  names: string[];
}

/** Path parameters whose values have slashes, which clients may send as they are. */
const spanning = new Set(['ref', 'path', 'basehead', 'name', 'tag', 'environment_name']);

function matcher(route: Route): Matcher {
  const [method = '', path = ''] = route.operation.split(' ');
  const names: string[] = [];
  const source = path.replace(/\{(\w+)\}|[.]/g, (_part, name: string | undefined) => {
    if (name === undefined) return '\\.';
    names.push(name);
    return spanning.has(name) ? '(.+)' : '([^/]+)';
  });
  // The root of a repository's contents has an empty path.
  const optional = path.endsWith('/contents/{path}') ? source.replace('/(.+)', '(?:/(.*))?') : source;
  return { route, method, pattern: new RegExp(`^${optional}$`), names };
}

const literalLength = ({ route }: Matcher): number => route.operation.replace(/\{\w+\}/g, '').length;

/**
 * Finds the operation a request means; the one with the most fixed text wins, so `/releases/latest` is no release id.
 */
const matchers = routes.map(matcher).sort((a, b) => literalLength(b) - literalLength(a));

function match(method: string, path: string): { route: Route; params: Record<string, string> } | null {
  for (const { route, method: wanted, pattern, names } of matchers) {
    if (wanted !== method) continue;
    const values = pattern.exec(path);
    if (values === null) continue;
    const params = names.map((name, at) => [name, decodeURIComponent(values[at + 1] ?? '')]);
    return { route, params: Object.fromEntries(params) as Record<string, string> };
  }
  return null;
}

/** GitHub's REST API over the state, judged by GitHub's own description in both directions. */
export class RestApi {
  constructor(
    private readonly state: GitHubState,
    private readonly limits: RateLimits,
    private readonly openapi: OpenApi,
    private readonly journal: Journal,
  ) {}

  /** Answers one request; refusals are answers too, so this rejects only on a bug of ours. */
  async answer(
    request: HttpRequest,
  ): Promise<{ answer: Answer; token: Token | null; operation: string | null }> {
    const stored = answerStored(this.state, request);
    if (stored !== null) return { answer: stored, token: null, operation: null };
    const matched = match(request.method, request.path);
    const operation = matched?.route.operation ?? null;
    const resource = operation?.startsWith('GET /search/') === true ? 'search' : 'core';
    let token: Token | null = null;
    let headers: Record<string, string> = {};
    try {
      token = authenticate(this.state, request.headers.authorization);
      // Docs "Get rate limit status": asking for it does not count.
      if (operation !== 'GET /rate_limit') this.limits.spend(token, resource);
      headers = this.limits.headers(token, resource);
      if (matched === null) {
        this.journal.violation('unserved', `${request.method} ${request.path}`, [
          'the stand-in serves no such operation: add it under rehearsal/github/routes',
        ]);
        throw new GitHubError(404, 'Not Found');
      }
      const answer = await this.run(request, matched.route, matched.params, token);
      return { answer: { ...answer, headers: { ...headers, ...answer.headers } }, token, operation };
    } catch (error) {
      if (!(error instanceof GitHubError)) throw error;
      const answer = {
        status: error.status,
        body: errorBody(error),
        headers: { ...headers, ...error.headers },
      };
      return { answer, token, operation };
    }
  }

  private async run(
    request: HttpRequest,
    route: Route,
    params: Record<string, string>,
    token: Token,
  ): Promise<Answer> {
    const inRepository = params['owner'] !== undefined;
    const repo = inRepository ? found(this.state.repo(params['owner'] ?? '', params['repo'] ?? '')) : null;
    requirePermission(token, route.needs);
    const body = parseBody(request.body);
    const query = this.checkRequest(route, params, Object.fromEntries(request.query), body);
    const context = {
      state: this.state,
      limits: this.limits,
      repo,
      token,
      params: { ...params, _path: request.path },
      query,
      body,
      headers: request.headers,
    };
    // Routes outside repositories never look at `repo`; the others have it, or 404 was thrown above.
    const answer = await route.handle(context as RepoContext);
    const where = `${route.operation} → ${answer.status}`;
    if (answer.contentType === undefined) {
      const problems = this.openapi.checkResponse(route.operation, answer.status, answer.body);
      if (problems.length > 0) this.journal.violation('response', where, problems);
    }
    return answer;
  }

  private checkRequest(
    route: Route,
    params: Record<string, string>,
    query: Record<string, string>,
    body: unknown,
  ): Record<string, unknown> {
    const check = this.openapi.checkRequest(route.operation, params, query, body);
    if (check.unknown.length > 0) {
      const names = check.unknown.map(
        (name) => `GitHub ignores \`${name}\`: it is not part of the operation`,
      );
      this.journal.violation('request', route.operation, names);
    }
    if (check.errors.length === 0) return check.query;
    this.journal.violation('request', route.operation, check.errors);
    const errors = check.errors.map((message) => ({
      resource: 'Request',
      code: 'invalid' as const,
      message,
    }));
    throw new GitHubError(422, 'Invalid request.', errors);
  }
}

function parseBody(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    throw new GitHubError(400, 'Problems parsing JSON');
  }
}
