import type { Review } from '../model.js';
import type { Repo } from '../model.js';
import { nodeId } from '../node-id.js';
import type { Pull } from '../rules/pulls.js';
import { type GitHubState, iso, isoOrNull } from '../state.js';
import { association, simpleUser, userOrNull } from './actors.js';
import { labelsJson } from './issues.js';
import { apiUrl, fullRepository, htmlUrl } from './repository.js';

export function pullSimpleJson(state: GitHubState, repo: Repo, issue: Pull): Record<string, unknown> {
  const { pull, number } = issue;
  const url = apiUrl(state, repo, `/pulls/${number}`);
  const issueUrl = apiUrl(state, repo, `/issues/${number}`);
  const html = htmlUrl(state, repo, `/pull/${number}`);
  const side = (ref: string, sha: string): Record<string, unknown> => ({
    label: `${repo.owner}:${ref}`,
    ref,
    sha,
    user: simpleUser(state, state.actor(repo.owner)),
    repo: fullRepository(state, repo),
  });
  const links = {
    self: url,
    html,
    issue: issueUrl,
    comments: `${issueUrl}/comments`,
    review_comments: `${url}/comments`,
    review_comment: apiUrl(state, repo, '/pulls/comments{/number}'),
    commits: `${url}/commits`,
    statuses: apiUrl(state, repo, `/statuses/${pull.headSha}`),
  };
  return {
    url,
    id: issue.id,
    node_id: nodeId('PR', repo.id, number),
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: issueUrl,
    commits_url: links.commits,
    review_comments_url: links.review_comments,
    review_comment_url: links.review_comment,
    comments_url: links.comments,
    statuses_url: links.statuses,
    number,
    state: issue.state,
    locked: false,
    title: issue.title,
    user: simpleUser(state, issue.author),
    body: issue.body,
    // A pull request's labels say description "" where an issue's say null.
    labels: labelsJson(state, repo, issue).map((label) => ({
      ...label,
      description: label['description'] ?? '',
    })),
    milestone: null,
    created_at: iso(issue.createdAt),
    updated_at: iso(issue.updatedAt),
    closed_at: isoOrNull(issue.closedAt),
    merged_at: isoOrNull(pull.mergedAt),
    merge_commit_sha: pull.mergeCommitSha,
    assignee: userOrNull(state, issue.assignees[0] ?? null),
    assignees: issue.assignees.map((actor) => simpleUser(state, actor)),
    requested_reviewers: [],
    requested_teams: [],
    head: side(pull.headRef, pull.headSha),
    base: side(pull.baseRef, pull.baseSha),
    _links: Object.fromEntries(Object.entries(links).map(([name, href]) => [name, { href }])),
    author_association: association(repo, issue.author),
    auto_merge: null,
    draft: pull.draft,
  };
}

export interface PullFigures {
  /** Of an open one that can be merged. */
  trial?: string;
  commits: number;
  additions: number;
  deletions: number;
  changedFiles: number;
  mergeable: boolean | null;
}

export function pullJson(
  state: GitHubState,
  repo: Repo,
  issue: Pull,
  figures: PullFigures,
): Record<string, unknown> {
  return {
    ...pullSimpleJson(state, repo, issue),
    ...(figures.trial === undefined ? {} : { merge_commit_sha: figures.trial }),
    merged: issue.pull.mergedAt !== null,
    mergeable: figures.mergeable,
    mergeable_state: figures.mergeable === false ? 'dirty' : figures.mergeable === true ? 'clean' : 'unknown',
    rebaseable: figures.mergeable,
    merged_by: userOrNull(state, issue.pull.mergedBy),
    comments: repo.comments.filter(({ issueNumber }) => issueNumber === issue.number).length,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: figures.commits,
    additions: figures.additions,
    deletions: figures.deletions,
    changed_files: figures.changedFiles,
  };
}

export function reviewJson(
  state: GitHubState,
  repo: Repo,
  issue: Pull,
  review: Review,
): Record<string, unknown> {
  const html = htmlUrl(state, repo, `/pull/${issue.number}#pullrequestreview-${review.id}`);
  const pull = apiUrl(state, repo, `/pulls/${issue.number}`);
  return {
    id: review.id,
    node_id: nodeId('PRR', repo.id, review.id),
    user: simpleUser(state, review.user),
    body: review.body,
    state: review.state,
    html_url: html,
    pull_request_url: pull,
    _links: { html: { href: html }, pull_request: { href: pull } },
    submitted_at: iso(review.submittedAt),
    commit_id: review.commitSha,
    author_association: association(repo, review.user),
  };
}
