import { GitHubError } from '../../github/problem.js';
import type { Lock, OnInterrupt } from '../../ledger/refs/lock.js';
import type { Held } from '../../ledger/refs/state.js';
import { checkFit } from '../colour/fit.js';
import type { PagerPorts, SwitchPorts, TrafficControl } from '../control.js';
import { holdForPerson } from './hold.js';
import { recordNotLive } from './ledger-outcome.js';
import {
  allTo,
  liveColour,
  readable,
  RouterError,
  sameWeights,
  type Observed,
  type Weights,
} from '../router.js';
import { olderThanSchemaAllows } from './schema-guard.js';
import { moveReachable, moveTraffic, type Moved } from './transaction.js';
import type { WayBack } from './way-back.js';

/** How a move to the lock's target ended, ledger included. */
export interface SwitchEnd {
  /**
   * live: the target has all traffic. paused: it has a share until a person resumes. back: the old colour has
   * everything again. not-moved: nothing was ever called. held: a person must decide.
   */
  result: 'live' | 'paused' | 'back' | 'not-moved' | 'held';
  message: string;
  /** When the router confirmed the target (epoch ms), and how long the calls took. */
  switchedAt?: number;
  switchMs?: number;
  /** Held, with at least one node that has the target all the same. */
  partly?: true;
}

/** Whether the new colour may get more: looks at it for so many milliseconds. */
export type Judge = (stayMs: number) => Promise<{ ok: true; message?: string } | { ok: false; why: string }>;

export interface Orders {
  onInterrupt: OnInterrupt;
  /** What the old colour must run for traffic to go back to it on failure; undefined when there is no way back. */
  wayBack: WayBack | undefined;
  /** Judges the new colour at each stop of the lock's strategy; without it the strategy's stops are left out. */
  judge?: Judge;
}

/** A move that did not reach its target: closed when nothing had changed, taken back otherwise. */
export async function fail(
  control: SwitchPorts,
  moved: Extract<Moved, { reached: false }>,
  orders: Orders,
): Promise<SwitchEnd> {
  if (!moved.after && isRescue(moved.held)) return rescueReachable(control, moved.held, moved.why);
  const untouched = moved.after !== undefined && moved.after.version === moved.before.version;
  const everythingIsBack =
    moved.held.state.from === undefined ||
    (moved.after && liveColour(moved.after.weights) === moved.held.state.from);
  if (!untouched || !everythingIsBack) {
    if (!moved.after || !isRescue(moved.held)) return giveUp(control, moved.held, orders, moved.why);
    const message = `${moved.why}; mode reconcile tries again`;
    return holdRescue(
      control,
      moved.held,
      message,
      thoseWith(allTo(moved.held.state.to, control.colours), moved.after),
    );
  }
  await recordNotLive(control, moved.held.state, 'error', `not switched: ${moved.why}`);
  await control.lock.remove(moved.held);
  return { result: 'not-moved', message: moved.why };
}

export const isRescue = ({ state }: Held<Lock>) =>
  state.payload.kind === 'rollback' && state.from !== undefined;

/**
 * A rescue does not wait for a node that cannot be read: the others get the good release now, and the lock waits for
 * the rest.
 */
export async function rescueReachable(
  control: PagerPorts & Pick<TrafficControl, 'router' | 'colours'>,
  held: Held<Lock>,
  why: string,
): Promise<SwitchEnd> {
  const { from, to } = held.state;
  const [bad, good] = [allTo(from ?? '', control.colours), allTo(to, control.colours)];
  const tried = await moveReachable(control, held, bad, good, 'forward');
  return holdRescue(control, tried.held, `${why} ${tried.message}`, tried.seen);
}

async function holdRescue(
  control: PagerPorts,
  held: Held<Lock>,
  message: string,
  seen: Readonly<Record<string, Weights>>,
): Promise<SwitchEnd> {
  await holdForPerson(control, held, message, seen);
  return { result: 'held', message, ...(Object.keys(seen).length > 0 ? { partly: true } : {}) };
}

/**
 * The nodes that were led to a target. A recovery goes on by itself as long as they keep it; one that refused may be
 * mended by hand meanwhile.
 */
const thoseWith = (target: Weights, { nodes }: Observed) =>
  Object.fromEntries(Object.entries(nodes).filter(([, weights]) => sameWeights(weights, target)));

/**
 * What was begun cannot go on. A failure is taken back; a cancelled run ends as on-interrupt says, and has no time to
 * complete anything itself. One with stops that nobody has judged is never completed (`reached`: it has all traffic, so
 * they are judged): it is taken back at once.
 */
export async function giveUp(
  control: SwitchPorts,
  held: Held<Lock>,
  orders: Orders,
  why: string,
  reached = false,
): Promise<SwitchEnd> {
  if (!control.signal.aborted || orders.onInterrupt === 'revert') return goBack(control, held, orders, why);
  const unjudged = !reached && (held.state.stops ?? []).length > 0;
  if (orders.onInterrupt === 'complete' && unjudged) {
    const because = 'on-interrupt says complete, which is not for steps that nobody has judged';
    return goBack(control, held, orders, `${why}; ${because}`);
  }
  const message = `the run was cancelled while switching (${why})`;
  if (orders.onInterrupt === 'complete')
    throw new Error(`${message}; the post step of this job, or mode reconcile, completes the switch`);
  await holdForPerson(control, held, `${message}, and on-interrupt says hold`);
  return { result: 'held', message };
}

/** Writes the outcome; when the ledger cannot be written, the error says where traffic is all the same. */
export async function tell(traffic: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    const message = `${traffic}, but the ledger could not be told; the post step of this job or mode reconcile does that later`;
    throw new Error(`${message}: ${error.message}`, { cause: error });
  }
}

/**
 * Brings traffic back to where it came from and closes the ledger; holds when that colour is not well or cannot be
 * reached.
 */
export async function goBack(
  control: SwitchPorts,
  held: Held<Lock>,
  orders: Orders,
  why: string,
): Promise<SwitchEnd> {
  const { wayBack } = orders;
  const hold = async (
    lock: Held<Lock>,
    reason: string,
    seen?: Readonly<Record<string, Weights>>,
  ): Promise<SwitchEnd> => {
    await holdForPerson(control, lock, reason, seen);
    return { result: 'held', message: reason };
  };
  if (!wayBack) return hold(held, `${why}; traffic is left as it is, since there is nothing to go back to`);
  const older =
    wayBack.expected && olderThanSchemaAllows(held.state.payload.schema, wayBack.expected.version);
  if (older) return hold(held, `${why}; not rolled back, since ${older}`);
  control.timeline.say(`Going back to ${wayBack.colour}: ${why}`);
  const well = await checkFit(control, wayBack.colour, wayBack.expected, { partly: true });
  if (!well.ok) return hold(held, `${why}; not rolled back, since ${well.why}`);
  // The way back is not for a cancellation to stop: half a way back is worse than any.
  const mover = { ...control, signal: new AbortController().signal };
  const target = allTo(wayBack.colour, control.colours);
  let moved: Moved;
  try {
    moved = await moveTraffic(mover, held, target, 'back', 'revert');
  } catch (error) {
    if (!(error instanceof RouterError)) throw error;
    const tried = await moveReachable(mover, held, allTo(held.state.to, control.colours), target, 'back');
    return hold(
      tried.held,
      `${why}; going back is not proved (${error.message}): ${tried.message}`,
      tried.seen,
    );
  }
  const live = moved.after && liveColour(moved.after.weights);
  if (!moved.reached || live !== wayBack.colour) {
    return hold(
      moved.held,
      `${why}; going back failed: ${moved.reached ? 'the router does not show it' : moved.why}; mode reconcile tries again`,
      moved.after ? thoseWith(target, moved.after) : readable(await control.router.survey()).seen,
    );
  }
  await tell(`${why}; traffic is back on ${wayBack.colour}`, async () => {
    await recordNotLive(control, moved.held.state, 'failure', `taken back to ${wayBack.colour}: ${why}`);
    await control.lock.remove(moved.held);
  });
  return { result: 'back', message: `${why}; traffic is back on ${wayBack.colour}` };
}
