import type { Issue, IssueComment, Label } from '../model.js';
import { nodeId } from '../node-id.js';
import { association } from '../represent/actors.js';
import { htmlUrl } from '../represent/repository.js';
import { hasLabels, labelNamed } from '../rules/issues.js';
import { iso, isoOrNull } from '../state.js';
import { actorFields, actorOrNull } from './actors.js';
import { connection, type PageArguments } from './connection.js';
import type { Fields, View } from './view.js';

export const labelFields = (view: View, label: Label): Fields => ({
  __typename: 'Label',
  id: nodeId('LA', view.repo.id, label.id),
  name: label.name,
  color: label.color,
  description: label.description,
});

/** The members that say who wrote a body and who changed it last (schema: interface Comment). */
export function authoredFields(view: View, record: Issue | IssueComment): Fields {
  const { state, repo } = view;
  return {
    body: record.body,
    bodyText: record.body,
    author: actorFields(state, record.author),
    authorAssociation: association(repo, record.author),
    editor: actorOrNull(state, record.editor),
    lastEditedAt: isoOrNull(record.lastEditedAt),
    includesCreatedEdit: record.lastEditedAt !== null,
    createdAt: iso(record.createdAt),
    publishedAt: iso(record.createdAt),
    updatedAt: iso(record.updatedAt),
  };
}

export function commentFields(view: View, comment: IssueComment): Fields {
  const { state, repo } = view;
  return {
    __typename: 'IssueComment',
    id: nodeId('IC', repo.id, comment.id),
    databaseId: comment.id,
    fullDatabaseId: String(comment.id),
    url: htmlUrl(state, repo, `/issues/${comment.issueNumber}#issuecomment-${comment.id}`),
    isMinimized: false,
    ...authoredFields(view, comment),
  };
}

/** What issues and pull requests have in common. */
export function conversationFields(view: View, issue: Issue): Fields {
  const { state, repo } = view;
  const labels = issue.labels.flatMap((name) => labelNamed(repo, name) ?? []);
  const kind = issue.pull === null ? 'issues' : 'pull';
  return {
    databaseId: issue.id,
    number: issue.number,
    title: issue.title,
    url: htmlUrl(state, repo, `/${kind}/${issue.number}`),
    resourcePath: `/${repo.owner}/${repo.name}/${kind}/${issue.number}`,
    closed: issue.state === 'closed',
    closedAt: isoOrNull(issue.closedAt),
    locked: false,
    ...authoredFields(view, issue),
    assignees: (args: PageArguments) =>
      connection(
        'assignees',
        issue.assignees,
        args,
        ({ id }) => id,
        (actor) => actorFields(state, actor),
      ),
    labels: (args: PageArguments) =>
      connection(
        'labels',
        labels,
        args,
        ({ id }) => id,
        (label) => labelFields(view, label),
      ),
    comments: (args: PageArguments) => {
      const own = repo.comments.filter(({ issueNumber }) => issueNumber === issue.number);
      return connection(
        'comments',
        own,
        args,
        ({ id }) => id,
        (comment) => commentFields(view, comment),
      );
    },
  };
}

export function issueFields(view: View, issue: Issue): Fields {
  return {
    __typename: 'Issue',
    id: nodeId('I', view.repo.id, issue.number),
    state: issue.state.toUpperCase(),
    stateReason: issue.stateReason?.toUpperCase() ?? null,
    ...conversationFields(view, issue),
  };
}

export interface IssuesArguments extends PageArguments {
  labels?: string[] | null;
  states?: string[] | null;
  filterBy?: {
    createdBy?: string | null;
    labels?: string[] | null;
    since?: string | null;
    states?: string[] | null;
  } | null;
  orderBy?: { field: 'COMMENTS' | 'CREATED_AT' | 'UPDATED_AT'; direction: 'ASC' | 'DESC' } | null;
}

/** Repository.issues, without pull requests; oldest first unless ordered. Any of the labels is enough, as on GitHub. */
export function issuesFields(view: View, args: IssuesArguments): Fields {
  const { repo } = view;
  const filter = args.filterBy ?? {};
  const labels = args.labels ?? filter.labels ?? null;
  const states = args.states ?? filter.states ?? null;
  const key = args.orderBy?.field === 'UPDATED_AT' ? 'updatedAt' : 'createdAt';
  const chosen = repo.issues
    .filter(({ pull }) => pull === null)
    .filter((issue) => states === null || states.includes(issue.state.toUpperCase()))
    .filter((issue) => labels === null || labels.some((name) => hasLabels(issue, [name])))
    .filter((issue) => iso(issue.updatedAt) >= (filter.since ?? ''))
    .filter((issue) => (filter.createdBy ?? issue.author.login) === issue.author.login)
    .sort((a, b) => a[key] - b[key] || a.number - b.number);
  if (args.orderBy?.direction === 'DESC') chosen.reverse();
  return connection(
    'issues',
    chosen,
    args,
    ({ number }) => number,
    (issue) => issueFields(view, issue),
  );
}
