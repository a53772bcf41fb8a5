import type { Change } from './changes.js';
import type { GraphCommit } from './commit-graph.js';
import type { Unit } from './units.js';

/**
 * A commit that says it reverts one that an earlier deployment brought. Reverting a revert brings the change back and
 * is no failure.
 */
export interface Revert {
  carrier: Unit;
  by: Unit;
  /** The reverted commit. */
  commit: string;
}

/** A commit that went live, and with which deployment. */
interface Carrier {
  oid: string;
  unit: Unit;
  isRevert: boolean;
}

/** The fewest characters of a sha that a message may name. */
const shortest = 7;

/** The reverts in the deployments of one service, oldest first. */
export function revertsIn(service: readonly Unit[], changes: ReadonlyMap<number, Change>): Revert[] {
  const none = service.every((unit) =>
    (changes.get(unit.id)?.commits ?? []).every((commit) => !isRevert(commit)),
  );
  if (none) return [];
  const byStart = new Map<string, Carrier[]>();
  const byPull = new Map<string, Carrier>();
  const reverts: Revert[] = [];
  for (const unit of service) {
    const commits = changes.get(unit.id)?.commits ?? [];
    for (const commit of commits) {
      const undone = [
        ...commit.reverts.map((sha) => carrierOf(byStart, sha)),
        ...commit.revertsPulls.map((number) => byPull.get(number)),
      ];
      for (const carrier of new Set(undone))
        if (carrier && !carrier.isRevert)
          reverts.push({ carrier: carrier.unit, by: unit, commit: carrier.oid });
    }
    for (const commit of commits) {
      const { oid, pull } = commit;
      const carrier = { oid, unit, isRevert: isRevert(commit) };
      const start = oid.slice(0, shortest);
      const alike = byStart.get(start);
      if (alike) alike.push(carrier);
      else byStart.set(start, [carrier]);
      if (pull !== undefined) byPull.set(pull, carrier);
    }
  }
  return reverts;
}

function isRevert({ reverts, revertsPulls }: GraphCommit): boolean {
  return reverts.length + revertsPulls.length > 0;
}

/** The commit that a sha means, whole or short; undefined where it means several or none. */
function carrierOf(byStart: ReadonlyMap<string, Carrier[]>, sha: string): Carrier | undefined {
  const meant = (byStart.get(sha.slice(0, shortest)) ?? []).filter(({ oid }) => oid.startsWith(sha));
  return meant.length === 1 ? meant[0] : undefined;
}
