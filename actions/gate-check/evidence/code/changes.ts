import * as z from 'zod';
import { shaSchema } from '../../../../shared/contracts/formats.js';
import type { GitHub } from '../../../../shared/github/client.js';
import { identityOf } from '../../../../shared/ledger/record.js';
import { parseInstant } from '../../../../shared/time/instant.js';
import { commitPullsQuery, pullsQuery, type CommitPullsNode, type PullNode } from './changes-query.js';
import { retargetedAt } from './retargeted.js';
import { commitsOnPage, compareWhole, type Comparison } from './compare.js';
import { comparison } from '../comparison.js';
import { defineEvidence, Unknowable, type Sources, whole } from '../evidence.js';

const identity = z.strictObject({ login: z.string(), bot: z.boolean() });

const pullSchema = z.strictObject({
  number: z.int().positive(),
  title: z.string(),
  url: z.string(),
  state: z.enum(['open', 'closed', 'merged']),
  author: identity,
  head: z.strictObject({
    branch: z.string(),
    sha: shaSchema,
    /** From another repository. */
    fork: z.boolean(),
  }),
  base: z.string(),
  /** When its base was changed last, in epoch milliseconds; null when it never was. */
  retargetedAt: z.number().nullable(),
  mergeSha: shaSchema.nullable(),
  /** Logins of who wrote or committed any of its commits, co-authors too. */
  contributors: z.array(z.string()),
  /** The newest opinion of each reviewer. */
  reviews: z.array(
    z.strictObject({
      by: identity,
      state: z.string(),
      /** The commit that was looked at. */
      sha: shaSchema.nullable(),
      /** Epoch milliseconds; null where GitHub does not say. */
      at: z.number().nullable(),
      canPush: z.boolean(),
    }),
  ),
});

/** A pull request with who wrote it and who approved it. */
export type Pull = z.output<typeof pullSchema>;

const schema = z.strictObject({
  /** The commit since which changes are listed; null when nothing is live. */
  base: z
    .strictObject({ sha: shaSchema, status: z.enum(['ahead', 'behind', 'diverged', 'identical']) })
    .nullable(),
  /** Oldest first. */
  commits: z.array(
    z.strictObject({
      sha: shaSchema,
      title: z.string(),
      author: z.string().nullable(),
      /** Numbers of the pull requests that brought it. */
      pulls: z.array(z.int().positive()),
    }),
  ),
  pulls: z.array(pullSchema),
  files: z.array(
    z.strictObject({
      path: z.string(),
      /** The path before, of a renamed file. */
      was: z.string().optional(),
      status: z.string(),
      added: whole,
      removed: whole,
    }),
  ),
  /** Whether there are more files than GitHub lists. */
  filesTruncated: z.boolean(),
});

export type Changes = z.output<typeof schema>;

/** Most commits since what is live that are looked at. */
const mostCommits = 1_000;

/** Files that a comparison lists at most. */
const mostFiles = 300;

/** Pull requests a request. */
const pullsOnPage = 25;

/**
 * What the release brings against what is live: commits, the pull requests they came by with their reviews, and files.
 * Where nothing is live, the released commit alone.
 */
export const changes = defineEvidence({
  kind: 'changes',
  what: 'what changed since the live release',
  schema,
  permission: { contents: 'read', 'pull-requests': 'read' },
  restsOn: { [comparison.kind]: () => true },
  collect: async (_needs: readonly true[], sources): Promise<Changes> => {
    const { live } = await sources.valueOf(comparison);
    const none = { commits: [], pulls: [], files: [], filesTruncated: false };
    if (live?.status === 'identical') return { ...none, base: { sha: live.sha, status: 'identical' } };
    const compared = live ? await compareWhole(sources, live.sha) : undefined;
    const listed = compared ? await allCommits(sources, live!.sha, compared) : await onlyCommit(sources);
    const { byCommit, pulls } = await readPulls(sources.github, listed);
    const files = compared?.files ?? [];
    return {
      base: live && compared ? { sha: live.sha, status: compared.status } : null,
      commits: listed.map(({ sha, commit, author }) => ({
        sha,
        title: commit.message.split('\n')[0] ?? '',
        author: loginOf(author),
        pulls: byCommit.get(sha) ?? [],
      })),
      pulls,
      files: files.map(({ filename, previous_filename, status, additions, deletions }) => ({
        path: filename,
        ...(previous_filename ? { was: previous_filename } : {}),
        status,
        added: additions,
        removed: deletions,
      })),
      filesTruncated: files.length >= mostFiles,
    };
  },
});

type Listed = Pick<Comparison['commits'][number], 'sha' | 'node_id' | 'commit' | 'author'>;

/** GitHub answers an account, nothing, or an empty object. */
const loginOf = (author: Listed['author']): string | null =>
  author && 'login' in author && typeof author.login === 'string' ? author.login : null;

async function allCommits(sources: Sources, base: string, first: Comparison): Promise<Listed[]> {
  const { github, request } = sources;
  if (first.total_commits > mostCommits)
    throw new Unknowable(
      `${first.total_commits} commits lie between ${base.slice(0, 12)} and the release, and at most ${mostCommits} are looked at`,
    );
  const commits = [...first.commits];
  for (let page = 2; commits.length < first.total_commits; page++) {
    const more = await github.rest('GET /repos/{owner}/{repo}/compare/{basehead}', {
      basehead: `${base}...${request.sha}`,
      per_page: commitsOnPage,
      page,
    });
    if (more.commits.length === 0) throw new Unknowable('the list of commits since the live release was cut');
    commits.push(...more.commits);
  }
  return commits;
}

async function onlyCommit({ github, request }: Sources): Promise<Listed[]> {
  return [await github.rest('GET /repos/{owner}/{repo}/commits/{ref}', { ref: request.sha })];
}

async function readPulls(
  github: GitHub,
  commits: readonly Listed[],
): Promise<{ byCommit: Map<string, number[]>; pulls: Pull[] }> {
  const byCommit = new Map<string, number[]>();
  const ids = new Map<number, string>();
  for (const page of pagesOf(commits, commitsOnPage)) {
    const { nodes } = await github.graphql<{ nodes: (CommitPullsNode | null)[] }>(commitPullsQuery, {
      ids: page.map(({ node_id }) => node_id),
    });
    for (const [index, node] of nodes.entries()) {
      const asked = page[index]?.sha;
      if (node?.__typename !== 'Commit' || node.oid !== asked || !node.associatedPullRequests)
        throw new Unknowable(`GitHub does not say by which pull request ${asked?.slice(0, 12)} came`);
      if (node.associatedPullRequests.pageInfo.hasNextPage)
        throw new Unknowable(`${asked.slice(0, 12)} is in more pull requests than are read`);
      const found = node.associatedPullRequests.nodes;
      byCommit.set(
        node.oid,
        found.map(({ number }) => number),
      );
      for (const { id, number } of found) ids.set(number, id);
    }
  }
  const pulls: Pull[] = [];
  for (const page of pagesOf([...ids.values()], pullsOnPage)) {
    const { nodes } = await github.graphql<{ nodes: (PullNode | null)[] }>(pullsQuery, { ids: page });
    pulls.push(...nodes.map(readPull));
  }
  return { byCommit, pulls: pulls.sort((a, b) => a.number - b.number) };
}

function readPull(node: PullNode | null): Pull {
  if (node?.__typename !== 'PullRequest' || !node.latestOpinionatedReviews)
    throw new Unknowable('GitHub does not tell a pull request of this release');
  const { number, commits, latestOpinionatedReviews: reviews } = node;
  if (commits.pageInfo.hasNextPage || reviews.pageInfo.hasNextPage)
    throw new Unknowable(`pull request #${number} has more commits or reviews than are read`);
  const logins = commits.nodes.flatMap(({ commit: { authors, committer } }) =>
    [...authors.nodes, ...(committer ? [committer] : [])].flatMap(({ user }) => user?.login ?? []),
  );
  return {
    number,
    title: node.title,
    url: node.url,
    state: node.state.toLowerCase() as Pull['state'],
    author: identityOf(node.author),
    head: { branch: node.headRefName, sha: node.headRefOid, fork: node.isCrossRepository },
    base: node.baseRefName,
    retargetedAt: retargetedAt(node),
    mergeSha: node.mergeCommit?.oid ?? null,
    contributors: [...new Set(logins)].sort(),
    reviews: reviews.nodes.map(({ state, author, commit, submittedAt, authorCanPushToRepository }) => ({
      by: identityOf(author),
      state: state.toLowerCase(),
      sha: commit?.oid ?? null,
      at: (submittedAt === null ? undefined : parseInstant(submittedAt)) ?? null,
      canPush: authorCanPushToRepository,
    })),
  };
}

function pagesOf<T>(all: readonly T[], size: number): T[][] {
  const pages: T[][] = [];
  for (let at = 0; at < all.length; at += size) pages.push(all.slice(at, at + size));
  return pages;
}
