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

/**
 * Signs of failure of each deployment, by deployment id; several incidents of one deployment are still one failed
 * deployment.
 */
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
    // What was over before the first success was trouble of the deploying, not of what users met.
    if (!unit || (incident.closedAt !== undefined && at(incident.closedAt) <= unit.at)) continue;
    add(unit, { sign: 'incident', at: Math.max(unit.at, at(incident.openedAt)), incident });
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

/** The reverts in the deployments of one service. */
export function revertsIn(service: readonly Unit[], changes: ReadonlyMap<number, Change>): Revert[] {
  const carriers = new Map<string, Carrier>();
  const byPull = new Map<string, Carrier>();
  const reverts: Revert[] = [];
  for (const unit of service) {
    const commits = changes.get(unit.id)?.commits ?? [];
    for (const commit of commits) {
      const undone = [
        ...commit.reverts.map((sha) => carriers.get(sha) ?? carrierOfShort(carriers, sha)),
        ...commit.revertsPulls.map((number) => byPull.get(number)),
      ];
      for (const carrier of new Set(undone))
        if (carrier && !carrier.isRevert)
          reverts.push({ carrier: carrier.unit, by: unit, commit: carrier.oid });
    }
    for (const commit of commits) {
      const { oid, pull } = commit;
      const carrier = { oid, unit, isRevert: commit.reverts.length + commit.revertsPulls.length > 0 };
      carriers.set(oid, carrier);
      if (pull !== undefined) byPull.set(pull, carrier);
    }
  }
  return reverts;
}

/** A commit that went live, and with which deployment. */
interface Carrier {
  oid: string;
  unit: Unit;
  isRevert: boolean;
}

/** The commit that a short sha means; undefined where it means several or none. */
function carrierOfShort(carriers: ReadonlyMap<string, Carrier>, short: string): Carrier | undefined {
  if (short.length === 40) return undefined;
  const meant = [...carriers.keys()].filter((oid) => oid.startsWith(short));
  return meant.length === 1 ? carriers.get(meant[0]!) : undefined;
}
