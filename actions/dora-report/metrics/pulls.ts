import type { PullFact } from '../../../shared/contracts/dora-facts.js';
import type { Change } from './changes.js';
import type { GraphCommit } from './commit-graph.js';
import type { Unit } from './units.js';

export type { PullFact };

/** The pull requests by the commit that their merge made. */
export function pullsByMerge(pulls: readonly PullFact[]): Map<string, PullFact> {
  return new Map(pulls.flatMap((pull) => (pull.mergeCommit ? [[pull.mergeCommit, pull] as const] : [])));
}

/**
 * The pull request of each commit that a deployment brought. Along the line of first parents, oldest first: what a merge
 * brings beside its first parent is its pull request's, and of a rebase as many commits as the pull request had.
 */
export function pullsOfCommits(
  unit: Unit,
  { commits }: Pick<Change, 'commits'>,
  byMerge: ReadonlyMap<string, PullFact>,
): Map<string, PullFact> {
  if (byMerge.size === 0) return new Map();
  const range = new Map(commits.map((commit) => [commit.oid, commit]));
  const found = new Map<string, PullFact>();
  for (const { oid } of commits) {
    const pull = byMerge.get(oid);
    if (pull) found.set(oid, pull);
  }
  const line: GraphCommit[] = [];
  const onLine = new Set<string>();
  for (let next = range.get(unit.sha); next; next = range.get(next.parents[0] ?? '')) {
    line.push(next);
    onLine.add(next.oid);
  }
  const taken = new Set(onLine);
  for (const commit of line.toReversed()) {
    const pull = byMerge.get(commit.oid);
    if (commit.parents.length > 1) {
      const pending = commit.parents.slice(1);
      for (let oid = pending.pop(); oid !== undefined; oid = pending.pop()) {
        const below = range.get(oid);
        if (!below || taken.has(oid)) continue;
        taken.add(oid);
        if (pull && !found.has(oid)) found.set(oid, pull);
        pending.push(...below.parents);
      }
    } else if (pull && isRebased(pull, commit)) {
      let next = range.get(commit.parents[0] ?? '');
      for (let left = pull.commits - 1; left > 0 && next && !byMerge.has(next.oid); left--) {
        found.set(next.oid, pull);
        next = range.get(next.parents[0] ?? '');
      }
    }
  }
  return found;
}

/** GitHub ends the first line of a squashed commit with the number; a rebased one keeps its own message. */
function isRebased(pull: PullFact, merged: GraphCommit): boolean {
  return pull.commits > 1 && !merged.headline.endsWith(`(#${pull.number})`);
}
