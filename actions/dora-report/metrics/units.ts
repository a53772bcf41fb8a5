import type { DeploymentFact } from '../../../shared/contracts/dora-facts.js';
import { outcomeOf, type DeploymentOutcome, type DeploymentState } from '../../../shared/ledger/record.js';
import { parseInstant } from '../../../shared/time/instant.js';

export type { DeploymentFact };

/** One deployment as it is counted: one or more records (a matrix, several jobs) that met traffic. */
export interface Unit {
  /** Of the first record. */
  id: number;
  ids: readonly number[];
  /** Casefolded; the ledger does not tell services apart by case. */
  service: string;
  sha: string;
  version: string;
  kind: DeploymentFact['kind'];
  /** For a rollback: the Deployment it took back. */
  previous: number | undefined;
  /** When its record was written, epoch milliseconds. */
  begunAt: number;
  /** First success; where it was never live, the beginning of the switch that was taken back. */
  at: number;
  /** First failure after a success, or the end of a switch that was taken back. */
  takenBackAt: number | undefined;
  /** False where its switch gave it traffic and took it back before it was a success. */
  live: boolean;
}

export type NotCounted = 'distrusted' | 'in flight' | 'never succeeded' | 'given up' | 'same deployment';

export interface Units {
  /** Oldest success first. */
  units: Unit[];
  notCounted: { record: DeploymentFact; why: NotCounted }[];
}

/** Epoch milliseconds of an instant the contract has checked. */
export function at(instant: string): number {
  return parseInstant(instant) ?? Number.NaN;
}

/** Finds the deployments in the records; records that are none are returned with the reason. */
export function unitsOf(records: readonly DeploymentFact[]): Units {
  const notCounted: Units['notCounted'] = [];
  const open = new Map<string, { unit: Unit; key: string }>();
  /** By service, release and attempt: jobs of one attempt belong together though another run deployed between them. */
  const ofAttempt = new Map<string, Unit>();
  const units: Unit[] = [];
  const inOrder = [...records].sort((a, b) => at(a.createdAt) - at(b.createdAt) || a.id - b.id);
  for (const record of inOrder) {
    if (record.distrust.length > 0) {
      notCounted.push({ record, why: 'distrusted' });
      continue;
    }
    const outcome = outcomeOfFact(record);
    const unit = unitOf(record, outcome);
    if (!unit) {
      notCounted.push({ record, why: withoutSuccess(outcome) });
      continue;
    }
    // Without a run nothing says that two records are one deployment.
    const key = record.run ? `${record.kind} ${record.sha} ${record.run.id}` : `record ${record.id}`;
    const attempt = `${unit.service} ${key} ${record.run?.attempt ?? 1}`;
    const last = open.get(unit.service);
    const same = last?.key === key ? last.unit : ofAttempt.get(attempt);
    if (same && !(same.takenBackAt! <= unit.begunAt)) {
      merge(same, unit);
      notCounted.push({ record, why: 'same deployment' });
      continue;
    }
    open.set(unit.service, { unit, key });
    ofAttempt.set(attempt, unit);
    units.push(unit);
  }
  return { units: units.sort((a, b) => a.at - b.at || a.id - b.id), notCounted };
}

function unitOf(record: DeploymentFact, outcome: DeploymentOutcome): Unit | undefined {
  const { id, sha, version, kind, previous } = record;
  const facts = { id, ids: [id], service: record.service.toLowerCase(), sha, version, kind, previous };
  const begunAt = at(record.createdAt);
  if (outcome.is === 'succeeded')
    return { ...facts, begunAt, at: outcome.at, takenBackAt: undefined, live: true };
  if (outcome.is === 'taken-back')
    return { ...facts, begunAt, at: outcome.succeededAt, takenBackAt: outcome.at, live: true };
  const met = metTraffic(record);
  return met && { ...facts, begunAt, ...met, live: false };
}

/**
 * The switch writes `in_progress` before traffic moves, `error` when nothing moved, and `failure` when it took traffic
 * back: that release was met by users though it never was a success. A rescue that failed took nothing new there.
 */
function metTraffic(record: DeploymentFact): { at: number; takenBackAt: number } | undefined {
  if (record.source !== 'ledger' || record.kind === 'rollback') return undefined;
  const begun = record.statuses.findIndex(({ state }) => state === 'in_progress');
  if (begun < 0) return undefined;
  const end = record.statuses.slice(begun).find(({ state }) => state === 'failure' || state === 'error');
  if (end?.state !== 'failure') return undefined;
  return { at: at(record.statuses[begun]!.at), takenBackAt: at(end.at) };
}

/** A further record of a deployment: live as soon as one is, taken back as soon as one was. */
function merge(unit: Unit, other: Unit): void {
  unit.ids = [...unit.ids, other.id];
  unit.at = unit.live === other.live ? Math.min(unit.at, other.at) : unit.live ? unit.at : other.at;
  unit.live ||= other.live;
  const back = Math.min(unit.takenBackAt ?? Infinity, other.takenBackAt ?? Infinity);
  unit.takenBackAt = Number.isFinite(back) ? Math.max(back, unit.at) : undefined;
}

function outcomeOfFact(record: DeploymentFact): DeploymentOutcome {
  return outcomeOf({
    createdAt: at(record.createdAt),
    statuses: record.statuses.map(({ state, at: instant }) => ({
      state: state as DeploymentState,
      at: at(instant),
      by: { login: '', bot: true },
      description: '',
    })),
  });
}

function withoutSuccess(outcome: DeploymentOutcome): NotCounted {
  if (outcome.is === 'in-flight') return 'in flight';
  return outcome.is === 'abandoned' ? 'given up' : 'never succeeded';
}

/** Deployments of each service in the order they went live. */
export function byService<T extends Pick<Unit, 'service'>>(units: readonly T[]): Map<string, T[]> {
  return groupBy(units, ({ service }) => service);
}

/** Items by a key, each group in their order; linear, since a busy team has ten thousand of them. */
export function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

/**
 * The deployments whose commits must be known to measure lead time in [from, to): those of the window and, before it,
 * back to the last planned release, since a rollback or a hotfix from a side branch says little about what had been
 * live. What was never live brought nothing.
 */
export function chainsOf(units: readonly Unit[], from: number, to: number): Unit[][] {
  return [...byService(units.filter(({ live }) => live)).values()].flatMap((all) => {
    const before = all.filter((unit) => unit.at < from);
    const inside = all.filter((unit) => unit.at >= from && unit.at < to);
    const release = before.findLastIndex((unit) => unit.kind === 'release');
    return inside.length > 0 ? [[...before.slice(Math.max(0, release)), ...inside]] : [];
  });
}

/** Records of the chosen services; none chosen means all. */
export function ofServices(
  records: readonly DeploymentFact[],
  services: readonly string[],
): DeploymentFact[] {
  return records.filter((record) => isChosen(record.service, services));
}

/** Whether a service was asked for. */
export function isChosen(service: string, services: readonly string[]): boolean {
  return services.length === 0 || services.some((name) => name.toLowerCase() === service.toLowerCase());
}
