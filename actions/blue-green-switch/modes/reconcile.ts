import { outcomeOf } from '../../../shared/ledger/record.js';
import { setDeploymentStatus } from '../../../shared/ledger/deployments.js';
import { holderIsDead } from '../../../shared/ledger/holder.js';
import { describeDoubted } from '../../../shared/ledger/trust.js';
import type { LedgerPorts, RecoveryPorts, TrafficControl } from '../../../shared/traffic/control.js';
import { readHistory } from '../../../shared/traffic/switch/ledger-outcome.js';
import { recoverLock } from '../../../shared/traffic/recovery/recover.js';
import { liveColour, readable, type Weights } from '../../../shared/traffic/router.js';
import type { ModeResult } from '../result.js';

/** Finds what dead runs left (a lock, a watch, a Deployment that never ended) and brings it to an end. Safe to run at any time, and twice. */
export async function reconcile(control: RecoveryPorts & Pick<TrafficControl, 'watch'>): Promise<ModeResult> {
  const before = (await control.router.survey()).observed?.weights;
  const held = await control.lock.read();
  const recovery = held
    ? await recoverLock(control, held)
    : ({ result: 'nothing', message: 'No lock' } as const);
  control.timeline.say(recovery.message);
  const survey = await control.router.survey();
  const { lost } = readable(survey);
  const { swept, strays } = await sweepDeployments(control, survey.observed?.weights);
  swept.unshift(...(await sweepWatch(control)));
  const lock = held && (recovery.result === 'busy' || recovery.result === 'held') ? held.state : undefined;
  // What is held may be held for the very nodes that cannot be read.
  const unread = lost.filter((why) => recovery.result !== 'held' || !recovery.message.includes(why));
  const trouble = [...unread, ...strays];
  const reasons = [...(recovery.result === 'held' ? [recovery.message] : []), ...trouble];
  const nothing = trouble.length > 0 ? 'drift' : swept.length > 0 ? 'released' : 'nothing';
  return {
    ok: reasons.length === 0,
    result: recovery.result === 'nothing' ? nothing : recovery.result,
    message: [recovery.message, ...swept, ...trouble].map((message) => message.replace(/\.$/, '')).join('. '),
    reasons,
    survey,
    ...(before ? { before } : {}),
    ...(held
      ? {
          target: held.state.to,
          version: held.state.version,
          digest: held.state.digest,
          deployment: held.state.deployment,
        }
      : {}),
    ...(lock ? { target: lock.to } : {}),
  };
}

async function sweepWatch(control: Pick<TrafficControl, 'watch' | 'me' | 'runFacts'>): Promise<string[]> {
  const watch = await control.watch.read();
  if (!watch) return [];
  const { holder, deployment } = watch.state;
  if (!holderIsDead(holder, await control.runFacts(holder.runId, holder.attempt), 'job', control.me))
    return [];
  await control.watch.remove(watch);
  return [`Removed the watch of Deployment ${deployment}, whose run is over`];
}

/**
 * Deployments that a run left in flight without a lock: it died between creating one and taking the lock. One that had begun to switch and whose colour
 * may have the traffic is a stray: someone removed its lock, and only a person knows whether it is to stay. `weights` is undefined when not every node can
 * be read: then nothing is known of those that had begun, and they are left to a later time.
 */
async function sweepDeployments(
  control: LedgerPorts & Pick<TrafficControl, 'me' | 'runFacts' | 'lock' | 'runUrl'>,
  weights: Weights | undefined,
): Promise<{ swept: string[]; strays: string[] }> {
  const locked = (await control.lock.read())?.state.deployment;
  const live = weights && liveColour(weights);
  const swept: string[] = [];
  const strays: string[] = [];
  const history = await readHistory(control);
  for (const record of history) {
    if (record.distrust.length > 0 || record.id === locked || outcomeOf(record).is !== 'in-flight') continue;
    const doubted = describeDoubted(await control.prove([record], history));
    if (doubted) {
      control.timeline.say(`${doubted}; left as it is`);
      continue;
    }
    const { id, attempt } = record.payload.run;
    const holder = { runId: id, attempt, job: 0, actor: '', workflow: '' };
    if (!holderIsDead(holder, await control.runFacts(id, attempt), 'run', control.me)) continue;
    const begun = record.statuses.at(-1)?.state === 'in_progress';
    const { colour, version } = record.payload;
    if (begun && !weights) continue;
    if (begun && (live === undefined || live === colour)) {
      strays.push(
        `Deployment ${record.id} (${version}) had begun to switch, its lock is gone, and ${live === undefined ? 'traffic is mixed' : `${colour} is live`}: give all traffic to the right colour by hand and close the Deployment`,
      );
      continue;
    }
    await setDeploymentStatus(control.github, record.id, 'inactive', 'its run ended before traffic moved', {
      log: control.runUrl,
    });
    swept.push(`Closed Deployment ${record.id}, whose run is over`);
  }
  return { swept, strays };
}
