import { describeHolder, holderIsDead } from '../ledger/holder.js';
import type { Lock, OnInterrupt } from '../ledger/lock.js';
import { outcomeOf, type DeploymentOutcome, type DeploymentRecord } from '../ledger/record.js';
import type { Held } from '../ledger/state.js';
import { carryOut, goBack, type Orders } from './carry-out.js';
import { checkColour } from './colour-check.js';
import type { TrafficControl } from './control.js';
import { holdForPerson, pageIfNobodyDid } from './hold.js';
import { readHistory, recordLive, recordNotLive } from './ledger-outcome.js';
import { liveColour, type Observed } from './router.js';

/** What was done about a lock. */
export interface Recovery {
  result: 'nothing' | 'busy' | 'released' | 'completed' | 'reverted' | 'held';
  said: string;
}

/** What a dead run's lock asks for, given what the ledger says of its Deployment. Pure. */
export function decideRecovery(
  lock: Lock,
  observed: Observed,
  outcome: DeploymentOutcome['is'] | undefined,
): 'release' | 'unlock' | OnInterrupt {
  if (lock.phase === 'retiring' || (lock.phase === 'reserved' && outcome === 'succeeded')) return 'unlock';
  if (lock.phase === 'reserved' || !lock.journal) return 'release';
  const live = liveColour(observed.weights);
  const recorded =
    outcome === 'succeeded'
      ? lock.to
      : outcome === 'taken-back' || outcome === 'failed'
        ? lock.from
        : undefined;
  if (recorded !== undefined && recorded === live) return 'unlock';
  if (lock.journal.direction === 'back') return 'revert';
  // Nobody has judged the stops that are left, nor resumed a pause: such a switch is not completed by itself.
  if (lock.stops?.length && live !== lock.to) return lock.journal.onInterrupt === 'hold' ? 'hold' : 'revert';
  const untouched =
    lock.journal.done === 0 && observed.version === lock.journal.observed && live === lock.from;
  return untouched && lock.journal.calls.length > 0 && lock.journal.onInterrupt !== 'complete'
    ? 'release'
    : lock.journal.onInterrupt;
}

/** Whether the one who holds the lock can still act, asked of GitHub. A reservation lives as long as its run, a switch as long as its job. */
export async function lockIsDead(control: TrafficControl, lock: Lock): Promise<boolean> {
  const facts = await control.runFacts(lock.holder.runId, lock.holder.attempt);
  return holderIsDead(lock.holder, facts, lock.phase === 'switching' ? 'job' : 'run', control.me);
}

/** Brings a lock that a dead run left to an end: one colour live, the ledger true, the lock released; or held for a person. A living one is left alone. */
export async function recoverLock(
  control: TrafficControl,
  held: Held<Lock>,
  known: { dead?: boolean } = {},
): Promise<Recovery> {
  const lock = held.state;
  const who = describeHolder(lock.holder);
  if (lock.phase === 'held') {
    if (known.dead || (await lockIsDead(control, lock))) await pageIfNobodyDid(control, lock);
    return {
      result: 'held',
      said: `The lock is held for a person since ${lock.since}: ${lock.reason ?? 'no reason given'}`,
    };
  }
  if (!known.dead && !(await lockIsDead(control, lock))) {
    return { result: 'busy', said: `The lock belongs to ${who}, which is still at work` };
  }
  control.timeline.say(`Found what ${who} left: phase ${lock.phase}, ${lock.from ?? 'nothing'} → ${lock.to}`);
  const observed = await control.router.read();
  held = await control.lock.replace(held, { ...lock, holder: control.me }, `taken over from ${who}`);
  const history = await readHistory(control);
  const own = history.find((record) => record.id === lock.deployment);
  const decision = decideRecovery(lock, observed, own && outcomeOf(own).is);
  if (decision === 'unlock') {
    if (own && outcomeOf(own).is === 'succeeded') await recordLive(control, lock);
    await control.lock.remove(held);
    return {
      result: 'completed',
      said: `${who} had finished but for its lock; ${liveColour(observed.weights)} stays live`,
    };
  }
  if (decision === 'release') {
    await recordNotLive(control, lock, 'inactive', 'the run ended before traffic moved');
    await control.lock.remove(held);
    return {
      result: 'released',
      said: `Released the lock of ${who}; traffic had not moved (${liveColour(observed.weights) ?? 'mixed'} is live)`,
    };
  }
  if (decision === 'hold') {
    await holdForPerson(control, held, `a run was interrupted while switching, and on-interrupt says hold`);
    return { result: 'held', said: 'Held for a person, as on-interrupt says' };
  }
  return decision === 'complete'
    ? complete(control, held, ordersOf(lock, history))
    : revert(control, held, ordersOf(lock, history));
}

async function complete(control: TrafficControl, held: Held<Lock>, orders: Orders): Promise<Recovery> {
  const { to, version, digest } = held.state;
  const well = await checkColour(control.http, control.config, to, { version, digest }, control.clock);
  if (!well.ok) return revert(control, held, orders, well.why);
  const done = await carryOut(control, held, orders);
  const results = {
    live: 'completed',
    paused: 'held',
    back: 'reverted',
    'not-moved': 'released',
    held: 'held',
  } as const;
  return { result: results[done.result], said: done.said };
}

async function revert(
  control: TrafficControl,
  held: Held<Lock>,
  orders: Orders,
  why = 'the run was interrupted while switching',
): Promise<Recovery> {
  const done = await goBack(control, held, orders, why);
  return { result: done.result === 'held' ? 'held' : 'reverted', said: done.said };
}

/** A person's word on a held lock: all traffic to the new colour, or back to the old one. A colour that is not well gets none, whoever asks. */
export async function decideHeld(
  control: TrafficControl,
  held: Held<Lock>,
  wish: 'forward' | 'back',
): Promise<Recovery> {
  const lock = held.state;
  const orders = ordersOf(lock, await readHistory(control));
  const target =
    wish === 'forward'
      ? { colour: lock.to, expected: { version: lock.version, digest: lock.digest } }
      : orders.wayBack;
  if (!target)
    return { result: 'held', said: 'Still held: there is nothing to go back to; mode resume goes forward' };
  const well = await checkColour(control.http, control.config, target.colour, target.expected, control.clock);
  if (!well.ok) return { result: 'held', said: `Still held: ${well.why}` };
  const { reason: _reason, ...state } = lock;
  const taken = await control.lock.replace(
    held,
    { ...state, holder: control.me, phase: 'switching' },
    `${wish}, decided by ${control.me.actor}`,
  );
  control.timeline.say(`${control.me.actor} decided about what was held since ${lock.since}: ${wish}`);
  return wish === 'forward'
    ? complete(control, taken, orders)
    : revert(control, taken, orders, `decided by ${control.me.actor}`);
}

function ordersOf(lock: Lock, history: readonly DeploymentRecord[]): Orders {
  const previous = history.find((candidate) => candidate.id === lock.payload.previous);
  return {
    onInterrupt: lock.journal?.onInterrupt ?? 'revert',
    wayBack: wayBack(lock.from, previous, lock.payload.kind),
  };
}

/** Where to go back to and what must run there. A rollback has no way back: behind it is the release it takes back. */
export function wayBack(
  from: string | undefined,
  previous: DeploymentRecord | undefined,
  kind: Lock['payload']['kind'],
): Orders['wayBack'] {
  if (from === undefined || kind === 'rollback') return undefined;
  const expected =
    previous && previous.payload.colour === from
      ? { version: previous.payload.version, digest: previous.payload.digest }
      : undefined;
  return { colour: from, expected };
}
