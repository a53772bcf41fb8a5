import { outcomeOf } from '../../../shared/ledger/record.js';
import { setDeploymentStatus } from '../../../shared/ledger/deployments.js';
import { holderIsDead } from '../../../shared/ledger/holder.js';
import type { TrafficControl } from '../../../shared/traffic/control.js';
import { readHistory } from '../../../shared/traffic/ledger-outcome.js';
import { recoverLock } from '../../../shared/traffic/recover.js';
import type { ModeResult } from '../result.js';

/** Finds what dead runs left (a lock, a watch, a Deployment that never ended) and brings it to an end. Safe to run at any time, and twice. */
export async function reconcile(control: TrafficControl): Promise<ModeResult> {
  const { weights } = await control.router.read();
  const held = await control.lock.read();
  const recovery = held
    ? await recoverLock(control, held)
    : ({ result: 'nothing', said: 'No lock' } as const);
  control.timeline.say(recovery.said);
  const swept = [...(await sweepWatch(control)), ...(await sweepDeployments(control))];
  const lock = held && (recovery.result === 'busy' || recovery.result === 'held') ? held.state : undefined;
  const ok = recovery.result !== 'held';
  return {
    ok,
    result: recovery.result === 'nothing' && swept.length > 0 ? 'released' : recovery.result,
    said: [recovery.said, ...swept].join('. '),
    reasons: ok ? [] : [recovery.said],
    before: weights,
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

async function sweepWatch(control: TrafficControl): Promise<string[]> {
  const watch = await control.watch.read();
  if (!watch) return [];
  const { holder, deployment } = watch.state;
  if (!holderIsDead(holder, await control.runFacts(holder.runId, holder.attempt), 'job', control.me))
    return [];
  await control.watch.remove(watch);
  return [`Removed the watch of Deployment ${deployment}, whose run is over`];
}

/** Deployments that a run left in flight without a lock: it died between creating one and taking the lock. */
async function sweepDeployments(control: TrafficControl): Promise<string[]> {
  const locked = (await control.lock.read())?.state.deployment;
  const swept: string[] = [];
  for (const record of await readHistory(control)) {
    if (record.distrust.length > 0 || record.id === locked || outcomeOf(record).is !== 'in-flight') continue;
    const { id, attempt } = record.payload.run;
    const holder = { runId: id, attempt, job: 0, actor: '', workflow: '' };
    if (!holderIsDead(holder, await control.runFacts(id, attempt), 'run', control.me)) continue;
    await setDeploymentStatus(control.github, record.id, 'inactive', 'its run ended before traffic moved', {
      log: control.runUrl,
    });
    swept.push(`Closed Deployment ${record.id}, whose run is over`);
  }
  return swept;
}
