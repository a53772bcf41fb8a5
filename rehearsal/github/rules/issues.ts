import { invalid } from '../errors.js';
import type { Authored, Issue, Label, PullRequest, Repo, Token } from '../model.js';
import type { Actor } from '../actors-model.js';
import type { GitHubState } from '../state.js';

const maxBody = 65_536;

/** Body texts hold 65,536 characters; GitHub refuses longer ones with 422. */
export function requireBodyFits(resource: string, body: string): void {
  if (body.length <= maxBody) return;
  const message = `body is too long (maximum is ${maxBody} characters)`;
  throw invalid({ resource, code: 'custom', field: 'body', message });
}

export function authored(state: GitHubState, token: Token, body: string): Authored {
  const now = state.now();
  const { actor: author, app } = token;
  return { author, app, body, editor: null, lastEditedAt: null, createdAt: now, updatedAt: now };
}

/** Changes a body and records who did it, even the author (GraphQL: Comment.editor, lastEditedAt). */
export function editBody(state: GitHubState, record: Authored, editor: Actor, body: string): void {
  record.updatedAt = state.now();
  if (body === record.body) return;
  record.body = body;
  record.editor = editor;
  record.lastEditedAt = record.updatedAt;
}

/** Labels of these names; a name not known yet becomes a label, as adding one to an issue does on GitHub. */
export function ensureLabels(state: GitHubState, repo: Repo, names: readonly string[]): Label[] {
  return names.map((name) => {
    const known = labelNamed(repo, name);
    if (known !== null) return known;
    const label: Label = { id: state.nextId(), name, color: 'ededed', description: null };
    repo.labels.push(label);
    return label;
  });
}

/** Label names differ only by more than case (docs: "Managing labels"). */
export function labelNamed(repo: Repo, name: string): Label | null {
  return repo.labels.find((label) => label.name.toLowerCase() === name.toLowerCase()) ?? null;
}

export interface NewIssue {
  title: string;
  body: string;
  labels: readonly string[];
  assignees: readonly string[];
  pull: PullRequest | null;
}

/** An issue or pull request: they share one row of numbers. */
export function addIssue(state: GitHubState, repo: Repo, token: Token, fields: NewIssue): Issue {
  requireBodyFits('Issue', fields.body);
  const issue: Issue = {
    id: state.nextId(),
    number: repo.issues.length + 1,
    title: fields.title,
    state: 'open',
    stateReason: null,
    labels: ensureLabels(state, repo, fields.labels).map(({ name }) => name),
    assignees: fields.assignees.map((login) => state.actor(login)),
    closedAt: null,
    closedBy: null,
    pull: fields.pull,
    ...authored(state, token, fields.body),
  };
  repo.issues.push(issue);
  return issue;
}

/** Opens or closes; the reason defaults to completed (OpenAPI: issues/update, state_reason). */
export function setIssueState(
  state: GitHubState,
  issue: Issue,
  actor: Actor,
  next: Issue['state'],
  reason: Issue['stateReason'],
): void {
  if (next === issue.state) return;
  issue.state = next;
  issue.updatedAt = state.now();
  issue.closedAt = next === 'closed' ? issue.updatedAt : null;
  issue.closedBy = next === 'closed' ? actor : null;
  issue.stateReason = next === 'closed' ? (reason ?? 'completed') : 'reopened';
}

/** Issues carrying all these labels, compared without case. */
export function hasLabels(issue: Issue, labels: readonly string[]): boolean {
  const own = issue.labels.map((name) => name.toLowerCase());
  return labels.every((name) => own.includes(name.trim().toLowerCase()));
}
