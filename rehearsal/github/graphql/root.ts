import type { RateLimits } from '../limits.js';
import type { Repo, Token } from '../model.js';
import { type NodeKind, nodeId, parseNodeId } from '../node-id.js';
import { type GitHubState, iso } from '../state.js';
import { actorFields } from './actors.js';
import { checkRunFields, checkSuiteFields, commitCheckFields } from './checks.js';
import { commitFields } from './commits.js';
import type { Cost } from './cost.js';
import { deploymentFields } from './deployments.js';
import { commentFields, issueFields } from './issues.js';
import { commitPullFields, pullFields } from './pulls.js';
import { repositoryFields } from './repository.js';
import { updateRefs, type UpdateRefsInput } from './update-refs.js';
import { type Fields, GraphqlError, need, type View } from './view.js';

/** What `nodes` takes at once, which GitHub documents nowhere (seen in sourcecred/sourcecred#908). */
const mostNodeIds = 100;

export interface Root {
  state: GitHubState;
  limits: RateLimits;
  token: Token;
  cost: Cost;
}

/** The members of Query and Mutation. */
export function rootFields({ state, limits, token, cost }: Root): Fields {
  return {
    repository: ({ owner, name }: { owner: string; name: string }) => {
      const repo = state.repo(owner, name);
      if (repo === null) throw unresolved(`a Repository with the name '${owner}/${name}'`);
      return repositoryFields(viewOf(state, repo, token));
    },
    node: ({ id }: { id: string }) => nodeFields(state, token, id),
    nodes: ({ ids }: { ids: string[] }) => {
      if (ids.length <= mostNodeIds) return ids.map((id) => nodeFields(state, token, id));
      const message = `You may not provide more than ${mostNodeIds} node ids; you provided ${ids.length}.`;
      throw new GraphqlError('ARGUMENT_LIMIT', message);
    },
    viewer: () => ({
      ...actorFields(state, token.actor),
      // Unlike every other actor field, `viewer` is a User even for an app, and shows its full login.
      __typename: 'User',
      id: nodeId('U', 0, token.actor.id),
      login: token.actor.login,
    }),
    rateLimit: () => {
      const { limit, remaining, used, reset } = limits.status(token, 'graphql');
      return { limit, remaining, used, resetAt: iso(reset * 1000), cost: cost.points, nodeCount: cost.nodes };
    },
    updateRefs: ({ input }: { input: UpdateRefsInput }) => updateRefs(state, token, input),
  };
}

const viewOf = (state: GitHubState, repo: Repo, token: Token): View => ({
  state,
  repo,
  token,
  ofCommit: (view, oid) => ({ ...commitPullFields(view, oid), ...commitCheckFields(view, oid) }),
});

const unresolved = (what: string): GraphqlError =>
  new GraphqlError('NOT_FOUND', `Could not resolve to ${what}.`);

type Finder = (view: View, key: string) => unknown;

const pick = <T extends { id: number }>(list: readonly T[], key: string): T | undefined =>
  list.find(({ id }) => id === Number(key));

const finders: Partial<Record<NodeKind, Finder>> = {
  R: (view) => ({ __typename: 'Repository', ...repositoryFields(view) }),
  DE: (view, key) => show(pick(view.repo.deployments, key), (one) => deploymentFields(view, one)),
  CS: (view, key) => show(pick(view.repo.suites, key), (one) => checkSuiteFields(view, one)),
  CR: (view, key) => show(pick(view.repo.checkRuns, key), (one) => checkRunFields(view, one)),
  IC: (view, key) => show(pick(view.repo.comments, key), (one) => commentFields(view, one)),
  I: (view, key) => show(issueNumbered(view.repo, key), (one) => issueFields(view, one)),
  PR: (view, key) => show(issueNumbered(view.repo, key), (one) => pullFields(view, one)),
  C: async (view, key) => show(await view.repo.git.commit(key), (one) => commitFields(view, one)),
};

const permissionOf: Partial<Record<NodeKind, string>> = {
  DE: 'deployments',
  CS: 'checks',
  CR: 'checks',
  IC: 'issues',
  I: 'issues',
  PR: 'pull_requests',
  C: 'contents',
};

const issueNumbered = (repo: Repo, key: string): Repo['issues'][number] | undefined =>
  repo.issues.find(({ number }) => number === Number(key));

const show = <T>(record: T | null | undefined, fields: (record: T) => Fields): Fields | null =>
  record === null || record === undefined ? null : fields(record);

async function nodeFields(state: GitHubState, token: Token, id: string): Promise<unknown> {
  const key = parseNodeId(id);
  const repo = key === null ? null : state.repoById(key.repoId);
  const finder = key === null ? undefined : finders[key.kind];
  if (key === null || repo === null || finder === undefined) {
    throw unresolved(`a node with the global id of '${id}'`);
  }
  const permission = permissionOf[key.kind];
  if (permission !== undefined) need({ token }, [permission, 'read']);
  const node = await finder(viewOf(state, repo, token), key.key);
  if (node === null) throw unresolved(`a node with the global id of '${id}'`);
  return node;
}
