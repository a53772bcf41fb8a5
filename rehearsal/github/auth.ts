import { GitHubError } from './errors.js';
import type { Token } from './model.js';
import type { Level, Permissions, Role } from './actors-model.js';
import type { GitHubState } from './state.js';

/** One permission a call needs, as `deployments: write` in a workflow's `permissions`. */
export type Need = readonly [name: string, level: Level];

const order: Record<Level | 'none', number> = { none: 0, read: 1, write: 2, admin: 3 };

const readable = [
  'actions',
  'administration',
  'checks',
  'contents',
  'deployments',
  'environments',
  'issues',
  'pull_requests',
  'secrets',
  'statuses',
];

/** What a person's own token may do, by role (docs: "Repository roles for an organization"). */
export function permissionsOfRole(role: Role): Permissions {
  const all = (level: Level | 'none'): Permissions =>
    Object.fromEntries(readable.map((name) => [name, level]));
  switch (role) {
    case 'admin':
      return all('write');
    case 'maintain':
    case 'write':
      return { ...all('write'), administration: 'read', environments: 'read' };
    case 'triage':
      return { ...all('read'), issues: 'write', pull_requests: 'write' };
    case 'read':
      return { ...all('read'), administration: 'none' };
    case 'none':
      return {};
  }
}

/**
 * Whether one of the alternatives is granted; metadata is readable to every token (docs: "Permissions required for
 * GitHub Apps").
 */
export function isGranted(token: Token, needs: readonly Need[]): boolean {
  if (needs.length === 0) return true;
  return needs.some(([name, level]) => {
    const given = token.permissions[name] ?? (name === 'metadata' ? 'read' : 'none');
    return order[given] >= order[level];
  });
}

/**
 * Throws GitHub's 403 naming the accepted permissions (docs: "Troubleshooting the REST API", Resource not accessible).
 */
export function requirePermission(token: Token, needs: readonly Need[]): void {
  if (isGranted(token, needs)) return;
  const accepted = needs.map(([name, level]) => `${name}=${level}`).join('; ');
  const message =
    token.actor.type === 'Bot'
      ? 'Resource not accessible by integration'
      : 'Resource not accessible by personal access token';
  throw new GitHubError(403, message, [], { 'x-accepted-github-permissions': accepted });
}

/** The token of an `authorization` header (`token x` or `bearer x`); throws 401 as GitHub does. */
export function authenticate(state: GitHubState, header: string | undefined): Token {
  const value = /^(?:token|bearer)\s+(\S+)$/i.exec(header ?? '')?.[1];
  if (value === undefined) throw new GitHubError(401, 'Requires authentication');
  const token = state.tokens.get(value);
  if (token === undefined) throw new GitHubError(401, 'Bad credentials');
  return token;
}
