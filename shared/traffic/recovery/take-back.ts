import { coded, type Refusal } from '../../contracts/refusal-codes.js';
import type { Lock } from '../../ledger/refs/lock.js';
import { LostStateError, type Held } from '../../ledger/refs/state.js';
import { describeHolder } from '../../ledger/refs/holder.js';
import { createDeployment, setDeploymentStatus } from '../../ledger/deployments.js';
import type { DeploymentRecord } from '../../ledger/record.js';
import type { DeploymentPayload } from '../../contracts/deployment.js';
import { newClaim, takeLock, waitUntilFree, type Free } from './acquire.js';
import { outlast, seizeLock, tellPreempted } from './preempt.js';
import type { SwitchEnd } from '../switch/end-switch.js';
import { runWatchedSwitch } from '../switch/run-watched-switch.js';
import { checkFit, type FitPorts } from '../colour/fit.js';
import type { TrafficControl } from '../control.js';
import { recordNotLive } from '../switch/ledger-outcome.js';
import { liveColour } from '../router.js';
import { tellSettled } from '../switch/hold.js';
import { olderThanSchemaAllows } from '../switch/schema-guard.js';
import type { Event } from '../timeline.js';
import { olderThanSchemaSince } from './schema-since.js';

export interface TakeBackRequest {
  /** The Deployment that is live and must not be. */
  bad: DeploymentRecord;
  /** The one to restore; its colour must still run it. */
  good: DeploymentRecord;
  reason: string;
  /** How long to wait for a lock of someone else, in milliseconds; default 10 s. */
  patienceMs?: number;
  /** Takes the lock from whoever has it instead of waiting: the panic button must not wait for what may hang. */
  preempt?: boolean;
  /** Told the claim before the lock is taken, so that a post step can finish what a killed run leaves. */
  arm?: (claim: string) => void;
}

/**
 * restored: the good release has all traffic. held: traffic may have moved or not and a person was paged. refused:
 * nothing moved.
 */
export type TakeBackResult = TakeBackFacts &
  ({ result: 'restored' | 'held'; message: string } | { result: 'refused'; message: Refusal });

interface TakeBackFacts {
  trafficMoved: boolean;
  /** The Deployment of kind rollback, when one was created. */
  deployment?: number;
  /** Epoch milliseconds at which the router confirmed. */
  restoredAt?: number;
  durationMs: number;
  timeline: readonly Event[];
  /**
   * It broke off with the lock still held: whoever was armed with its claim, or mode reconcile, brings it to an end.
   */
  brokeOff?: true;
}

type Ending = Omit<TakeBackFacts, 'durationMs' | 'timeline'> &
  ({ result: 'restored' | 'held'; message: string } | { result: 'refused'; message: Refusal });

/** The words of a rollback that did not come to its end; those of a refusal keep its code. */
export function notTakenBack(why: Refusal): Refusal;
export function notTakenBack(why: string): string;
export function notTakenBack(why: string): string {
  return `Not rolled back: ${why}`;
}

/**
 * Whether the good release could take traffic now: its colour is well, runs it, and the database schema allows it.
 * Changes nothing.
 */
export async function canTakeBack(
  control: FitPorts,
  { bad, good }: Pick<TakeBackRequest, 'bad' | 'good'>,
): Promise<{ ok: true } | { ok: false; why: Refusal }> {
  const older = olderThanSchemaAllows(bad.payload.schema, good.payload.version);
  if (older) return { ok: false, why: coded('schema-too-new', older) };
  if (good.payload.colour === bad.payload.colour) {
    return {
      ok: false,
      why: coded(
        'colour-overwritten',
        `${good.payload.version} ran on colour ${good.payload.colour}, which ${bad.payload.version} has overwritten`,
      ),
    };
  }
  const { version, digest, colour } = good.payload;
  return checkFit(control, colour, { version, digest }, { partly: true });
}

/**
 * Gives all traffic back to the last good release, as a Deployment of its own, through the same transaction as every
 * switch.
 */
export async function takeBack(control: TrafficControl, request: TakeBackRequest): Promise<TakeBackResult> {
  const { bad, good, reason } = request;
  const start = control.clock.now();
  const end = (result: Ending): TakeBackResult => ({
    ...result,
    durationMs: control.clock.now() - start,
    timeline: control.timeline.events,
  });
  control.timeline.say(`Taking ${bad.payload.version} back to ${good.payload.version}: ${reason}`);
  const able = await canTakeBack(control, request);
  const why = able.ok ? await olderThanSchemaSince(control, request) : able.why;
  if (why) return end({ result: 'refused', message: notTakenBack(why), trafficMoved: false });
  const free: Free = request.preempt
    ? { free: true }
    : await waitUntilFree(control, request.patienceMs ?? 10_000, { watch: true });
  if (!free.free) return end({ result: 'refused', message: notTakenBack(free.why), trafficMoved: false });

  const payload = rollbackPayload(control, bad, good);
  const deployment = await createDeployment(control.github, {
    environment: control.environment,
    service: control.service,
    sha: good.sha,
    production: control.production,
    description: `${control.service}: back to ${payload.version} (${reason})`,
    payload,
  });
  const claim = newClaim(control);
  request.arm?.(claim);
  const wanted = { from: bad.payload.colour, to: payload.colour, deployment, payload, claim };
  const taken = request.preempt
    ? await seizeLock(control, wanted)
    : { held: await takeLock(control, wanted), over: undefined };
  const held = taken?.held;
  if (!held) {
    await setDeploymentStatus(control.github, deployment, 'inactive', 'another run took the lock first', {
      log: control.runUrl,
    });
    return end({
      result: 'refused',
      message: notTakenBack(
        coded(
          'lock-busy',
          'another run took the lock at the same moment: run mode revert again once it is over',
        ),
      ),
      trafficMoved: false,
    });
  }
  const over = taken?.over;
  if (over)
    control.timeline.say(`Took the lock from ${describeHolder(over.holder)}, which stops at its next step`);
  // While the lock was waited for, somebody may have deployed over the good release, or made another one live.
  const still = await canTakeBack(control, request);
  if (!still.ok) {
    await recordNotLive(control, held.state, 'inactive', still.why);
    await control.lock.remove(held);
    if (over) await tellPreempted(control, over);
    return end({ result: 'refused', message: notTakenBack(still.why), trafficMoved: false });
  }
  // The lock and its journal carry a rescue; a status that cannot be written must not stop it.
  await setDeploymentStatus(control.github, deployment, 'in_progress', reason, { log: control.runUrl }).catch(
    (error: unknown) => control.timeline.say(`The status in_progress could not be written: ${String(error)}`),
  );
  // A rescue is finished once begun, whatever becomes of the run; it has no way back of its own.
  const rescue = { ...control, signal: new AbortController().signal };
  let done: SwitchEnd;
  try {
    const orders = { onInterrupt: 'complete', wayBack: undefined } as const;
    done = await runWatchedSwitch(rescue, held, orders);
    const again = over && done.result === 'held' ? await takeAgain(control, held.state) : undefined;
    if (again) {
      done = await runWatchedSwitch(rescue, again, orders);
      if (done.result === 'live') await tellSettled(control, again.state, `${payload.version} is live again`);
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const lost = error instanceof LostStateError;
    // Whoever took the lock may be at the same rescue, as where two people press: the router says how that ends.
    const restored = await hasAllTraffic(control, payload.colour, lost ? othersTurnMs : 0);
    const unrecorded = lost ? 'another run took the lock and moved it' : `but not all was recorded: ${why}`;
    return end({
      result: restored ? 'restored' : 'held',
      message: restored ? `${payload.version} has all traffic again, ${unrecorded}` : notTakenBack(why),
      trafficMoved: restored,
      deployment,
      brokeOff: true,
      ...(restored ? { restoredAt: control.clock.now() } : {}),
    });
  }
  const moved = done.switchedAt !== undefined;
  if (over) await tellPreempted(control, over);
  if (done.result === 'not-moved')
    return end({
      result: 'refused',
      message: notTakenBack(coded('router-refused', done.message)),
      trafficMoved: done.partly === true,
      deployment,
    });
  if (over && done.result === 'live') await outlast(control, over, held.state, 'forward');
  return end({
    result: done.result === 'live' ? 'restored' : 'held',
    message:
      done.result === 'live'
        ? `${payload.version} is live again on ${payload.colour}`
        : notTakenBack(done.message),
    trafficMoved: moved || done.partly === true,
    deployment,
    ...(moved ? { restoredAt: done.switchedAt } : {}),
  });
}

/** How long another run that took the lock may take to move traffic, and between two looks, in milliseconds. */
const [othersTurnMs, lookEveryMs] = [20_000, 500];

/** Whether a colour has all traffic now, or gets it within a time (ms). */
async function hasAllTraffic(
  { router, clock }: Pick<TrafficControl, 'router' | 'clock'>,
  colour: string,
  withinMs: number,
): Promise<boolean> {
  const until = clock.now() + withinMs;
  for (;;) {
    const observed = await router.read().catch(() => undefined);
    if (observed && liveColour(observed.weights) === colour) return true;
    if (clock.now() >= until) return false;
    await clock.sleep(lookEveryMs);
  }
}

/**
 * The lock of a rescue that pre-empted a run and then did not reach its target, for a second try: a call that the run
 * had sent may have come between. Undefined when the lock is not ours any more.
 */
async function takeAgain(control: TrafficControl, first: Lock): Promise<Held<Lock> | undefined> {
  const held = await control.lock.read();
  if (held?.state.claim !== first.claim) return undefined;
  control.timeline.say('Trying once more: a call of the run that lost the lock may have come between');
  return control.lock.replace(held, first, 'a second try');
}

/** The payload of a rollback to a good release. */
export function rollbackPayload(
  control: Pick<TrafficControl, 'me'>,
  bad: DeploymentRecord,
  good: DeploymentRecord,
): DeploymentPayload {
  const { suite, service, version, releaseId, builtSha, releasedSha, tree, digest, colour } = good.payload;
  return {
    suite,
    service,
    version,
    releaseId,
    builtSha,
    releasedSha,
    tree,
    digest,
    kind: 'rollback',
    colour,
    previous: bad.id,
    ...(bad.payload.schema ? { schema: bad.payload.schema } : {}),
    waivers: [],
    run: { id: control.me.runId, attempt: control.me.attempt },
  };
}
