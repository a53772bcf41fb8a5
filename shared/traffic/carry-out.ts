import type { Lock, OnInterrupt } from '../ledger/lock.js';
import type { Held } from '../ledger/state.js';
import { checkColour } from './colour-check.js';
import type { TrafficControl } from './control.js';
import { checkEntry, type EntryCheck } from './entry-check.js';
import { holdForPerson } from './hold.js';
import type { Expected } from './identity.js';
import { recordLive, recordNotLive } from './ledger-outcome.js';
import { liveColour } from './router.js';
import { moveTraffic, type Moved } from './transaction.js';

/** How a move to the lock's target ended, ledger included. */
export interface CarriedOut {
  /** live: the target has all traffic. back: the old colour has it again. not-moved: nothing was ever called. held: a person must decide. */
  result: 'live' | 'back' | 'not-moved' | 'held';
  said: string;
  /** When the router confirmed the target (epoch ms), and how long the calls took. */
  switchedAt?: number;
  switchMs?: number;
  entry?: EntryCheck;
}

export interface Orders {
  onInterrupt: OnInterrupt;
  /** What the old colour must run for traffic to go back to it on failure; undefined when there is no way back. */
  wayBack: { colour: string; expected: Expected | undefined } | undefined;
}

/** Carries a lock's switch out: move, read back, verify with new connections, write the outcome, release. On failure traffic goes back when it can, else it is held. */
export async function carryOut(
  control: TrafficControl,
  held: Held<Lock>,
  orders: Orders,
): Promise<CarriedOut> {
  const { clock, timeline } = control;
  const { to, version, digest } = held.state;
  const start = clock.now();
  const moved = await moveTraffic(control, held, to, 'forward', orders.onInterrupt);
  held = moved.held;
  if (!moved.reached && stayed(moved)) {
    await recordNotLive(control, held.state, 'error', `not switched: ${moved.why}`);
    await control.lock.remove(held);
    return { result: 'not-moved', said: moved.why };
  }
  let why = moved.reached ? undefined : moved.why;
  let entry: EntryCheck | undefined;
  const facts = moved.reached ? { switchedAt: clock.now(), switchMs: clock.now() - start } : {};
  if (moved.reached) {
    timeline.say(`All traffic is on ${to}, read back from the router; verifying with new connections`);
    entry = await checkEntry(
      control.http,
      control.config.entry,
      control.config.identity,
      { version, digest },
      clock,
      control.signal,
    );
    timeline.say(entry.said);
    if (entry.ok) {
      await recordLive(control, held.state);
      await control.lock.remove(held);
      return { result: 'live', said: `${version} is live on ${to}: ${entry.said}`, ...facts, entry };
    }
    why = entry.said;
  }
  return {
    ...(await goBack(control, held, orders, why ?? 'unknown')),
    ...facts,
    ...(entry ? { entry } : {}),
  };
}

/** Brings traffic back to where it came from and closes the ledger; holds when that colour is not well or cannot be reached. */
export async function goBack(
  control: TrafficControl,
  held: Held<Lock>,
  orders: Orders,
  why: string,
): Promise<CarriedOut> {
  const { wayBack } = orders;
  if (!wayBack) {
    await holdForPerson(control, held, `${why}; there is nothing to go back to`);
    return { result: 'held', said: `${why}; traffic is left as it is, since there is nothing to go back to` };
  }
  control.timeline.say(`Going back to ${wayBack.colour}: ${why}`);
  const well = await checkColour(
    control.http,
    control.config,
    wayBack.colour,
    wayBack.expected,
    control.clock,
  );
  if (!well.ok) {
    await holdForPerson(control, held, `${why}; and the way back is closed: ${well.why}`);
    return { result: 'held', said: `${why}; not taken back, since ${well.why}` };
  }
  // The way back is not for a cancellation to stop: half a way back is worse than any.
  const moved = await moveTraffic(
    { ...control, signal: new AbortController().signal },
    held,
    wayBack.colour,
    'back',
    'revert',
  );
  const live = moved.after && liveColour(moved.after.weights);
  if (live !== wayBack.colour) {
    const failed = moved.reached ? 'the router does not show it' : moved.why;
    await holdForPerson(control, moved.held, `${why}; and going back failed: ${failed}`);
    return { result: 'held', said: `${why}; going back failed: ${failed}` };
  }
  await recordNotLive(control, moved.held.state, 'failure', `taken back to ${wayBack.colour}: ${why}`);
  await control.lock.remove(moved.held);
  return { result: 'back', said: `${why}; traffic is back on ${wayBack.colour}` };
}

/** Nothing was moved: every node still stands as before. */
function stayed(moved: Extract<Moved, { reached: false }>): boolean {
  return moved.after !== undefined && moved.after.version === moved.before.version;
}
