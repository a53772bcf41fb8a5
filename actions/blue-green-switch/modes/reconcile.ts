import type { BreakGlass } from '../../../shared/contracts/break-glass.js';
import { coded } from '../../../shared/contracts/refusal-codes.js';
import { outcomeOf } from '../../../shared/ledger/record.js';
import { setDeploymentStatus } from '../../../shared/ledger/deployments.js';
import type { Lock } from '../../../shared/ledger/refs/lock.js';
import { holderIsDead } from '../../../shared/ledger/refs/holder.js';
import { describeDoubted } from '../../../shared/ledger/proof/first-proved.js';
import type { ColourPorts, LedgerPorts, TrafficControl } from '../../../shared/traffic/control.js';
import { provedLive, readHistory } from '../../../shared/traffic/switch/ledger-outcome.js';
import { recoverLock } from '../../../shared/traffic/recovery/recover.js';
import { checkColour } from '../../../shared/traffic/colour/check.js';
import { liveColour, readable, type Survey, type Weights } from '../../../shared/traffic/router.js';
import { lastingDrift, unreadable } from '../drift.js';
import type { ModeResult } from '../report/result.js';
import { sweepWatch } from './sweep-watch.js';
import { recordBreakGlass } from './record-break-glass.js';

/**
 * Finds what dead runs left (a lock, a watch, a Deployment that never ended) and brings it to an end. Safe to run at
 * any time, and twice.
 */
export async function reconcile(control: TrafficControl, journal?: BreakGlass): Promise<ModeResult> {
  const before = (await control.router.survey()).observed?.weights;
  const held = await control.lock.read();
  const recovery = held
    ? await recoverLock(control, held)
    : ({ result: 'nothing', message: 'No lock' } as const);
  control.timeline.say(recovery.message);
  const laptop = journal && (await recordBreakGlass(control, journal));
  const survey = await control.router.survey();
  const { swept, strays } = await sweepDeployments(control, survey.observed?.weights);
  const watch = await sweepWatch(control);
  swept.unshift(...(laptop?.told ? [laptop.message] : []), ...watch.swept);
  const untold = laptop?.ok && !laptop.told ? [laptop.message] : [];
  const lock = held && (recovery.result === 'busy' || recovery.result === 'held') ? held.state : undefined;
  // What is held may be held for the very nodes that cannot be read.
  const told = readable(survey).lost.every((why) => recovery.message.includes(why));
  const unread = recovery.result === 'held' && told ? [] : unreadable(survey);
  const drift = strays.length > 0 ? [] : await driftOf(control, survey, lock);
  const trouble = [
    ...(laptop?.ok === false ? [laptop.message] : []),
    ...watch.unwatched,
    ...unread,
    ...strays,
    ...drift,
  ];
  const reasons = [...(recovery.result === 'held' ? [recovery.message] : []), ...trouble];
  const nothing = trouble.length > 0 ? 'drift' : swept.length > 0 ? 'released' : 'nothing';
  return {
    ok: reasons.length === 0,
    result:
      recovery.result === 'nothing' || (recovery.result === 'busy' && drift.length > 0)
        ? nothing
        : recovery.result,
    message: [recovery.message, ...untold, ...swept, ...trouble]
      .map((message) => message.replace(/\.$/, ''))
      .join('. '),
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

/**
 * What router, its files and the ledger disagree about and no lock explains; empty while somebody moves traffic, or
 * began to since the survey. `lock` is the one that was left alone.
 */
async function driftOf(
  control: LedgerPorts & ColourPorts & Pick<TrafficControl, 'router' | 'lock'>,
  survey: Survey,
  lock: Lock | undefined,
): Promise<string[]> {
  if (lock && lock.phase !== 'reserved' && lock.phase !== 'retiring') return [];
  const ledger = await provedLive(control, await readHistory(control));
  const { live: recorded, history } = ledger;
  const now = (await control.lock.read())?.state;
  if (now?.claim !== lock?.claim || now?.phase !== lock?.phase) {
    control.timeline.say('A run began to work meanwhile: whether router and ledger agree is not judged');
    return [];
  }
  if (ledger.unread) return [ledger.nothing];
  const drift = lastingDrift(control.router, survey, recorded, history);
  if (drift.length > 0 || !recorded || liveColour(survey.partial.weights) !== recorded.payload.colour)
    return drift;
  const { colour, version, digest } = recorded.payload;
  const live = await checkColour(control.http, control.config, colour, { version, digest }, control.clock);
  return live.ok
    ? []
    : [
        `${colour} is live and not as the ledger says (Deployment ${recorded.id}): ${live.why}. Fix: make it well, or run mode revert`,
      ];
}

/**
 * Deployments that a run left in flight without a lock: it died between creating one and taking the lock. One that had
 * begun to switch and whose colour may have the traffic is a stray: someone removed its lock, and only a person knows
 * whether it is to stay. `weights` is undefined when not every node can be read: then nothing is known of those that
 * had begun, and they are left to a later time.
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
        coded(
          'deployment-left-over',
          `Deployment ${record.id} (${version}) had begun to switch, its lock is gone, and ${live === undefined ? 'traffic is mixed' : `${colour} is live`}: give all traffic to the right colour by hand and close the Deployment`,
        ),
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
