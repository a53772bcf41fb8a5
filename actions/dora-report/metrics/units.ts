import type { DoraFacts } from '../../../shared/contracts/dora-report.js';
import { outcomeOf, type DeploymentOutcome, type DeploymentState } from '../../../shared/ledger/record.js';
import { parseInstant } from '../../../shared/time/instant.js';

export type DeploymentFact = DoraFacts['deployments'][number];

/** One deployment as it is counted: one or more records (a matrix, several jobs) that became successful. */
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
  /** First success, epoch milliseconds. */
  at: number;
  /** First failure after a success. */
  takenBackAt: number | undefined;
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
    const success = successOf(outcome);
    if (success === undefined) {
      notCounted.push({ record, why: withoutSuccess(outcome) });
      continue;
    }
    const takenBackAt = outcome.is === 'taken-back' ? outcome.at : undefined;
    const service = record.service.toLowerCase();
    const key = `${record.kind} ${record.sha} ${record.run.id}`;
    const attempt = `${service} ${key} ${record.run.attempt}`;
    const last = open.get(service);
    const same = last?.key === key ? last.unit : ofAttempt.get(attempt);
    if (same && !(same.takenBackAt! <= at(record.createdAt))) {
      merge(same, record.id, success, takenBackAt);
      notCounted.push({ record, why: 'same deployment' });
      continue;
    }
    const { id, sha, version, kind, previous } = record;
    const unit: Unit = { id, ids: [id], service, sha, version, kind, previous, at: success, takenBackAt };
    open.set(service, { unit, key });
    ofAttempt.set(attempt, unit);
    units.push(unit);
  }
  return { units: units.sort((a, b) => a.at - b.at || a.id - b.id), notCounted };
}

function merge(unit: Unit, id: number, success: number, takenBackAt: number | undefined): void {
  unit.ids = [...unit.ids, id];
  unit.at = Math.min(unit.at, success);
  if (takenBackAt !== undefined) unit.takenBackAt = Math.min(unit.takenBackAt ?? Infinity, takenBackAt);
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

function successOf(outcome: DeploymentOutcome): number | undefined {
  if (outcome.is === 'succeeded') return outcome.at;
  return outcome.is === 'taken-back' ? outcome.succeededAt : undefined;
}

function withoutSuccess(outcome: DeploymentOutcome): NotCounted {
  if (outcome.is === 'in-flight') return 'in flight';
  return outcome.is === 'abandoned' ? 'given up' : 'never succeeded';
}

/** Deployments of each service in the order they went live. */
export function byService(units: readonly Unit[]): Map<string, Unit[]> {
  const services = new Map<string, Unit[]>();
  for (const unit of units) services.set(unit.service, [...(services.get(unit.service) ?? []), unit]);
  return services;
}

/**
 * The deployments whose commits must be known to measure lead time in [from, to): those of the window and, before it,
 * back to the last planned release, since a rollback or a hotfix from a side branch says little about what had been
 * live.
 */
export function chainsOf(units: readonly Unit[], from: number, to: number): Unit[][] {
  return [...byService(units).values()].flatMap((all) => {
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
