import { createDeployment, setDeploymentStatus } from '../../../shared/ledger/deployments.js';
import { takeLock } from '../../../shared/traffic/recovery/acquire.js';
import type { TrafficControl } from '../../../shared/traffic/control.js';
import { digestOf } from '../traffic/colours.js';
import type { Job } from './stage.js';

/** What runs on blue before a switch, and what is reserved on green. */
export const old = { version: '1.0.0', digest: digestOf('1') };
export const fresh = { version: '2.0.0', digest: digestOf('2') };

/** The ledger as it stands after a first release on blue and a reservation of green. */
export async function reserveGreen(
  control: TrafficControl,
  job: Job,
  sha: string,
  tree: string,
): Promise<void> {
  const payloadOf = (colour: string, { version, digest }: typeof old, previous?: number) => ({
    suite: 'devops-actions/deployment@1' as const,
    service: 'shop',
    version,
    releaseId: version,
    builtSha: sha,
    releasedSha: sha,
    tree,
    digest,
    kind: 'release' as const,
    colour,
    ...(previous === undefined ? {} : { previous }),
    waivers: [],
    run: { id: job.runId, attempt: 1 },
  });
  const create = (payload: ReturnType<typeof payloadOf>) =>
    createDeployment(control.github, {
      environment: job.environment,
      service: 'shop',
      sha,
      production: false,
      description: payload.version,
      payload,
    });
  const previous = await create(payloadOf('blue', old));
  await setDeploymentStatus(control.github, previous, 'success', 'live');
  const payload = payloadOf('green', fresh, previous);
  const deployment = await create(payload);
  await setDeploymentStatus(control.github, deployment, 'queued', 'reserved');
  const held = await takeLock(control, { from: 'blue', to: 'green', deployment, payload });
  if (!held) throw new Error('the lock of a new environment was taken');
}

/** A verdict of the gate for a job of the new release. */
export function verdictFor({ environment, runId }: Job, sha: string): string {
  return JSON.stringify({
    schema: 'devops-actions/verdict@1',
    result: 'pass',
    environment,
    service: 'shop',
    kind: 'release',
    sha,
    digest: fresh.digest,
    policyCommit: sha,
    runId,
    attempt: 1,
    issuedAt: new Date(Date.now() - 1_000).toISOString(),
    expiresAt: new Date(Date.now() + 600_000).toISOString(),
    gates: ['checks'],
    waivers: [],
  });
}
