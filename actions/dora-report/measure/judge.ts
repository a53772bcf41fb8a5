import type { DoraFacts } from '../../../shared/contracts/dora-facts.js';
import type { DoraQuestion } from '../../../shared/contracts/reports/dora-report.js';
import { changesOf, graphOf, isRollback, type Change } from '../metrics/changes.js';
import { failuresOf, type Failure, type IncidentFact } from '../metrics/failures.js';
import { filtered, firstPlausible, leadTimesOf, type LeadTimes } from '../metrics/lead-time.js';
import { pullsByMerge, pullsOfCommits, type PullFact } from '../metrics/pulls.js';
import { recoveryOf, undoneUnits, type Recovery } from '../metrics/recovery.js';
import { revertsIn } from '../metrics/reverts.js';
import { reworkOf, type ReworkReason } from '../metrics/rework.js';
import { at, byService, unitsOf, type Unit, type Units } from '../metrics/units.js';

/** A deployment with all that is known of it. */
export interface Judged extends Unit {
  rollback: boolean;
  failures: readonly Failure[];
  rework: readonly ReworkReason[];
  leadTimes: LeadTimes;
  recovery: Recovery | undefined;
  /** Pull requests that it brought live and that the filters let through. */
  pulls: readonly PullFact[];
  /** The earliest instant at which somebody wrote one of its commits, epoch milliseconds. */
  writtenAt: number | undefined;
}

export interface Judgement {
  /** Oldest success first. */
  deployments: Judged[];
  notCounted: Units['notCounted'];
  /** Incidents of the environment that are believed. */
  incidents: IncidentFact[];
  /** Incidents without a marker, or of another environment. */
  otherIncidents: { incident: IncidentFact; why: 'untrusted' | 'other environment' }[];
  /** When the first record of each service was written, epoch milliseconds. */
  since: ReadonlyMap<string, number>;
}

export type JudgeRule = Pick<DoraQuestion, 'environment' | 'filters' | 'leadTimeStart' | 'linkWithinHours'>;

/** Judges every deployment in the facts, whatever window is measured later: a window only chooses among them. */
export function judge(facts: DoraFacts, question: JudgeRule): Judgement {
  const { units, notCounted } = unitsOf(facts.deployments);
  const byId = new Map(units.map((unit) => [unit.id, unit]));
  const chains = facts.chains.map((chain) => chain.flatMap((id) => byId.get(id) ?? []));
  const changes = changesOf(facts, graphOf(facts), chains);
  const sorted = sortIncidents(facts.incidents, question);
  const failures = failuresOf(units, changes, sorted.incidents, { withinHours: question.linkWithinHours });
  const undone = undoneUnits(failures);
  const byMerge = pullsByMerge(facts.pulls ?? []);
  const rule = { start: question.leadTimeStart, filters: question.filters };
  const deployments = [...byService(units)].flatMap(([name, service]) => {
    const own = sorted.incidents.filter(
      ({ marker }) => marker?.service === undefined || marker.service.toLowerCase() === name,
    );
    const rework = reworkOf({
      service,
      changes,
      failures,
      incidents: own,
      reverts: revertsIn(service, changes),
    });
    const live = service.filter((unit) => unit.live);
    return service.map((unit, index): Judged => {
      const signs = failures.get(unit.id) ?? [];
      const change = changes.get(unit.id);
      const pulls = change ? pullsOfCommits(unit, change, byMerge) : noPulls;
      return {
        ...unit,
        rollback: isRollback(unit, changes),
        failures: signs,
        rework: rework[index]!,
        leadTimes: leadTimesOf(unit, changes, pulls, rule),
        recovery: signs.length > 0 ? recoveryOf(unit, signs, live, undone) : undefined,
        pulls: change && pulls.size > 0 ? pullsLive(unit, change, pulls, byMerge, question) : [],
        writtenAt: firstWritten(unit, change),
      };
    });
  });
  deployments.sort((a, b) => a.at - b.at || a.id - b.id);
  return { deployments, notCounted, ...sorted, since: recordsSince(facts) };
}

const noPulls: ReadonlyMap<string, PullFact> = new Map();

/** Pull requests whose merge went live with a deployment, and that the filters let through. */
function pullsLive(
  unit: Unit,
  { commits }: Change,
  pulls: ReadonlyMap<string, PullFact>,
  byMerge: ReadonlyMap<string, PullFact>,
  { filters }: JudgeRule,
): PullFact[] {
  const live = commits.flatMap((commit) => {
    const merged = byMerge.get(commit.oid);
    return merged && filtered(unit, commit, pulls.get(commit.oid), filters) === undefined ? [merged] : [];
  });
  return [...new Set(live)];
}

function firstWritten(unit: Unit, change: Change | undefined): number | undefined {
  let first: number | undefined;
  for (const { authoredAt, parents } of change?.commits ?? [])
    if (parents.length < 2 && authoredAt >= firstPlausible && authoredAt <= unit.at)
      first = Math.min(first ?? Infinity, authoredAt);
  return first;
}

function recordsSince(facts: DoraFacts): Map<string, number> {
  const since = new Map<string, number>();
  for (const { service, createdAt, distrust } of facts.deployments) {
    if (distrust.length > 0) continue;
    const name = service.toLowerCase();
    since.set(name, Math.min(since.get(name) ?? Infinity, at(createdAt)));
  }
  return since;
}

function sortIncidents(
  all: readonly IncidentFact[],
  { environment }: JudgeRule,
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
