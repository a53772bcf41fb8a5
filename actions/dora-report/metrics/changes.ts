import type { DoraFacts } from '../../../shared/contracts/dora-report.js';
import { rangesOf, reaches, type GraphCommit } from './commit-graph.js';
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
export function changesOf(facts: DoraFacts, chains: readonly (readonly Unit[])[]): Map<number, Change> {
  const graph = graphOf(facts);
  const missing = new Set(facts.missingCommits);
  const changes = new Map<number, Change>();
  for (const chain of chains) {
    const { brought, uncertain } = rangesOf(
      graph,
      missing,
      chain.map((unit) => unit.sha),
    );
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
        before &&
        !unknown &&
        commits.length === 0 &&
        unit.sha !== before.sha &&
        reaches(graph, before.sha, unit.sha);
      changes.set(unit.id, { commits, unknown, behind: back ? before : undefined });
    });
  }
  return changes;
}

function graphOf(facts: DoraFacts): Map<string, GraphCommit> {
  return new Map(
    facts.commits.map((commit) => [
      commit.oid,
      { ...commit, committedAt: at(commit.committedAt), authoredAt: at(commit.authoredAt) },
    ]),
  );
}

/** Whether a deployment took the service back: it says so, or its commit is an ancestor of the one before. */
export function isRollback(unit: Unit, changes: ReadonlyMap<number, Change>): boolean {
  return unit.kind === 'rollback' || changes.get(unit.id)?.behind !== undefined;
}
