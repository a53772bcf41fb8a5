import { listDeployments, setDeploymentStatus } from '../ledger/deployments.js';
import { outcomeOf, type DeploymentRecord } from '../ledger/record.js';
import type { Lock } from '../ledger/lock.js';
import type { TrafficControl } from './control.js';

type Recorder = Pick<
  TrafficControl,
  'github' | 'environment' | 'service' | 'writers' | 'runUrl' | 'config' | 'timeline'
>;

/** The service's Deployments in this environment, newest first. */
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

/** Writes that the lock's Deployment is live: success for it, failure for the one a rollback took back, inactive for any other that was live. */
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
      await setDeploymentStatus(recorder.github, record.id, 'inactive', `superseded by ${lock.version}`, {
        log: recorder.runUrl,
      });
    }
  }
  recorder.timeline.say(`Ledger: Deployment ${lock.deployment} is success`);
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
