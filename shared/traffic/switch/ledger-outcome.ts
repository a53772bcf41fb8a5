import { setDeploymentStatus } from '../../ledger/deployments.js';
import { listDeployments } from '../../ledger/list-deployments.js';
import {
  beforeIt,
  isGood,
  isLive,
  mayHaveSucceeded,
  outcomeOf,
  type DeploymentOutcome,
  type DeploymentRecord,
} from '../../ledger/record.js';
import { describeDoubted, firstProved } from '../../ledger/proof/first-proved.js';
import { GitHubError } from '../../github/problem.js';
import type { Lock } from '../../ledger/refs/lock.js';
import type { TrafficControl } from '../control.js';

type Recorder = Pick<
  TrafficControl,
  'github' | 'environment' | 'service' | 'writers' | 'prove' | 'runUrl' | 'config' | 'timeline'
>;

/**
 * The service's Deployments in this environment, newest first. Their writers are known; their runs are looked up only
 * for what a decision rests on.
 */
export async function readHistory(
  recorder: Pick<Recorder, 'github' | 'environment' | 'service' | 'writers'>,
): Promise<DeploymentRecord[]> {
  const { environment, service, writers } = recorder;
  const { records } = await listDeployments(recorder.github, {
    environments: [environment],
    service,
    writers,
    limit: 300,
  });
  return records;
}

/** What the ledger proves: the live record, and the history with the doubts that were found on the way. */
export interface ProvedLive {
  live: DeploymentRecord | undefined;
  history: DeploymentRecord[];
  /** Why nothing is live, where a record that does not count may be the cause. */
  nothing: string;
  /** Set when the newest that became live has statuses that cannot be read: then nobody knows what is live. */
  unread?: true;
}

/**
 * The Deployment that is live by the ledger and proves itself; the ones that do not are named in the timeline and
 * passed over. Statuses that no switch or rescue wrote are left out, so the newest that became live is looked up even
 * where it says that it ended. What became of one whose statuses are not all known, nobody knows.
 */
export async function provedLive(
  recorder: Pick<Recorder, 'prove' | 'environment' | 'service'> & { timeline?: Recorder['timeline'] },
  history: readonly DeploymentRecord[],
): Promise<ProvedLive> {
  const newest = await firstProved(
    recorder.prove,
    history,
    history.filter(mayHaveSucceeded),
    mayHaveSucceeded,
  );
  const older = newest.records.slice(newest.records.findIndex(({ id }) => id === newest.found?.id) + 1);
  const known = newest.found === undefined || newest.found.unread !== undefined || isLive(newest.found);
  const { found, records } = known
    ? newest
    : await firstProved(recorder.prove, newest.records, older.filter(isLive), isLive);
  sayDoubted(recorder, history, records);
  const nothing = `nothing of ${recorder.service} in ${recorder.environment} is live by the ledger`;
  if (found?.unread !== undefined)
    return {
      live: undefined,
      history: records,
      nothing: `${nothing}. ${describeUnread(found)}`,
      unread: true,
    };
  const doubted = describeDoubted(records);
  return { live: found, history: records, nothing: doubted ? `${nothing} (${doubted})` : nothing };
}

/** What is said of a release of which nobody knows what became of it. */
const describeUnread = (record: DeploymentRecord) =>
  `${describeDoubted([record])}. Fix: find the workflow that writes them, take its "deployments: write" away, and run mode adopt, which records anew what is live`;

/**
 * What to go back to from a proved Deployment, if that proves itself too; the records come back with the doubts found.
 */
export async function provedGood(
  recorder: Pick<Recorder, 'prove'> & { timeline?: Recorder['timeline'] },
  history: readonly DeploymentRecord[],
  from: DeploymentRecord,
): Promise<{ found: DeploymentRecord | undefined; records: readonly DeploymentRecord[] }> {
  const proved = await firstProved(recorder.prove, history, beforeIt(history, from), (record) =>
    isGood(record, from),
  );
  sayDoubted(recorder, history, proved.records);
  return proved;
}

/** Names in the timeline what turned out not to count. */
export function sayDoubted(
  { timeline }: { timeline?: Recorder['timeline'] },
  before: readonly DeploymentRecord[],
  after: readonly DeploymentRecord[],
): void {
  for (const record of after.filter((candidate) => !before.includes(candidate))) {
    const doubted = describeDoubted([record]);
    if (doubted) timeline?.say(doubted);
  }
}

/**
 * Writes that the lock's Deployment is live: success for it, failure for the one a rollback took back, inactive for any
 * other that was live. What is there already is not written again if it counts.
 */
export async function recordLive(recorder: Recorder, lock: Lock): Promise<void> {
  const links = { log: recorder.runUrl, environment: new URL(recorder.config.entry.url).origin };
  const history = await readHistory(recorder);
  const own = await provedOutcome(recorder, lock.deployment, history);
  if (own !== 'succeeded') {
    const description = `${lock.version} is live on ${lock.to}`;
    await setDeploymentStatus(recorder.github, lock.deployment, 'success', description, links);
  }
  for (const record of history.filter(
    ({ id, distrust }) => id !== lock.deployment && distrust.length === 0,
  )) {
    if (lock.payload.kind === 'rollback' && record.id === lock.payload.previous) {
      const outcome = await provedOutcome(recorder, record.id, history);
      if (outcome !== 'taken-back' && outcome !== 'failed') {
        await setDeploymentStatus(
          recorder.github,
          record.id,
          'failure',
          `taken back: ${lock.version} is live again`,
          { log: recorder.runUrl },
        );
      }
    } else if (isLive(record)) {
      if (!(await countsFor(recorder, lock, record, history))) continue;
      await setDeploymentStatus(recorder.github, record.id, 'inactive', `superseded by ${lock.version}`, {
        log: recorder.runUrl,
      });
    }
  }
  recorder.timeline.say(`Ledger: Deployment ${lock.deployment} is success`);
}

/** What became of a Deployment by the statuses that count; undefined where that is not known. */
async function provedOutcome(
  { prove }: Pick<Recorder, 'prove'>,
  deployment: number,
  history: readonly DeploymentRecord[],
): Promise<DeploymentOutcome['is'] | undefined> {
  const record = history.find(({ id }) => id === deployment);
  if (!record) return undefined;
  try {
    const [proved = record] = await prove([record], history);
    return proved.unread === undefined ? outcomeOf(proved).is : undefined;
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    return undefined;
  }
}

/**
 * Whether a record that calls itself live is ours to close. The lock proves the one it replaces; any other is looked
 * up, and left alone when it does not prove itself or cannot be looked up: what is live is written already, and the
 * next switch closes what is left.
 */
async function countsFor(
  recorder: Recorder,
  lock: Lock,
  record: DeploymentRecord,
  history: readonly DeploymentRecord[],
): Promise<boolean> {
  if (record.id === lock.payload.previous) return true;
  try {
    const [proved = record] = await recorder.prove([record], history);
    const doubted = describeDoubted([proved]);
    if (doubted) recorder.timeline.say(`${doubted}; left as it is`);
    return isLive(proved);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    recorder.timeline.say(`Deployment ${record.id} could not be looked up: ${why}; left as it is`);
    return false;
  }
}

/** Writes what became of the lock's Deployment when it is not live. */
export async function recordNotLive(
  recorder: Recorder,
  lock: Lock,
  state: 'failure' | 'error' | 'inactive',
  why: string,
): Promise<void> {
  await setDeploymentStatus(recorder.github, lock.deployment, state, why, { log: recorder.runUrl });
  recorder.timeline.say(`Ledger: Deployment ${lock.deployment} is ${state} (${why})`);
}
