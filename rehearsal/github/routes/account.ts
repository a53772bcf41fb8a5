import { GitHubError } from '../errors.js';
import type { Actor } from '../actors-model.js';
import { simpleUser } from '../represent/actors.js';
import { ok, type RestContext, type Route } from '../route.js';
import { type GitHubState, iso } from '../state.js';

function privateUser(state: GitHubState, actor: Actor): Record<string, unknown> {
  const at = iso(actor.createdAt);
  const none = {
    name: actor.login,
    company: null,
    blog: null,
    location: null,
    email: null,
    hireable: null,
    bio: null,
  };
  return {
    ...simpleUser(state, actor),
    ...none,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: at,
    updated_at: at,
    private_gists: 0,
    total_private_repos: 0,
    owned_private_repos: 0,
    disk_usage: 0,
    collaborators: 0,
    two_factor_authentication: true,
  };
}

function rateLimit({ limits, token }: RestContext): Record<string, unknown> {
  const core = limits.status(token, 'core');
  const resources = {
    core,
    graphql: limits.status(token, 'graphql'),
    search: limits.status(token, 'search'),
  };
  return { resources, rate: core };
}

export const accountRoutes: readonly Route[] = [
  { operation: 'GET /rate_limit', needs: [], handle: (context) => ok(rateLimit(context)) },
  {
    operation: 'GET /user',
    needs: [],
    handle: ({ state, token }) => {
      // Docs "Get the authenticated user": an installation has no user, so a job token is refused.
      if (token.actor.type === 'Bot') throw new GitHubError(403, 'Resource not accessible by integration');
      return ok(privateUser(state, token.actor));
    },
  },
];
