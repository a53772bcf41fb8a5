import * as z from 'zod';
import { shaSchema } from '../../../../shared/contracts/formats.js';
import type { GitHub } from '../../../../shared/github/client.js';
import { identityOf } from '../../../../shared/ledger/record.js';
import { parseInstant } from '../../../../shared/time/instant.js';
import { Unknowable, type Sources } from '../evidence.js';
import {
  commitPullsQuery,
  moreCommitsQuery,
  pullsQuery,
  type CommitPullsNode,
  type PullNode,
} from './changes-query.js';
import { baseChangedAt } from './retargeted.js';

const identity = z.strictObject({ login: z.string(), bot: z.boolean() });

export const pullSchema = z.strictObject({
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
  /** When its base was changed or written anew last before its merge, in epoch milliseconds; null when it never was. */
  retargetedAt: z.number().nullable(),
  mergeSha: shaSchema.nullable(),
  /** Why it does not count: something of it could not be read. */
  unread: z.string().optional(),
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

/** Whether a pull request can bring a commit to this release: merged, or open with the released commit as its last. */
export const mayBring = ({ state, head }: Pull, sha: string): boolean =>
  state === 'merged' || (state === 'open' && head.sha === sha);

/** Commits of which it is asked in one request, and pull requests. */
const [commitsAtOnce, pullsAtOnce] = [100, 25];

/** What is read of one pull request, in pages of commits; GitHub itself shows 250 commits of one. */
const mostPages = 10;

interface Commit {
  sha: string;
  node_id: string;
}

/**
 * The pull requests that brought commits. A stranger may open one of the same commits and stuff it: what of one cannot be
 * read is held against that one alone.
 */
export async function readPulls(
  { github, request }: Pick<Sources, 'github' | 'request'>,
  commits: readonly Commit[],
): Promise<{ byCommit: Map<string, { pulls: number[]; more: boolean }>; pulls: Pull[] }> {
  const byCommit = new Map<string, { pulls: number[]; more: boolean }>();
  const ids = new Map<number, string>();
  for (const page of pagesOf(commits, commitsAtOnce)) {
    const { nodes } = await github.graphql<{ nodes: (CommitPullsNode | null)[] }>(commitPullsQuery, {
      ids: page.map(({ node_id }) => node_id),
    });
    for (const [index, node] of nodes.entries()) {
      const asked = page[index]?.sha;
      if (node?.__typename !== 'Commit' || node.oid !== asked || !node.associatedPullRequests)
        throw new Unknowable(`GitHub does not say by which pull request ${asked?.slice(0, 12)} came`);
      const { pageInfo, nodes: found } = node.associatedPullRequests;
      // Of many, those that cannot count are not looked at.
      const few = found.filter(
        ({ state, headRefOid }, at) => at < mostOpen || state === 'MERGED' || headRefOid === request.sha,
      );
      byCommit.set(node.oid, { pulls: few.map(({ number }) => number), more: pageInfo.hasNextPage });
      for (const { id, number } of few) ids.set(number, id);
    }
  }
  const pulls: Pull[] = [];
  for (const page of pagesOf([...ids.values()], pullsAtOnce)) {
    const { nodes } = await github.graphql<{ nodes: (PullNode | null)[] }>(pullsQuery, { ids: page });
    for (const node of nodes) pulls.push(await readPull(github, node));
  }
  return { byCommit, pulls: pulls.sort((a, b) => a.number - b.number) };
}

/** Open pull requests of a commit that are told of, though the release is not their last commit. */
const mostOpen = 20;

async function readPull(github: GitHub, node: PullNode | null): Promise<Pull> {
  if (node?.__typename !== 'PullRequest' || !node.latestOpinionatedReviews)
    throw new Unknowable('GitHub does not tell a pull request of this release');
  const { number, latestOpinionatedReviews: reviews } = node;
  const commits = await allCommits(github, node);
  const cut = [
    ...(commits === undefined ? [`more than ${commitsAtOnce * mostPages} commits`] : []),
    ...(reviews.pageInfo.hasNextPage ? [`more than ${reviews.nodes.length} reviewers`] : []),
    ...(commits?.some(({ commit: { authors } }) => authors.pageInfo.hasNextPage)
      ? ['a commit with more authors than are read']
      : []),
  ];
  const logins = (commits ?? []).flatMap(({ commit: { authors, committer } }) =>
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
    retargetedAt: baseChangedAt(node),
    mergeSha: node.mergeCommit?.oid ?? null,
    ...(cut.length > 0 ? { unread: cut.join(' and ') } : {}),
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

/** All commits of a pull request; undefined where those are more than is read. */
async function allCommits(
  github: GitHub,
  { id, commits: first }: PullNode,
): Promise<PullNode['commits']['nodes'] | undefined> {
  const found = [...first.nodes];
  let { hasNextPage, endCursor } = first.pageInfo;
  for (let page = 1; hasNextPage; page++) {
    if (page >= mostPages || endCursor === null) return undefined;
    const { node } = await github.graphql<{ node: { commits: PullNode['commits'] } | null }>(
      moreCommitsQuery,
      { id, after: endCursor },
    );
    if (!node) return undefined;
    found.push(...node.commits.nodes);
    ({ hasNextPage, endCursor } = node.commits.pageInfo);
  }
  return found;
}

function pagesOf<T>(all: readonly T[], size: number): T[][] {
  const pages: T[][] = [];
  for (let at = 0; at < all.length; at += size) pages.push(all.slice(at, at + size));
  return pages;
}
