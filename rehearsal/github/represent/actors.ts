import type { Repo } from '../model.js';
import type { Actor, App } from '../actors-model.js';
import { nodeId } from '../node-id.js';
import { type GitHubState, actionsApp, iso } from '../state.js';

/** A user or bot as most answers show one. */
export function simpleUser(state: GitHubState, actor: Actor): Record<string, unknown> {
  const url = `${state.baseUrl}/users/${encodeURIComponent(actor.login)}`;
  const html = actor.type === 'Bot' ? `apps/${actor.login.replace(/\[bot\]$/, '')}` : actor.login;
  return {
    login: actor.login,
    id: actor.id,
    node_id: nodeId(actor.type === 'Bot' ? 'BOT' : 'U', 0, actor.id),
    avatar_url: `${state.baseUrl}/avatars/${actor.id}`,
    gravatar_id: '',
    url,
    html_url: `${state.baseUrl}/${html}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: actor.type,
    site_admin: false,
  };
}

export const userOrNull = (state: GitHubState, actor: Actor | null): Record<string, unknown> | null =>
  actor === null ? null : simpleUser(state, actor);

/** A GitHub App as checks and `performed_via_github_app` show it. */
export function integration(state: GitHubState, repo: Repo, app: App | null): Record<string, unknown> | null {
  if (app === null) return null;
  const owner = app.id === actionsApp.id ? 'github' : repo.owner;
  return {
    id: app.id,
    slug: app.slug,
    node_id: nodeId('A', 0, app.id),
    owner: simpleUser(state, state.actor(owner)),
    name: app.name,
    description: null,
    external_url: `${state.baseUrl}/apps/${app.slug}`,
    html_url: `${state.baseUrl}/apps/${app.slug}`,
    created_at: iso(repo.createdAt),
    updated_at: iso(repo.createdAt),
    permissions: { checks: 'write', contents: 'read', metadata: 'read' },
    events: [],
  };
}

/** How close an author is to the repository (docs: CommentAuthorAssociation). */
export function association(repo: Repo, actor: Actor): string {
  if (actor.login.toLowerCase() === repo.owner.toLowerCase()) return 'OWNER';
  if (actor.type === 'Bot') return 'NONE';
  return actor.role === 'none' || actor.role === 'read' ? 'NONE' : 'COLLABORATOR';
}
