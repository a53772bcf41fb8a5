import type { GitHub } from '../../../shared/github/client.js';
import { parseInstant } from '../../../shared/time/instant.js';
import { rangesOf, type DeployedChain, type GraphCommit } from '../metrics/commit-graph.js';
import { authorOf, readMessage } from './commit-message.js';

/** GitHub's own page size for history, and as many single look-ups ride along in a request. */
const page = 100;
const walkersPerRequest = 10;

export interface CommitQuery {
  chains: readonly DeployedChain[];
  /** Commits that were read before; they never change. */
  known?: ReadonlyMap<string, GraphCommit>;
  /** Most commits read; reaching it leaves the graph incomplete. */
  limit?: number;
}

export interface CommitAnswer {
  commits: ReadonlyMap<string, GraphCommit>;
  /** Deployed shas the repository no longer has (force-pushed or deleted). */
  missing: ReadonlySet<string>;
  requests: number;
  /** False when the limit was reached before every range was certain. */
  complete: boolean;
}

/** Follows the history below one sha, page by page, newest commit date first as GitHub lists it. */
interface Walker {
  root: string;
  cursor: string | null;
  /** Commit date of the last commit seen (epoch ms). */
  reached: number;
  /** Parents named by commits it listed: it will come to them. */
  named: Set<string>;
  done: boolean;
}

/**
 * Loads as much of the commit graph as the ranges of the chains need: 100 commits a request and side branches in the
 * same requests. Needs `contents: read`.
 */
export async function readCommits(github: GitHub, query: CommitQuery): Promise<CommitAnswer> {
  const commits = new Map(query.known);
  const before = commits.size;
  const missing = new Set<string>();
  const limit = before + (query.limit ?? 10_000);
  const chains = query.chains.filter((chain) => chain.length > 1);
  const heads = [...new Set(chains.map((chain) => chain.at(-1)!))];
  const isHead = new Set(heads);
  const lookups = [...new Set(chains.flat())].filter((sha) => !isHead.has(sha) && !commits.has(sha));
  const walkers: Walker[] = heads.map(walkFrom);
  let requests = 0;
  for (;;) {
    const frontier = new Map<string, number>();
    for (const chain of chains) {
      for (const [oid, childAt] of rangesOf(commits, missing, chain).frontier)
        frontier.set(oid, Math.max(frontier.get(oid) ?? -Infinity, childAt));
    }
    if (frontier.size === 0) return { commits, missing, requests, complete: true };
    if (commits.size >= limit) return { commits, missing, requests, complete: false };
    // Finding the ranges looks at every commit again, so it is done after an eighth more of them: linear work, and at
    // most an eighth read in vain.
    const read = commits.size - before;
    const enough = Math.min(limit, commits.size + Math.max(page, Math.floor(read / 8)));
    const chosen = chooseWalkers(walkers, frontier, new Set(lookups));
    do {
      requests++;
      const walking = chosen.filter(({ done }) => !done);
      await step(github, walking, lookups.splice(0, page), commits, missing);
    } while (commits.size < enough && read > page && chosen.some(({ done }) => !done));
  }
}

function walkFrom(root: string): Walker {
  return { root, cursor: null, reached: Infinity, named: new Set([root]), done: false };
}

/**
 * Goes on with the walkers that will come to a needed sha, or may (they have not passed its date yet), and starts new
 * ones at shas nobody comes to.
 */
function chooseWalkers(
  walkers: Walker[],
  frontier: ReadonlyMap<string, number>,
  lookedUp: ReadonlySet<string>,
): Walker[] {
  const chosen = new Set<Walker>();
  for (const [oid, childAt] of frontier) {
    const open = walkers.filter((walker) => !walker.done);
    const coming = open.find((walker) => walker.named.has(oid));
    const maybe = open.find((walker) => walker.reached >= childAt);
    if (coming ?? maybe) chosen.add((coming ?? maybe)!);
    else if (!lookedUp.has(oid)) {
      const walker = walkFrom(oid);
      walkers.push(walker);
      chosen.add(walker);
    }
  }
  return [...chosen].slice(0, walkersPerRequest);
}

interface CommitNode {
  oid: string;
  committedDate: string;
  authoredDate: string;
  message: string;
  author?: { name: string | null; email: string | null } | null;
  parents: { nodes: { oid: string }[] };
}

interface StepAnswer {
  repository: Record<
    string,
    | (CommitNode & {
        __typename: string;
        history?: { pageInfo: { hasNextPage: boolean; endCursor: string | null }; nodes: CommitNode[] };
      })
    | null
  >;
}

async function step(
  github: GitHub,
  walking: readonly Walker[],
  asked: readonly string[],
  commits: Map<string, GraphCommit>,
  missing: Set<string>,
): Promise<void> {
  const variables: Record<string, string | null> = {};
  walking.forEach((walker, i) => {
    variables[`root${i}`] = walker.root;
    variables[`after${i}`] = walker.cursor;
  });
  asked.forEach((sha, i) => (variables[`sha${i}`] = sha));
  const name = `${github.owner}/${github.repository}`.toLowerCase();
  const { repository } = await github.graphql<StepAnswer>(
    documentFor(walking.length, asked.length),
    variables,
  );
  walking.forEach((walker, i) => {
    const history = repository[`walk${i}`]?.history;
    if (!history) {
      missing.add(walker.root);
      walker.done = true;
      return;
    }
    for (const node of history.nodes) {
      const commit = readCommit(node, name);
      commits.set(commit.oid, commit);
      for (const parent of commit.parents) walker.named.add(parent);
      walker.reached = commit.committedAt;
    }
    walker.cursor = history.pageInfo.endCursor;
    walker.done = !history.pageInfo.hasNextPage;
  });
  asked.forEach((sha, i) => {
    const node = repository[`single${i}`];
    if (node?.__typename === 'Commit') commits.set(sha, readCommit(node, name));
    else missing.add(sha);
  });
}

/** Aliases are counted, never taken from data; all values travel as variables. */
function documentFor(walks: number, singles: number): string {
  const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
  const parameters = [
    '$owner: String!',
    '$name: String!',
    ...numbers(walks).flatMap((i) => [`$root${i}: GitObjectID!`, `$after${i}: String`]),
    ...numbers(singles).map((i) => `$sha${i}: GitObjectID!`),
  ];
  const walk = (i: number) =>
    `walk${i}: object(oid: $root${i}) { __typename ... on Commit {
      history(first: ${page}, after: $after${i}) { pageInfo { hasNextPage endCursor } nodes { ...LedgerCommit } } } }`;
  const single = (i: number) => `single${i}: object(oid: $sha${i}) { __typename ...LedgerCommit }`;
  return `query LedgerCommits(${parameters.join(', ')}) {
    repository(owner: $owner, name: $name) {
      ${[...numbers(walks).map(walk), ...numbers(singles).map(single)].join('\n      ')}
    }
  }
  fragment LedgerCommit on Commit { oid committedDate authoredDate message author { name email } parents(first: 100) { nodes { oid } } }`;
}

function readCommit(node: CommitNode, repository: string): GraphCommit {
  const { name, email } = node.author ?? {};
  return {
    oid: node.oid,
    parents: node.parents.nodes.map((parent) => parent.oid),
    committedAt: parseInstant(node.committedDate) ?? 0,
    authoredAt: parseInstant(node.authoredDate) ?? 0,
    ...(name ? { author: authorOf(name, email ?? '') } : {}),
    ...readMessage(node.message, repository),
  };
}
