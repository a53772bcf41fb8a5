import type { DeploymentPayload } from '../contracts/deployment.js';

/** A GitHub identity as the API names it; an App's is a Bot. */
export interface Identity {
  login: string;
  bot: boolean;
}

/** An actor as GraphQL answers it; null stands for a deleted account. */
export interface Actor {
  __typename: string;
  login: string;
}

export function identityOf(actor: Actor | null): Identity {
  return { login: actor?.login ?? '(deleted account)', bot: actor?.__typename === 'Bot' };
}

export type DeploymentState =
  'queued' | 'pending' | 'waiting' | 'in_progress' | 'success' | 'failure' | 'error' | 'inactive';

export interface DeploymentStatus {
  state: DeploymentState;
  /** Epoch milliseconds. */
  at: number;
  by: Identity;
  description: string;
  /** Address of the log it names; the suite names its run. */
  log?: string | undefined;
  /** Why it does not count, once it was looked up. */
  doubt?: string | undefined;
}

/** One Deployment of the suite with its whole status history, oldest first. */
export interface DeploymentRecord {
  id: number;
  environment: string;
  service: string;
  sha: string;
  /** Epoch milliseconds. */
  createdAt: number;
  by: Identity;
  payload: DeploymentPayload;
  statuses: readonly DeploymentStatus[];
  /** Reasons why this record is shown and not counted; none means it is trusted. */
  distrust: readonly string[];
  /** Why not all of its statuses are known: what became of it cannot be told by them. */
  unread?: string;
}

/** Records for whoever rests a verdict on what became of them: one whose statuses are not all known does not count. */
export function distrustUnread(records: readonly DeploymentRecord[]): DeploymentRecord[] {
  return records.map(({ unread, ...record }) =>
    unread === undefined ? record : { ...record, distrust: [...record.distrust, unread] },
  );
}

/** What became of a deployment. */
export type DeploymentOutcome =
  | { is: 'in-flight'; since: number }
  | { is: 'succeeded'; at: number; supersededAt?: number }
  | { is: 'failed'; at: number }
  /** It had succeeded, then was taken back. */
  | { is: 'taken-back'; at: number; succeededAt: number }
  /** Given up before anything moved. */
  | { is: 'abandoned'; at: number };

/**
 * Reads the outcome from the history: the first success counts (a re-run must not move it), a failure after it means
 * taken back. An `inactive` before it ended nothing; statuses with a doubt are left out.
 */
export function outcomeOf({
  statuses,
  createdAt,
}: Pick<DeploymentRecord, 'statuses' | 'createdAt'>): DeploymentOutcome {
  const record = { createdAt, statuses: statuses.filter(({ doubt }) => doubt === undefined) };
  const indexOf = (...states: DeploymentState[]) =>
    record.statuses.findIndex((status) => states.includes(status.state));
  const at = (index: number) => record.statuses[index]?.at;
  const success = indexOf('success');
  if (success >= 0) {
    const since = record.statuses.slice(success);
    const after = since.find((s) => s.state === 'failure' || s.state === 'error');
    const inactive = since.find((s) => s.state === 'inactive')?.at;
    const succeededAt = record.statuses[success]!.at;
    if (after) return { is: 'taken-back', at: after.at, succeededAt };
    return {
      is: 'succeeded',
      at: succeededAt,
      ...(inactive !== undefined ? { supersededAt: inactive } : {}),
    };
  }
  const failure = at(indexOf('failure', 'error'));
  if (failure !== undefined) return { is: 'failed', at: failure };
  const inactive = at(indexOf('inactive'));
  if (inactive !== undefined) return { is: 'abandoned', at: inactive };
  return { is: 'in-flight', since: record.statuses.at(-1)?.at ?? record.createdAt };
}

/** When a deployment first succeeded, whatever came after; undefined when it never did. */
export function succeededAt(record: Pick<DeploymentRecord, 'statuses' | 'createdAt'>): number | undefined {
  const outcome = outcomeOf(record);
  if (outcome.is === 'succeeded') return outcome.at;
  return outcome.is === 'taken-back' ? outcome.succeededAt : undefined;
}

/** Whether a status says that a release became live, and nothing was found against it. */
export const isSuccess = ({ state, doubt }: DeploymentStatus) => state === 'success' && doubt === undefined;

/** Whether a record may be of a release that became live; one whose statuses are not all known may. */
export function mayHaveSucceeded(record: DeploymentRecord): boolean {
  if (record.distrust.length > 0) return false;
  return record.unread === undefined ? record.statuses.some(isSuccess) : !wasTakenBack(record);
}

/** A failure is an end, whatever else cannot be read. */
const wasTakenBack = (record: DeploymentRecord) => ['failed', 'taken-back'].includes(outcomeOf(record).is);

/** Whether a deployment is live by the ledger: succeeded, and neither taken back nor superseded. */
export function isLive(record: DeploymentRecord): boolean {
  const outcome = outcomeOf(record);
  const ended = outcome.is !== 'succeeded' || outcome.supersededAt !== undefined;
  return record.distrust.length === 0 && record.unread === undefined && !ended;
}

/**
 * What may be gone back to from a deployment, in the order of choice: the one it replaced, then the newest older ones
 * of another colour. Records newest first.
 */
export function beforeIt(records: readonly DeploymentRecord[], from: DeploymentRecord): DeploymentRecord[] {
  const { previous, colour } = from.payload;
  const older = records.filter(
    (record) => record.id !== from.id && record.createdAt <= from.createdAt && mayHaveSucceeded(record),
  );
  return [
    ...older.filter(({ id }) => id === previous),
    ...older.filter((record) => record.id !== previous && record.payload.colour !== colour),
  ];
}

/**
 * Whether a deployment before another is one to go back to: it had succeeded and was never taken back. Of one whose
 * statuses are not all known the other vouches for it, if it names it as the one it replaced.
 */
export function isGood(record: DeploymentRecord, from: DeploymentRecord): boolean {
  if (!mayHaveSucceeded(record)) return false;
  return record.unread === undefined
    ? outcomeOf(record).is === 'succeeded'
    : record.id === from.payload.previous;
}
