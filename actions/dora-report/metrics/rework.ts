import type { Failure, IncidentFact } from './failures.js';
import { isRollback, type Change } from './changes.js';
import type { Revert } from './reverts.js';
import { at, groupBy, type Unit } from './units.js';

/** Why a deployment was unplanned work on a failure. */
export type ReworkReason =
  | { why: 'rollback'; of: Unit | undefined }
  | { why: 'hotfix after failure'; of: Unit }
  | { why: 'hotfix after incident'; incident: IncidentFact }
  | { why: 'revert'; of: Unit; commit: string };

export interface ReworkFacts {
  /** The service's deployments, oldest first. */
  service: readonly Unit[];
  changes: ReadonlyMap<number, Change>;
  failures: ReadonlyMap<number, readonly Failure[]>;
  /** Trusted incidents of the service and environment. */
  incidents: readonly IncidentFact[];
  reverts: readonly Revert[];
}

/**
 * Rework of each deployment of a service, in their order: a rollback, a deployment that reverts what an earlier one
 * brought, or a hotfix that follows a failure of the last planned release or an incident since it.
 */
export function reworkOf({ service, changes, failures, incidents, reverts }: ReworkFacts): ReworkReason[][] {
  const undone = new Map<Unit, Unit>();
  for (const unit of service)
    for (const failure of failures.get(unit.id) ?? [])
      if (failure.sign === 'rolled back' && !undone.has(failure.by)) undone.set(failure.by, unit);
  const revertsOf = groupBy(reverts, ({ by }) => by);
  let release: Unit | undefined;
  return service.map((unit): ReworkReason[] => {
    const before = release;
    const rollback = isRollback(unit, changes);
    if (unit.kind === 'release' && !rollback) release = unit;
    if (rollback) return [{ why: 'rollback', of: undone.get(unit) }];
    const reasons: ReworkReason[] = (revertsOf.get(unit) ?? []).map(({ carrier, commit }) => ({
      why: 'revert',
      of: carrier,
      commit,
    }));
    if (unit.kind !== 'hotfix') return reasons;
    if (before && failures.get(before.id)?.some((failure) => failure.at <= unit.at))
      reasons.push({ why: 'hotfix after failure', of: before });
    for (const incident of incidents)
      if (isOpenFor(incident, unit, before)) reasons.push({ why: 'hotfix after incident', incident });
    return reasons;
  });
}

/** Whether an incident had begun by then and was not over before the last release, whose failure it is not. */
function isOpenFor(incident: IncidentFact, unit: Unit, release: Unit | undefined): boolean {
  const over = incident.closedAt !== undefined && release !== undefined && at(incident.closedAt) < release.at;
  const known =
    release && incident.marker?.causedBy !== undefined && release.ids.includes(incident.marker.causedBy);
  return at(incident.openedAt) <= unit.at && !over && !known;
}
