import type { IncidentFact } from '../../../shared/contracts/dora-facts.js';
import { isRollback, type Change } from './changes.js';
import { causeOf, type LinkRule } from './incident-link.js';
import { revertsIn } from './reverts.js';
import { at, byService, type Unit } from './units.js';

export type { IncidentFact };

/** One sign that a deployment failed. */
export type Failure = { at: number } & (
  | { sign: 'taken back' }
  /** By the very switch that released it, before it was a success. */
  | { sign: 'taken back by its switch' }
  | { sign: 'rolled back'; by: Unit }
  | { sign: 'incident'; incident: IncidentFact; byTime: boolean }
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
  rule: LinkRule,
): Map<number, Failure[]> {
  const failures = new Map<number, Failure[]>();
  const add = (unit: Unit, failure: Failure) => {
    const known = failures.get(unit.id);
    if (known) known.push(failure);
    else failures.set(unit.id, [failure]);
  };
  const byRecord = new Map(units.flatMap((unit) => unit.ids.map((id) => [id, unit] as const)));
  for (const unit of units)
    if (unit.takenBackAt !== undefined)
      add(unit, {
        sign: unit.live ? 'taken back' : 'taken back by its switch',
        at: unit.takenBackAt,
      });
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
  const live = units.filter((unit) => unit.live);
  for (const incident of incidents) {
    const cause = causeOf(incident, live, byRecord, rule);
    // What was over before the first success was trouble of the deploying, not of what users met.
    if (!cause || (incident.closedAt !== undefined && at(incident.closedAt) <= cause.unit.at)) continue;
    add(cause.unit, {
      sign: 'incident',
      at: Math.max(cause.unit.at, at(incident.openedAt)),
      incident,
      byTime: cause.byTime,
    });
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
