import type { Failure, IncidentFact, Revert } from './failures.js';
import { isRollback, type Change } from './changes.js';
import { at, type Unit } from './units.js';

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
 * Rework: a rollback, a deployment that reverts what an earlier one brought, or a hotfix that follows a failure of the
 * last planned release or an incident since it.
 */
export function reworkOf(
  unit: Unit,
  { service, changes, failures, incidents, reverts }: ReworkFacts,
): ReworkReason[] {
  if (isRollback(unit, changes)) {
    const of = service.find((other) =>
      failures.get(other.id)?.some((f) => f.sign === 'rolled back' && f.by === unit),
    );
    return [{ why: 'rollback', of }];
  }
  const reasons: ReworkReason[] = reverts
    .filter((revert) => revert.by === unit)
    .map(({ carrier, commit }) => ({ why: 'revert', of: carrier, commit }));
  if (unit.kind !== 'hotfix') return reasons;
  const before = service.slice(0, service.indexOf(unit));
  const release = before.findLast((other) => other.kind === 'release' && !isRollback(other, changes));
  if (release && failures.get(release.id)?.some((failure) => failure.at <= unit.at))
    reasons.push({ why: 'hotfix after failure', of: release });
  for (const incident of incidents) {
    const begun = at(incident.openedAt) <= unit.at;
    const over =
      incident.closedAt !== undefined && release !== undefined && at(incident.closedAt) < release.at;
    const known =
      release && incident.marker?.causedBy !== undefined && release.ids.includes(incident.marker.causedBy);
    if (begun && !over && !known) reasons.push({ why: 'hotfix after incident', incident });
  }
  return reasons;
}
