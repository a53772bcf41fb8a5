import type { DoraFacts } from '../../../shared/contracts/dora-report.js';
import { isRollback, type Change } from './changes.js';
import { at, byService, type Unit } from './units.js';

export type IncidentFact = DoraFacts['incidents'][number];

/** One sign that a deployment failed. */
export type Failure = { at: number } & (
  | { sign: 'taken back' }
  | { sign: 'rolled back'; by: Unit }
  | { sign: 'incident'; incident: IncidentFact }
  | { sign: 'reverted'; by: Unit; commit: string }
);

/** Signs of failure of each deployment, by deployment id; several incidents of one deployment are still one failed deployment. */
export function failuresOf(
  units: readonly Unit[],
  changes: ReadonlyMap<number, Change>,
  incidents: readonly IncidentFact[],
): Map<number, Failure[]> {
  const failures = new Map<number, Failure[]>();
  const add = (unit: Unit, failure: Failure) =>
    failures.set(unit.id, [...(failures.get(unit.id) ?? []), failure]);
  const byRecord = new Map(units.flatMap((unit) => unit.ids.map((id) => [id, unit] as const)));
  for (const unit of units)
    if (unit.takenBackAt !== undefined) add(unit, { sign: 'taken back', at: unit.takenBackAt });
  for (const service of byService(units).values()) {
    service.forEach((unit, index) => {
      if (!isRollback(unit, changes)) return;
      const undone = undoneBy(unit, service[index - 1], byRecord, changes);
      if (undone && undone.at <= unit.at && undone !== unit)
        add(undone, { sign: 'rolled back', at: unit.at, by: unit });
    });
    for (const { carrier, by, commit } of revertsIn(service, changes))
      add(carrier, { sign: 'reverted', at: by.at, by, commit });
  }
  for (const incident of incidents) {
    const caused = incident.marker?.causedBy;
    const unit = caused === undefined ? undefined : byRecord.get(caused);
    if (unit) add(unit, { sign: 'incident', at: at(incident.openedAt), incident });
  }
  return failures;
}

function undoneBy(
  rollback: Unit,
  before: Unit | undefined,
  byRecord: ReadonlyMap<number, Unit>,
  changes: ReadonlyMap<number, Change>,
): Unit | undefined {
  if (rollback.kind !== 'rollback') return changes.get(rollback.id)?.behind;
  return rollback.previous === undefined ? before : byRecord.get(rollback.previous);
}

/** A commit that says it reverts one that an earlier deployment brought. Reverting a revert brings the change back and is no failure. */
export interface Revert {
  carrier: Unit;
  by: Unit;
  /** The reverted commit. */
  commit: string;
}

/** The reverts in the deployments of one service. */
export function revertsIn(service: readonly Unit[], changes: ReadonlyMap<number, Change>): Revert[] {
  const carriers = new Map<string, { unit: Unit; isRevert: boolean }>();
  const reverts: Revert[] = [];
  for (const unit of service) {
    const commits = changes.get(unit.id)?.commits ?? [];
    for (const commit of commits) {
      for (const sha of commit.reverts) {
        const carrier = carriers.get(sha);
        if (carrier && !carrier.isRevert) reverts.push({ carrier: carrier.unit, by: unit, commit: sha });
      }
    }
    for (const commit of commits) carriers.set(commit.oid, { unit, isRevert: commit.reverts.length > 0 });
  }
  return reverts;
}
