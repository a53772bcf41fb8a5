import type { GitHub } from '../../../../shared/github/client.js';
import { sha } from '../ledger-facts.js';

export interface FakeCommit {
  name: string;
  parents: string[];
  /** Epoch milliseconds. */
  at: number;
  message?: string;
  author?: { name: string; email: string };
}

/**
 * Answers LedgerCommits as GitHub does: history newest commit date first, a child before its parents, 100 a page, null
 * for a commit that is gone.
 */
export function fakeHistory(commits: readonly FakeCommit[]): { github: GitHub; requests: () => number } {
  const known = new Map(commits.map((commit) => [sha(commit.name), commit]));
  let requests = 0;
  const node = (oid: string) => {
    const commit = known.get(oid)!;
    return {
      __typename: 'Commit',
      oid,
      committedDate: new Date(commit.at).toISOString(),
      authoredDate: new Date(commit.at).toISOString(),
      message: commit.message ?? `Change ${commit.name}`,
      author: commit.author ?? null,
      parents: { nodes: commit.parents.map((parent) => ({ oid: sha(parent) })) },
    };
  };
  const log = (root: string) => {
    const listed: string[] = [];
    const waiting = new Set([root]);
    const seen = new Set(waiting);
    while (waiting.size > 0) {
      const next = [...waiting].reduce((a, b) => (known.get(b)!.at > known.get(a)!.at ? b : a));
      waiting.delete(next);
      listed.push(next);
      for (const parent of known.get(next)!.parents.map(sha)) {
        if (!seen.has(parent)) waiting.add(parent);
        seen.add(parent);
      }
    }
    return listed;
  };
  const logs = new Map<string, string[]>();
  const graphql = async (document: string, variables: Record<string, unknown> = {}): Promise<unknown> => {
    requests++;
    const repository: Record<string, unknown> = {};
    for (const [, alias, kind, index] of document.matchAll(/\b((walk|single)(\d+)): object/g)) {
      const oid = variables[kind === 'walk' ? `root${index}` : `sha${index}`] as string;
      if (!known.has(oid)) repository[alias!] = null;
      else if (kind === 'single') repository[alias!] = node(oid);
      else {
        if (!logs.has(oid)) logs.set(oid, log(oid));
        const all = logs.get(oid)!;
        const from = Number(variables[`after${index}`] ?? 0);
        const nodes = all.slice(from, from + 100).map(node);
        const pageInfo = { hasNextPage: from + 100 < all.length, endCursor: String(from + 100) };
        repository[alias!] = { __typename: 'Commit', history: { pageInfo, nodes } };
      }
    }
    return { repository };
  };
  const none = async () => {
    throw new Error('only GraphQL is asked for commits');
  };
  const github = { owner: 'acme', repository: 'shop', rest: none, pages: none, graphql } as unknown as GitHub;
  return { github, requests: () => requests };
}

/** A straight line of commits c0 (oldest) to c(n-1), one an hour. */
export function line(count: number): FakeCommit[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `c${i}`,
    parents: i > 0 ? [`c${i - 1}`] : [],
    at: i * 3_600_000,
  }));
}
