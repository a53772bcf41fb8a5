import type { Signature } from '../git/parse.js';
import type { Actor } from '../actors-model.js';
import { nodeId } from '../node-id.js';
import { accountOf } from '../represent/commits.js';
import { type GitHubState, iso } from '../state.js';
import type { Fields } from './view.js';

/** An actor; GraphQL shows a bot's login without the `[bot]` that REST appends. */
export function actorFields(state: GitHubState, actor: Actor): Fields {
  const bot = actor.type === 'Bot';
  const login = actor.login.replace(/\[bot\]$/, '');
  const path = bot ? `/apps/${login}` : `/${login}`;
  return {
    __typename: bot ? 'Bot' : 'User',
    id: nodeId(bot ? 'BOT' : 'U', 0, actor.id),
    databaseId: actor.id,
    login,
    name: bot ? null : actor.login,
    email: '',
    url: `${state.baseUrl}${path}`,
    resourcePath: path,
    avatarUrl: `${state.baseUrl}/avatars/${actor.id}`,
    createdAt: iso(actor.createdAt),
  };
}

export const actorOrNull = (state: GitHubState, actor: Actor | null): Fields | null =>
  actor === null ? null : actorFields(state, actor);

/** A commit's author or committer; `user` is a User, so a bot's is null. */
export function gitActorFields(state: GitHubState, signature: Signature): Fields {
  const account = accountOf(state, signature);
  return {
    name: signature.name,
    email: signature.email,
    date: iso(signature.date),
    user: account?.type === 'User' ? actorFields(state, account) : null,
  };
}
