import type { Repo } from '../model.js';
import { nodeId } from '../node-id.js';
import { type GitHubState, iso } from '../state.js';
import { simpleUser } from './actors.js';

export const apiUrl = (state: GitHubState, repo: Repo, path = ''): string =>
  `${state.baseUrl}/repos/${repo.owner}/${repo.name}${path}`;

export const htmlUrl = (state: GitHubState, repo: Repo, path = ''): string =>
  `${state.baseUrl}/${repo.owner}/${repo.name}${path}`;

export const fullName = (repo: Repo): string => `${repo.owner}/${repo.name}`;

/** Members that are nothing but links, by the path each stands for. */
const links: Record<string, string> = {
  archive_url: '/{archive_format}{/ref}',
  assignees_url: '/assignees{/user}',
  blobs_url: '/git/blobs{/sha}',
  branches_url: '/branches{/branch}',
  collaborators_url: '/collaborators{/collaborator}',
  comments_url: '/comments{/number}',
  commits_url: '/commits{/sha}',
  compare_url: '/compare/{base}...{head}',
  contents_url: '/contents/{+path}',
  contributors_url: '/contributors',
  deployments_url: '/deployments',
  downloads_url: '/downloads',
  events_url: '/events',
  forks_url: '/forks',
  git_commits_url: '/git/commits{/sha}',
  git_refs_url: '/git/refs{/sha}',
  git_tags_url: '/git/tags{/sha}',
  issue_comment_url: '/issues/comments{/number}',
  issue_events_url: '/issues/events{/number}',
  issues_url: '/issues{/number}',
  keys_url: '/keys{/key_id}',
  labels_url: '/labels{/name}',
  languages_url: '/languages',
  merges_url: '/merges',
  milestones_url: '/milestones{/number}',
  notifications_url: '/notifications{?since,all,participating}',
  pulls_url: '/pulls{/number}',
  releases_url: '/releases{/id}',
  stargazers_url: '/stargazers',
  statuses_url: '/statuses/{sha}',
  subscribers_url: '/subscribers',
  subscription_url: '/subscription',
  tags_url: '/tags',
  teams_url: '/teams',
  trees_url: '/git/trees{/sha}',
  hooks_url: '/hooks',
};

export function minimalRepository(state: GitHubState, repo: Repo): Record<string, unknown> {
  const urls = Object.entries(links).map(([name, path]) => [name, apiUrl(state, repo, path)]);
  return {
    id: repo.id,
    node_id: nodeId('R', repo.id, repo.id),
    name: repo.name,
    full_name: fullName(repo),
    owner: simpleUser(state, state.actor(repo.owner)),
    private: true,
    html_url: htmlUrl(state, repo),
    description: null,
    fork: false,
    url: apiUrl(state, repo),
    ...Object.fromEntries(urls),
  };
}

export function fullRepository(state: GitHubState, repo: Repo): Record<string, unknown> {
  const open = repo.issues.filter(({ state: status }) => status === 'open').length;
  return {
    ...minimalRepository(state, repo),
    git_url: `${htmlUrl(state, repo)}.git`,
    ssh_url: `git@localhost:${fullName(repo)}.git`,
    clone_url: `${htmlUrl(state, repo)}.git`,
    svn_url: htmlUrl(state, repo),
    mirror_url: null,
    homepage: null,
    language: null,
    forks_count: 0,
    stargazers_count: 0,
    watchers_count: 0,
    size: 0,
    default_branch: repo.defaultBranch,
    open_issues_count: open,
    has_issues: true,
    has_projects: false,
    has_wiki: false,
    has_pages: false,
    has_downloads: true,
    has_discussions: false,
    archived: false,
    disabled: false,
    visibility: 'private',
    pushed_at: iso(repo.createdAt),
    created_at: iso(repo.createdAt),
    updated_at: iso(repo.createdAt),
    subscribers_count: 0,
    network_count: 0,
    license: null,
    forks: 0,
    open_issues: open,
    watchers: 0,
  };
}
