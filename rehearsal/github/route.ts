import type { IncomingHttpHeaders } from 'node:http';
import type { Need } from './auth.js';
import type { RateLimits } from './limits.js';
import type { Repo, Token } from './model.js';
import type { GitHubState } from './state.js';

export interface RestContext {
  state: GitHubState;
  limits: RateLimits;
  token: Token;
  params: Record<string, string>;
  query: Record<string, unknown>;
  body: unknown;
  headers: IncomingHttpHeaders;
}

export interface RepoContext extends RestContext {
  repo: Repo;
}

export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
  /** Set when the body is no JSON (raw contents, diffs). */
  contentType?: string;
}

/**
 * One served operation; `operation` is the key in GitHub's OpenAPI description, `needs` the alternatives of permission.
 */
export interface Route {
  operation: string;
  needs: readonly Need[];
  handle: (context: RepoContext) => Promise<Answer> | Answer;
}

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const created = (body: unknown): Answer => ({ status: 201, body });
export const noContent: Answer = { status: 204 };

/** A route under one repository; the pipeline has looked it up already. */
export function route(operation: string, needs: readonly Need[], handle: Route['handle']): Route {
  const [method, path] = operation.split(' ');
  return { operation: `${method} /repos/{owner}/{repo}${path ?? ''}`, needs, handle };
}

/** Which page the query asks for: `per_page` at most 100, 30 when absent (docs: "Using pagination in the REST API"). */
export function pageOf(query: Record<string, unknown>): { page: number; perPage: number } {
  const asked = Number(query['per_page'] ?? 30);
  return { page: Math.max(1, Number(query['page'] ?? 1)), perPage: Math.min(100, Math.max(1, asked)) };
}

/** One page of the items as JSON with its Link header; `wrap` puts it into an envelope with the total. */
export async function paged<T>(
  context: RestContext,
  items: readonly T[],
  show: (item: T) => unknown,
  wrap: (page: unknown[], total: number) => unknown = (page) => page,
): Promise<Answer> {
  const { page, perPage } = pageOf(context.query);
  const shown = await Promise.all(items.slice((page - 1) * perPage, page * perPage).map(show));
  return { status: 200, body: wrap(shown, items.length), headers: linkHeader(context, items.length) };
}

export function linkHeader(context: RestContext, total: number): Record<string, string> {
  const { page, perPage } = pageOf(context.query);
  const last = Math.max(1, Math.ceil(total / perPage));
  const path = context.params['_path'] ?? '/';
  const at = (number: number, rel: string): string => {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(context.query)) query.set(name, String(value));
    query.set('page', String(number));
    return `<${context.state.baseUrl}${path}?${query.toString()}>; rel="${rel}"`;
  };
  const links: string[] = [];
  if (page > 1) links.push(at(page - 1, 'prev'));
  if (page < last) links.push(at(page + 1, 'next'), at(last, 'last'));
  if (page > 1) links.push(at(1, 'first'));
  return links.length === 0 ? {} : { link: links.join(', ') };
}
