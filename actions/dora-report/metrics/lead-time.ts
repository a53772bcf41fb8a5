import type { GraphCommit } from './commit-graph.js';
import { isRollback, type Change } from './changes.js';
import { hoursBetween } from './statistics.js';
import type { Unit } from './units.js';

export type Dropped =
  | NonNullable<Change['unknown']>
  | 'merge commit'
  | 'not older than its deployment'
  | 'implausible date'
  | 'rollback';

export interface LeadTimes {
  samples: { commit: GraphCommit; hours: number }[];
  /** Commits (or, where those are not known, the deployment itself) that give no sample. */
  dropped: { why: Dropped; commit: GraphCommit | undefined }[];
}

/**
 * 1 January 2000 UTC: commits that say they are older come from a clock that was not set, or from another system's
 * history.
 */
const firstPlausible = 946_684_800_000;

/**
 * Change lead time: from the commit's date to the first success of the first deployment that contains it, one sample a
 * commit.
 */
export function leadTimesOf(unit: Unit, changes: ReadonlyMap<number, Change>): LeadTimes {
  const change = changes.get(unit.id);
  if (isRollback(unit, changes)) return { samples: [], dropped: [{ why: 'rollback', commit: undefined }] };
  if (!change) return { samples: [], dropped: [{ why: 'history not read whole', commit: undefined }] };
  if (change.unknown) return { samples: [], dropped: [{ why: change.unknown, commit: undefined }] };
  const result: LeadTimes = { samples: [], dropped: [] };
  for (const commit of change.commits) {
    const hours = hoursBetween(commit.committedAt, unit.at);
    if (commit.parents.length > 1) result.dropped.push({ why: 'merge commit', commit });
    else if (!(commit.committedAt >= firstPlausible))
      result.dropped.push({ why: 'implausible date', commit });
    else if (hours <= 0) result.dropped.push({ why: 'not older than its deployment', commit });
    else result.samples.push({ commit, hours });
  }
  return result;
}
