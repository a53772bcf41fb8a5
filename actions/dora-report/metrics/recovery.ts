import type { Failure } from './failures.js';
import { firstNotBefore } from './incident-link.js';
import { at, type Unit } from './units.js';

/** What ended the trouble of a failed deployment. */
export type Recovery = { at: number } & (
  | { by: 'deployment'; unit: Unit }
  | { by: 'incident closed'; key: string; url: string }
  | { by: 'its own switch' }
);

/**
 * Failed deployment recovery: the first success of the next deployment of the service that was not itself taken back. A
 * failure known only from incidents or a later revert is not fixed by a deployment from before it was known, and is
 * over at the latest when its incidents are closed. What its own switch took back was over then.
 */
export function recoveryOf(
  failed: Unit,
  failures: readonly Failure[],
  /** Live ones, oldest first. */
  service: readonly Unit[],
  undone: ReadonlySet<number>,
): Recovery | undefined {
  if (!failed.live) return { by: 'its own switch', at: failed.takenBackAt! };
  const knownAt = Math.min(...failures.map((failure) => (isTakenBack(failure) ? failed.at : failure.at)));
  let next: Unit | undefined;
  for (let index = firstNotBefore(service, Math.max(failed.at, knownAt)); index < service.length; index++) {
    const unit = service[index]!;
    if (unit === failed || undone.has(unit.id) || !isAfter(unit, failed)) continue;
    next = unit;
    break;
  }
  const closed = lastClosing(failures);
  if (closed && (!next || closed.at < next.at)) return closed;
  return next && { by: 'deployment', at: next.at, unit: next };
}

function isTakenBack({ sign }: Failure): boolean {
  return sign === 'taken back' || sign === 'taken back by its switch' || sign === 'rolled back';
}

function isAfter(unit: Unit, failed: Unit): boolean {
  return unit.at > failed.at || unit.id > failed.id;
}

/** The closing of the last incident, when incidents are all that is known and all are closed. */
function lastClosing(failures: readonly Failure[]): Recovery | undefined {
  let last: Recovery | undefined;
  for (const failure of failures) {
    if (failure.sign !== 'incident' || !failure.incident.closedAt) return undefined;
    const { key, url, closedAt } = failure.incident;
    if (!last || at(closedAt) > last.at) last = { by: 'incident closed', at: at(closedAt), key, url };
  }
  return last;
}

/** Deployments that did not last: taken back, or undone by a rollback. */
export function undoneUnits(failures: ReadonlyMap<number, readonly Failure[]>): Set<number> {
  return new Set([...failures].filter(([, signs]) => signs.some(isTakenBack)).map(([id]) => id));
}
