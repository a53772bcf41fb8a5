import { setDeploymentStatus } from '../../ledger/deployments.js';
import { listDeployments } from '../../ledger/list-deployments.js';
import {
  distrustUnread,
  liveByLedger,
  outcomeOf,
  previousGood,
  type DeploymentRecord,
} from '../../ledger/record.js';
import { describeDoubted, firstProved } from '../../ledger/trust.js';
import type { Lock } from '../../ledger/lock.js';
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
  return distrustUnread(records);
}

/** What the ledger proves: the live record, and the history with the doubts that were found on the way. */
export interface ProvedLive {
  live: DeploymentRecord | undefined;
  history: DeploymentRecord[];
  /** Why nothing is live, where a record that does not count may be the cause. */
  nothing: string;
}

/**
 * The Deployment that is live by the ledger and proves itself; the ones that do not are named in the timeline and
 * passed over.
 */
export async function provedLive(
  recorder: Pick<Recorder, 'prove' | 'environment' | 'service'> & { timeline?: Recorder['timeline'] },
  history: readonly DeploymentRecord[],
): Promise<ProvedLive> {
  const { found, records } = await firstProved(recorder.prove, history, liveByLedger);
  sayDoubted(recorder, history, records);
  const doubted = describeDoubted(records);
  const nothing = `nothing of ${recorder.service} in ${recorder.environment} is live by the ledger`;
  return { live: found, history: records, nothing: doubted ? `${nothing} (${doubted})` : nothing };
}

/**
 * What to go back to from a proved Deployment, if that proves itself too; the records come back with the doubts found.
 */
export async function provedGood(
  recorder: Pick<Recorder, 'prove'> & { timeline?: Recorder['timeline'] },
  history: readonly DeploymentRecord[],
  from: DeploymentRecord,
): Promise<{ found: DeploymentRecord | undefined; records: readonly DeploymentRecord[] }> {
  const proved = await firstProved(recorder.prove, history, (known) => previousGood(known, from));
  sayDoubted(recorder, history, proved.records);
  return proved;
}

/** Names the records in the timeline that turned out not to count. */
export function sayDoubted(
  { timeline }: { timeline?: Recorder['timeline'] },
  before: readonly DeploymentRecord[],
  after: readonly DeploymentRecord[],
): void {
  for (const record of after.filter((candidate) => !before.includes(candidate)))
    timeline?.say(describeDoubted([record]));
}

/**
 * Writes that the lock's Deployment is live: success for it, failure for the one a rollback took back, inactive for any
 * other that was live.
 */
export async function recordLive(recorder: Recorder, lock: Lock): Promise<void> {
  const links = { log: recorder.runUrl, environment: new URL(recorder.config.entry.url).origin };
  const history = await readHistory(recorder);
  const own = history.find((record) => record.id === lock.deployment);
  if (!own || outcomeOf(own).is !== 'succeeded') {
    const description = `${lock.version} is live on ${lock.to}`;
    await setDeploymentStatus(recorder.github, lock.deployment, 'success', description, links);
  }
  for (const record of history.filter(
    ({ id, distrust }) => id !== lock.deployment && distrust.length === 0,
  )) {
    const outcome = outcomeOf(record);
    if (lock.payload.kind === 'rollback' && record.id === lock.payload.previous) {
      if (outcome.is !== 'taken-back' && outcome.is !== 'failed') {
        await setDeploymentStatus(
          recorder.github,
          record.id,
          'failure',
          `taken back: ${lock.version} is live again`,
          { log: recorder.runUrl },
        );
      }
    } else if (outcome.is === 'succeeded' && outcome.supersededAt === undefined) {
      if (!(await countsFor(recorder, lock, record, history))) continue;
      await setDeploymentStatus(recorder.github, record.id, 'inactive', `superseded by ${lock.version}`, {
        log: recorder.runUrl,
      });
    }
  }
  recorder.timeline.say(`Ledger: Deployment ${lock.deployment} is success`);
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
  let doubted: string;
  try {
    doubted = describeDoubted(await recorder.prove([record], history));
  } catch (error) {
    doubted = `Deployment ${record.id} could not be looked up: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (doubted) recorder.timeline.say(`${doubted}; left as it is`);
  return doubted === '';
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
