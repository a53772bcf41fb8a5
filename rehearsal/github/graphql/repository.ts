import type { Issue } from '../model.js';
import { nodeId } from '../node-id.js';
import { fullName, htmlUrl } from '../represent/repository.js';
import { labelNamed } from '../rules/issues.js';
import { refresh, isPull } from '../rules/pulls.js';
import { iso } from '../state.js';
import { actorFields } from './actors.js';
import { objectFields } from './commits.js';
import { connection, type PageArguments } from './connection.js';
import { deploymentsFields } from './deployments.js';
import { issueFields, issuesFields, labelFields } from './issues.js';
import { pullFields, pullsFields } from './pulls.js';
import { refOrNull, refsFields } from './refs.js';
import { type Fields, GraphqlError, guarded, type View } from './view.js';

function numbered(view: View, number: number, kind: 'Issue' | 'PullRequest'): Issue {
  const issue = view.repo.issues.find((one) => one.number === number);
  if (issue === undefined || (issue.pull === null) !== (kind === 'Issue')) {
    throw new GraphqlError(
      'NOT_FOUND',
      `Could not resolve to ${kind === 'Issue' ? 'an' : 'a'} ${kind} with the number of ${number}.`,
    );
  }
  return issue;
}

/** A git object by oid, or by an expression: `main`, `main:path/to/file`. */
async function objectBy(
  view: View,
  args: { oid?: string | null; expression?: string | null },
): Promise<Fields | null> {
  if (typeof args.oid === 'string') return objectFields(view, args.oid);
  const [ref = '', ...path] = (args.expression ?? '').split(':');
  const commit = await view.repo.git.resolve(ref === '' ? 'HEAD' : ref);
  if (commit === null) return path.length === 0 ? objectFields(view, ref) : null;
  return objectFields(view, path.length === 0 ? commit.oid : `${commit.oid}:${path.join(':')}`);
}

export function repositoryFields(view: View): Fields {
  const { state, repo } = view;
  const contents = ['contents', 'read'] as const;
  const environments = (): Fields[] =>
    repo.environments.map((environment) => ({
      id: nodeId('EN', repo.id, environment.id),
      databaseId: environment.id,
      name: environment.name,
    }));
  return {
    id: nodeId('R', repo.id, repo.id),
    databaseId: repo.id,
    name: repo.name,
    nameWithOwner: fullName(repo),
    owner: actorFields(state, state.actor(repo.owner)),
    url: htmlUrl(state, repo),
    resourcePath: `/${fullName(repo)}`,
    createdAt: iso(repo.createdAt),
    isPrivate: true,
    isArchived: false,
    visibility: 'PRIVATE',
    defaultBranchRef: guarded(view, contents, () => refOrNull(view, `refs/heads/${repo.defaultBranch}`)),
    ref: guarded(view, contents, ({ qualifiedName }: { qualifiedName: string }) =>
      refOrNull(view, qualifiedName),
    ),
    refs: guarded(view, contents, (args: Parameters<typeof refsFields>[1]) => refsFields(view, args)),
    object: guarded(view, contents, (args: Parameters<typeof objectBy>[1]) => objectBy(view, args)),
    deployments: guarded(view, ['deployments', 'read'], (args: Parameters<typeof deploymentsFields>[1]) =>
      deploymentsFields(view, args),
    ),
    environments: guarded(view, ['actions', 'read'], (args: PageArguments) =>
      connection(
        'environments',
        environments(),
        args,
        ({ id }) => String(id),
        (one) => one,
      ),
    ),
    environment: guarded(
      view,
      ['actions', 'read'],
      ({ name }: { name: string }) => environments().find((one) => one['name'] === name) ?? null,
    ),
    issue: guarded(view, ['issues', 'read'], ({ number }: { number: number }) =>
      issueFields(view, numbered(view, number, 'Issue')),
    ),
    issues: guarded(view, ['issues', 'read'], (args: Parameters<typeof issuesFields>[1]) =>
      issuesFields(view, args),
    ),
    label: guarded(view, ['issues', 'read'], ({ name }: { name: string }) => {
      const label = labelNamed(view.repo, name);
      return label === null ? null : labelFields(view, label);
    }),
    labels: guarded(view, ['issues', 'read'], (args: PageArguments) =>
      connection(
        'labels',
        repo.labels,
        args,
        ({ id }) => id,
        (label) => labelFields(view, label),
      ),
    ),
    pullRequest: guarded(view, ['pull_requests', 'read'], async ({ number }: { number: number }) => {
      const issue = numbered(view, number, 'PullRequest');
      if (isPull(issue)) await refresh(repo, issue);
      return pullFields(view, issue);
    }),
    pullRequests: guarded(view, ['pull_requests', 'read'], (args: Parameters<typeof pullsFields>[1]) =>
      pullsFields(view, args),
    ),
  };
}
