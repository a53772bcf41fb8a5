import { GitHubError } from './errors.js';
import type { Token } from './model.js';
import type { GitHubState } from './state.js';

export type Resource = 'core' | 'graphql' | 'search';

export interface LimitOptions {
  core?: number;
  graphql?: number;
  search?: number;
}

interface Window {
  used: number;
  resetAt: number;
}

/** Counts requests per token and resource in fixed windows (docs: "Rate limits for the REST API"). */
export class RateLimits {
  private readonly windows = new Map<string, Window>();

  constructor(
    private readonly state: GitHubState,
    private readonly options: LimitOptions,
  ) {}

  /** A job token has 1,000 requests an hour in its repository, a person 5,000; search 30 a minute. */
  limitOf(token: Token, resource: Resource): number {
    const custom = this.options[resource];
    if (custom !== undefined) return custom;
    if (resource === 'search') return 30;
    return token.runId === null ? 5000 : 1000;
  }

  status(
    token: Token,
    resource: Resource,
  ): { limit: number; used: number; remaining: number; reset: number } {
    const limit = this.limitOf(token, resource);
    const window = this.window(token, resource);
    const used = Math.min(window.used, limit);
    return { limit, used, remaining: limit - used, reset: Math.ceil(window.resetAt / 1000) };
  }

  /** Counts `points`; throws 403 when the window is spent. */
  spend(token: Token, resource: Resource, points = 1): void {
    const window = this.window(token, resource);
    window.used += points;
    if (window.used <= this.limitOf(token, resource)) return;
    const message = `API rate limit exceeded for ${token.actor.login}.`;
    throw new GitHubError(403, message, [], this.headers(token, resource));
  }

  headers(token: Token, resource: Resource): Record<string, string> {
    const { limit, used, remaining, reset } = this.status(token, resource);
    return {
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(remaining),
      'x-ratelimit-used': String(used),
      'x-ratelimit-reset': String(reset),
      'x-ratelimit-resource': resource,
    };
  }

  private window(token: Token, resource: Resource): Window {
    const key = `${token.value} ${resource}`;
    const now = this.state.now();
    const known = this.windows.get(key);
    if (known !== undefined && known.resetAt > now) return known;
    const fresh = { used: 0, resetAt: now + (resource === 'search' ? 60_000 : 3_600_000) };
    this.windows.set(key, fresh);
    return fresh;
  }
}
