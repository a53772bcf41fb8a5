import { found } from '../errors.js';
import type { Issue, IssueComment } from '../model.js';
import { commentJson, issueJson } from '../represent/issues.js';
import {
  addIssue,
  authored,
  editBody,
  ensureLabels,
  hasLabels,
  requireBodyFits,
  setIssueState,
} from '../rules/issues.js';
import { created, noContent, ok, paged, type RepoContext, type Route, route } from '../route.js';
import { iso } from '../state.js';

interface IssueBody {
  title?: string | number;
  body?: string | null;
  labels?: (string | { name?: string })[];
  assignees?: string[];
  state?: Issue['state'];
  state_reason?: Issue['stateReason'];
}

/** Pull requests are issues too, so their comments and labels take either permission (docs: "Permissions required"). */
const reads = [
  ['issues', 'read'],
  ['pull_requests', 'read'],
] as const;
const writes = [
  ['issues', 'write'],
  ['pull_requests', 'write'],
] as const;

export const labelNames = (labels: NonNullable<IssueBody['labels']>): string[] =>
  labels
    .map((label) => (typeof label === 'string' ? label : (label.name ?? '')))
    .filter((name) => name !== '');

export const issueOf = ({ repo, params }: RepoContext): Issue =>
  found(repo.issues.find(({ number }) => number === Number(params['issue_number'])));

const commentOf = ({ repo, params }: RepoContext): IssueComment =>
  found(repo.comments.find(({ id }) => id === Number(params['comment_id'])));

function update(context: RepoContext): Issue {
  const { state, repo, token } = context;
  const issue = issueOf(context);
  const change = context.body as IssueBody;
  if (typeof change.body === 'string') {
    requireBodyFits('Issue', change.body);
    editBody(state, issue, token.actor, change.body);
  }
  if (change.title !== undefined) issue.title = String(change.title);
  if (change.labels !== undefined) {
    issue.labels = ensureLabels(state, repo, labelNames(change.labels)).map(({ name }) => name);
  }
  if (change.assignees !== undefined) issue.assignees = change.assignees.map((login) => state.actor(login));
  if (change.state !== undefined) {
    setIssueState(state, issue, token.actor, change.state, change.state_reason ?? null);
  }
  issue.updatedAt = state.now();
  return issue;
}

function listed({ repo, query }: RepoContext): Issue[] {
  const wanted = query['state'] ?? 'open';
  const labels = typeof query['labels'] === 'string' ? query['labels'].split(',') : [];
  const since = typeof query['since'] === 'string' ? query['since'] : '';
  const key = query['sort'] === 'updated' ? 'updatedAt' : 'createdAt';
  const direction = query['direction'] === 'asc' ? 1 : -1;
  const creator = query['creator'];
  return repo.issues
    .filter((issue) => wanted === 'all' || issue.state === wanted)
    .filter((issue) => hasLabels(issue, labels) && iso(issue.updatedAt) >= since)
    .filter((issue) => creator === undefined || issue.author.login === creator)
    .sort((a, b) => direction * (a[key] - b[key] || a.number - b.number));
}

function comments({ repo, query }: RepoContext, number: number | null): IssueComment[] {
  const since = typeof query['since'] === 'string' ? query['since'] : '';
  return repo.comments.filter(
    (comment) => (number === null || comment.issueNumber === number) && iso(comment.updatedAt) >= since,
  );
}

export const issueRoutes: readonly Route[] = [
  route('GET /issues', [['issues', 'read']], (context) =>
    paged(context, listed(context), (issue) => issueJson(context.state, context.repo, issue)),
  ),
  route('POST /issues', [['issues', 'write']], ({ state, repo, token, body }) => {
    const { title, body: text, labels = [], assignees = [] } = body as IssueBody;
    const names = labelNames(labels);
    const fields = { title: String(title), body: text ?? '', labels: names, assignees, pull: null };
    return created(issueJson(state, repo, addIssue(state, repo, token, fields)));
  }),
  route('GET /issues/{issue_number}', reads, (context) =>
    ok(issueJson(context.state, context.repo, issueOf(context))),
  ),
  route('PATCH /issues/{issue_number}', writes, (context) =>
    ok(issueJson(context.state, context.repo, update(context))),
  ),
  route('GET /issues/{issue_number}/comments', reads, (context) => {
    const list = comments(context, issueOf(context).number);
    return paged(context, list, (comment) => commentJson(context.state, context.repo, comment));
  }),
  route('POST /issues/{issue_number}/comments', writes, (context) => {
    const { state, repo, token } = context;
    const issue = issueOf(context);
    const { body } = context.body as { body: string };
    requireBodyFits('IssueComment', body);
    const comment = { id: state.nextId(), issueNumber: issue.number, ...authored(state, token, body) };
    repo.comments.push(comment);
    issue.updatedAt = state.now();
    return created(commentJson(state, repo, comment));
  }),
  route('GET /issues/comments', reads, (context) =>
    paged(context, comments(context, null), (comment) => commentJson(context.state, context.repo, comment)),
  ),
  route('GET /issues/comments/{comment_id}', reads, (context) =>
    ok(commentJson(context.state, context.repo, commentOf(context))),
  ),
  route('PATCH /issues/comments/{comment_id}', writes, (context) => {
    const { state, repo, token } = context;
    const comment = commentOf(context);
    const { body } = context.body as { body: string };
    requireBodyFits('IssueComment', body);
    editBody(state, comment, token.actor, body);
    return ok(commentJson(state, repo, comment));
  }),
  route('DELETE /issues/comments/{comment_id}', writes, (context) => {
    const { repo } = context;
    repo.comments.splice(repo.comments.indexOf(commentOf(context)), 1);
    return noContent;
  }),
];
