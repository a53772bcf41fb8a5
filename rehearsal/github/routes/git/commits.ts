import { GitHubError, found } from '../../errors.js';
import type { Commit } from '../../git/parse.js';
import { emptyTree } from '../../git/repository.js';
import { diffEntry, repositoryCommit } from '../../represent/commits.js';
import { apiUrl, htmlUrl } from '../../represent/repository.js';
import {
  type Answer,
  linkHeader,
  ok,
  pageOf,
  paged,
  type RepoContext,
  type Route,
  route,
} from '../../route.js';

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** OpenAPI repos/compare-commits: unpaged at most 250 commits, the newest of them last; never over 300 files. */
const maxCommits = 250;
const maxFiles = 300;

async function listCommits(context: RepoContext): Promise<Answer> {
  const { state, repo, query } = context;
  const head = await repo.git.resolve(text(query['sha']) ?? repo.defaultBranch);
  if (head === null) {
    throw query['sha'] === undefined
      ? new GitHubError(409, 'Git Repository is empty.')
      : new GitHubError(404, 'Not Found');
  }
  const oids = await repo.git.history(head.oid, {
    path: text(query['path']),
    since: text(query['since']),
    until: text(query['until']),
    author: text(query['author']),
  });
  return paged(context, oids, async (oid) =>
    repositoryCommit(state, repo, found(await repo.git.commit(oid))),
  );
}

async function getCommit(context: RepoContext): Promise<Answer> {
  const { state, repo, params, headers } = context;
  const ref = params['ref'] ?? '';
  const commit = await repo.git.resolve(ref);
  if (commit === null) throw new GitHubError(422, `No commit found for SHA: ${ref}`);
  if (/\.sha(\+json)?\b/.test(headers.accept ?? '')) {
    return { status: 200, body: commit.oid, contentType: 'application/vnd.github.sha; charset=utf-8' };
  }
  const files = await repo.git.diff(commit.parents[0] ?? emptyTree, commit.oid);
  const total = files.reduce(
    (sum, { additions, deletions }) => [sum[0] + additions, sum[1] + deletions] as const,
    [0, 0] as readonly [number, number],
  );
  return ok({
    ...repositoryCommit(state, repo, commit),
    stats: { additions: total[0], deletions: total[1], total: total[0] + total[1] },
    files: files.slice(0, maxFiles).map((file) => diffEntry(state, repo, commit.oid, file)),
  });
}

async function endpoints({ repo, params }: RepoContext): Promise<[Commit, Commit]> {
  const [base, head] = (params['basehead'] ?? '').split('...').map((name) => name.replace(/^[^:/]+:/, ''));
  const commits = await Promise.all([repo.git.resolve(base ?? ''), repo.git.resolve(head ?? '')]);
  return [found(commits[0]), found(commits[1])];
}

async function compare(context: RepoContext): Promise<Answer> {
  const { state, repo, query } = context;
  const [base, head] = await endpoints(context);
  const mergeBase = await repo.git.mergeBase(base.oid, head.oid);
  if (mergeBase === null)
    throw new GitHubError(404, `No common ancestor between ${base.oid} and ${head.oid}.`);
  const [ahead, behind] = await Promise.all([
    repo.git.history(`${base.oid}..${head.oid}`),
    repo.git.history(`${head.oid}..${base.oid}`),
  ]);
  const oids = [...ahead].reverse();
  const isPaged = query['page'] !== undefined || query['per_page'] !== undefined;
  const { page, perPage } = pageOf(query);
  const shown = isPaged ? oids.slice((page - 1) * perPage, page * perPage) : oids.slice(-maxCommits);
  const files = page === 1 ? (await repo.git.diff(mergeBase, head.oid)).slice(0, maxFiles) : [];
  const json = async (oid: string): Promise<unknown> =>
    repositoryCommit(state, repo, found(await repo.git.commit(oid)));
  const path = `/compare/${base.oid}...${head.oid}`;
  const html = htmlUrl(state, repo, path);
  return {
    status: 200,
    headers: isPaged ? linkHeader(context, oids.length) : {},
    body: {
      url: apiUrl(state, repo, path),
      html_url: html,
      permalink_url: html,
      diff_url: `${html}.diff`,
      patch_url: `${html}.patch`,
      base_commit: await json(base.oid),
      merge_base_commit: await json(mergeBase),
      status: comparison(ahead.length, behind.length),
      ahead_by: ahead.length,
      behind_by: behind.length,
      total_commits: ahead.length,
      commits: await Promise.all(shown.map(json)),
      ...(page === 1 ? { files: files.map((file) => diffEntry(state, repo, head.oid, file)) } : {}),
    },
  };
}

function comparison(ahead: number, behind: number): 'diverged' | 'ahead' | 'behind' | 'identical' {
  if (ahead > 0) return behind > 0 ? 'diverged' : 'ahead';
  return behind > 0 ? 'behind' : 'identical';
}

export const commitRoutes: readonly Route[] = [
  route('GET /commits', [['contents', 'read']], listCommits),
  route('GET /commits/{ref}', [['contents', 'read']], getCommit),
  route('GET /compare/{basehead}', [['contents', 'read']], compare),
];
