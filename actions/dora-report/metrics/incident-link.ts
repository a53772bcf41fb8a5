import type { IncidentFact } from '../../../shared/contracts/dora-facts.js';
import { at, type Unit } from './units.js';

export interface LinkRule {
  /** Hours between a deployment and an incident that names no cause; null: never linked by time. */
  withinHours: number | null;
}

/**
 * The deployment an incident is of: the one it names, by id or commit, else, where that was asked for, the newest one
 * that went live strictly before it and not longer ago than the rule says.
 */
export function causeOf(
  incident: IncidentFact,
  /** Oldest first. */
  live: readonly Unit[],
  byRecord: ReadonlyMap<number, Unit>,
  rule: LinkRule,
): { unit: Unit; byTime: boolean } | undefined {
  const { marker } = incident;
  if (!marker) return undefined;
  if (marker.causedBy !== undefined) {
    const unit = byRecord.get(marker.causedBy);
    if (unit) return { unit, byTime: false };
    if (marker.causedBySha === undefined) return undefined;
  }
  const ofService = (unit: Unit) =>
    marker.service === undefined || unit.service === marker.service.toLowerCase();
  const opened = at(incident.openedAt);
  if (marker.causedBySha !== undefined) {
    const named = live.filter((unit) => unit.sha.startsWith(marker.causedBySha!) && ofService(unit));
    const unit = named.findLast((candidate) => candidate.at <= opened) ?? named[0];
    return unit && { unit, byTime: false };
  }
  if (rule.withinHours === null) return undefined;
  for (let index = firstNotBefore(live, opened) - 1; index >= 0; index--) {
    const unit = live[index]!;
    if (opened - unit.at > rule.withinHours * 3_600_000) return undefined;
    if (ofService(unit)) return { unit, byTime: true };
  }
  return undefined;
}

/** Position of the first deployment that is not older than an instant, in a list with the oldest first. */
export function firstNotBefore(units: readonly Pick<Unit, 'at'>[], instant: number): number {
  let low = 0;
  let high = units.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (units[middle]!.at < instant) low = middle + 1;
    else high = middle;
  }
  return low;
}
