import type { DoraFacts } from '../../../shared/contracts/dora-facts.js';
import { isBelow, rangesOf, type GraphCommit } from './commit-graph.js';
import { at, type Unit } from './units.js';

/** What a deployment brought, by the commit graph. */
export interface Change {
  /** Commits that went live with it for the first time. */
  commits: readonly GraphCommit[];
  /** Why its commits cannot be told; undefined when they can. */
  unknown: 'first deployment' | 'commit gone' | 'previous commit gone' | 'history not read whole' | undefined;
  /** The deployment live before, when this one put an ancestor of its commit back. */
  behind: Unit | undefined;
}

/** Changes of the deployments whose commits were read, by deployment id. */
export function changesOf(
  facts: Pick<DoraFacts, 'missingCommits' | 'liveBefore'>,
  graph: ReadonlyMap<string, GraphCommit>,
  chains: readonly (readonly Unit[])[],
): Map<number, Change> {
  const missing = new Set(facts.missingCommits);
  const below = isBelow(graph);
  const changes = new Map<number, Change>();
  chains.forEach((chain, place) => {
    const shas = chain.map((unit) => unit.sha);
    const { brought, uncertain } = rangesOf(graph, missing, shas, facts.liveBefore[place]);
    chain.forEach((unit, index) => {
      const before = chain[index - 1];
      const unknown = !before
        ? ('first deployment' as const)
        : missing.has(unit.sha)
          ? ('commit gone' as const)
          : missing.has(before.sha)
            ? ('previous commit gone' as const)
            : uncertain.has(index)
              ? ('history not read whole' as const)
              : undefined;
      const commits = unknown ? [] : brought[index]!.map((oid) => graph.get(oid)!);
      const back =
        before && !unknown && commits.length === 0 && unit.sha !== before.sha && below(before.sha, unit.sha);
      changes.set(unit.id, { commits, unknown, behind: back ? before : undefined });
    });
  });
  return changes;
}

/** The commits that were read, with their instants as numbers. */
export function graphOf(facts: Pick<DoraFacts, 'commits'>): Map<string, GraphCommit> {
  const graph = new Map<string, GraphCommit>();
  // Field by field: a spread of each of a hundred thousand takes twice the memory.
  for (const commit of facts.commits)
    graph.set(commit.oid, {
      oid: commit.oid,
      parents: commit.parents,
      committedAt: at(commit.committedAt),
      authoredAt: at(commit.authoredAt),
      headline: commit.headline,
      author: commit.author,
      touches: commit.touches,
      reverts: commit.reverts,
      revertsPulls: commit.revertsPulls,
      pull: commit.pull,
    });
  return graph;
}

/** Whether a deployment took the service back: it says so, or its commit is an ancestor of the one before. */
export function isRollback(unit: Unit, changes: ReadonlyMap<number, Change>): boolean {
  return unit.kind === 'rollback' || changes.get(unit.id)?.behind !== undefined;
}
