import type { DoraFacts } from '../../../shared/contracts/dora-report.js';
import { changesOf, isRollback } from '../metrics/changes.js';
import { failuresOf, revertsIn, type Failure, type IncidentFact } from '../metrics/failures.js';
import { leadTimesOf, type LeadTimes } from '../metrics/lead-time.js';
import { recoveryOf, undoneUnits, type Recovery } from '../metrics/recovery.js';
import { reworkOf, type ReworkReason } from '../metrics/rework.js';
import { byService, unitsOf, type Unit, type Units } from '../metrics/units.js';

/** A deployment with all that is known of it. */
export interface Judged extends Unit {
  rollback: boolean;
  failures: readonly Failure[];
  rework: readonly ReworkReason[];
  leadTimes: LeadTimes;
  recovery: Recovery | undefined;
}

export interface Judgement {
  /** Oldest success first. */
  deployments: Judged[];
  notCounted: Units['notCounted'];
  /** Incidents of the environment that carry our marker. */
  incidents: IncidentFact[];
  /** Incidents without it, or of another environment. */
  otherIncidents: { incident: IncidentFact; why: 'untrusted' | 'other environment' }[];
}

/** Judges every deployment in the facts, whatever window is measured later: a window only chooses among them. */
export function judge(facts: DoraFacts, environment: string): Judgement {
  const { units, notCounted } = unitsOf(facts.deployments);
  const byId = new Map(units.map((unit) => [unit.id, unit]));
  const chains = facts.chains.map((chain) => chain.flatMap((id) => byId.get(id) ?? []));
  const changes = changesOf(facts, chains);
  const { incidents, otherIncidents } = sortIncidents(facts.incidents, environment);
  const failures = failuresOf(units, changes, incidents);
  const undone = undoneUnits(failures);
  const deployments = [...byService(units)].flatMap(([name, service]) => {
    const own = incidents.filter((incident) => incident.marker?.service.toLowerCase() === name);
    const reverts = revertsIn(service, changes);
    return service.map((unit): Judged => {
      const signs = failures.get(unit.id) ?? [];
      return {
        ...unit,
        rollback: isRollback(unit, changes),
        failures: signs,
        rework: reworkOf(unit, { service, changes, failures, incidents: own, reverts }),
        leadTimes: leadTimesOf(unit, changes),
        recovery: signs.length > 0 ? recoveryOf(unit, signs, service, undone) : undefined,
      };
    });
  });
  deployments.sort((a, b) => a.at - b.at || a.id - b.id);
  return { deployments, notCounted, incidents, otherIncidents };
}

function sortIncidents(
  all: readonly IncidentFact[],
  environment: string,
): Pick<Judgement, 'incidents' | 'otherIncidents'> {
  const incidents: IncidentFact[] = [];
  const otherIncidents: Judgement['otherIncidents'] = [];
  for (const incident of all) {
    if (!incident.marker) otherIncidents.push({ incident, why: 'untrusted' });
    else if (incident.marker.environment.toLowerCase() !== environment.toLowerCase())
      otherIncidents.push({ incident, why: 'other environment' });
    else incidents.push(incident);
  }
  return { incidents, otherIncidents };
}
