import { labelNamed } from '../rules/issues.js';
import type { Issue, IssueComment, Label, Release, Repo } from '../model.js';
import { nodeId } from '../node-id.js';
import { type GitHubState, iso, isoOrNull } from '../state.js';
import { association, integration, simpleUser, userOrNull } from './actors.js';
import { apiUrl, htmlUrl } from './repository.js';

export function labelJson(state: GitHubState, repo: Repo, label: Label): Record<string, unknown> {
  return {
    id: label.id,
    node_id: nodeId('LA', repo.id, label.id),
    url: apiUrl(state, repo, `/labels/${encodeURIComponent(label.name)}`),
    name: label.name,
    description: label.description,
    color: label.color,
    default: false,
  };
}

export function labelsJson(state: GitHubState, repo: Repo, issue: Issue): Record<string, unknown>[] {
  return issue.labels.flatMap((name) => {
    const label = labelNamed(repo, name);
    return label === null ? [] : [labelJson(state, repo, label)];
  });
}

export function issueJson(state: GitHubState, repo: Repo, issue: Issue): Record<string, unknown> {
  const url = apiUrl(state, repo, `/issues/${issue.number}`);
  const kind = issue.pull === null ? 'issues' : 'pull';
  const html = htmlUrl(state, repo, `/${kind}/${issue.number}`);
  const pull = {
    url: apiUrl(state, repo, `/pulls/${issue.number}`),
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    merged_at: isoOrNull(issue.pull?.mergedAt ?? null),
  };
  return {
    url,
    repository_url: apiUrl(state, repo),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: html,
    id: issue.id,
    node_id: nodeId(issue.pull === null ? 'I' : 'PR', repo.id, issue.number),
    number: issue.number,
    title: issue.title,
    user: simpleUser(state, issue.author),
    labels: labelsJson(state, repo, issue),
    state: issue.state,
    state_reason: issue.stateReason,
    locked: false,
    active_lock_reason: null,
    assignee: userOrNull(state, issue.assignees[0] ?? null),
    assignees: issue.assignees.map((actor) => simpleUser(state, actor)),
    milestone: null,
    comments: repo.comments.filter(({ issueNumber }) => issueNumber === issue.number).length,
    created_at: iso(issue.createdAt),
    updated_at: iso(issue.updatedAt),
    closed_at: isoOrNull(issue.closedAt),
    closed_by: userOrNull(state, issue.closedBy),
    author_association: association(repo, issue.author),
    body: issue.body,
    performed_via_github_app: integration(state, repo, issue.app),
    ...(issue.pull === null ? {} : { pull_request: pull }),
  };
}

export function commentJson(state: GitHubState, repo: Repo, comment: IssueComment): Record<string, unknown> {
  return {
    id: comment.id,
    node_id: nodeId('IC', repo.id, comment.id),
    url: apiUrl(state, repo, `/issues/comments/${comment.id}`),
    html_url: htmlUrl(state, repo, `/issues/${comment.issueNumber}#issuecomment-${comment.id}`),
    issue_url: apiUrl(state, repo, `/issues/${comment.issueNumber}`),
    user: simpleUser(state, comment.author),
    created_at: iso(comment.createdAt),
    updated_at: iso(comment.updatedAt),
    author_association: association(repo, comment.author),
    body: comment.body,
    performed_via_github_app: integration(state, repo, comment.app),
  };
}

export function releaseJson(state: GitHubState, repo: Repo, release: Release): Record<string, unknown> {
  const url = apiUrl(state, repo, `/releases/${release.id}`);
  return {
    url,
    html_url: htmlUrl(state, repo, `/releases/tag/${release.tagName}`),
    assets_url: `${url}/assets`,
    upload_url: `${url}/assets{?name,label}`,
    tarball_url: apiUrl(state, repo, `/tarball/${release.tagName}`),
    zipball_url: apiUrl(state, repo, `/zipball/${release.tagName}`),
    id: release.id,
    node_id: nodeId('RE', repo.id, release.id),
    tag_name: release.tagName,
    target_commitish: release.targetCommitish,
    name: release.name,
    body: release.body,
    draft: release.draft,
    prerelease: release.prerelease,
    immutable: false,
    created_at: iso(release.createdAt),
    published_at: isoOrNull(release.publishedAt),
    author: simpleUser(state, release.author),
    assets: [],
  };
}
