import { isDeepStrictEqual } from 'node:util';
import { GitHubError } from '../../github/problem.js';
import { LostStateError, type Held } from '../../ledger/refs/state.js';
import type { Journal, Lock, OnInterrupt } from '../../ledger/refs/lock.js';
import type { TrafficControl } from '../control.js';
import type { Call } from '../../contracts/call.js';
import {
  describeFailure,
  describeWeights,
  liveColour,
  observe,
  type Observed,
  type Router,
  type Survey,
  type Weights,
} from '../router.js';

/** How moving the traffic ended. The lock is as it stands then. */
export type Moved =
  | { reached: true; held: Held<Lock>; calls: number; before: Observed; after: Observed }
  | {
      reached: false;
      held: Held<Lock>;
      before: Observed;
      /** Undefined when the router cannot be read any more. */
      after: Observed | undefined;
      why: string;
    };

type Mover = Pick<TrafficControl, 'router' | 'lock' | 'signal' | 'timeline' | 'clock' | 'config'>;

/** Between two looks at a router that shows a change late, in milliseconds. */
const lookEvery = 100;
/** Half a move waits no longer for GitHub to take a note of it, in milliseconds. */
export const longestWord = 3_000;

/**
 * Moves traffic to the target weights as a journaled transaction: the plan is written before anything moves, each call
 * is made under the lock (the write of the journal is a compare-and-swap, so it proves the lock), and the router is
 * read back until nothing is left to call. Throws LostStateError when someone else took the lock: then nothing more is
 * called. A cancelled run makes no first call; once one is made, the plan is finished, even when GitHub no longer
 * answers: half a move is worse than one that the ledger learns of later. Then it throws with where traffic is.
 */
export async function moveTraffic(
  mover: Mover,
  held: Held<Lock>,
  target: Weights,
  direction: Journal['direction'],
  onInterrupt: OnInterrupt,
): Promise<Moved> {
  const { router, lock, timeline } = mover;
  const before = await router.read();
  timeline.moving = held.state;
  timeline.saw(before);
  /** A way back or a rescue does not stop at a node that refuses: the others are led to the good release. */
  const goesOn = direction === 'back' || held.state.payload.kind === 'rollback';
  const down = goesOn ? await heldDown(router, target) : undefined;
  const calls = router.plan(before, target).filter(({ node }) => !down?.on.includes(node));
  if (down) timeline.say(down.why);
  const toCall =
    calls.length === 0 ? 'nothing to call' : `to call: ${calls.map(({ say }) => say).join('; ')}`;
  timeline.say(`${router.kind}: ${describeWeights(before.weights)}; ${toCall}`);
  const journal: Journal = { direction, observed: before.version, calls, done: 0, onInterrupt };
  const message = `journal: ${direction} to ${describeWeights(target)}`;
  held = await lock.replace(held, { ...held.state, phase: 'switching', journal }, message);

  let failure = down?.why;
  let untold: string | undefined;
  const refusing = new Set<string>();
  for (const [index, call] of calls.entries()) {
    if (index === 0 && mover.signal.aborted) {
      return {
        reached: false,
        held,
        before,
        after: before,
        why: 'the run was cancelled before anything moved',
      };
    }
    if (refusing.has(call.node)) continue;
    try {
      await router.apply(call);
    } catch (error) {
      failure ??= describeFailure(error);
      timeline.say(`Call failed: ${messageOf(error)}`);
      if (goesOn) {
        refusing.add(call.node);
        continue;
      }
      break;
    }
    timeline.say(`Done on ${call.node}: ${call.say}`);
    if (untold !== undefined) continue;
    try {
      held = await note(mover, held, { ...journal, done: index + 1 });
    } catch (error) {
      if (!(error instanceof GitHubError)) throw error;
      untold = error.message;
      timeline.say(`The journal could not be written: ${untold}`);
    }
  }
  const moved = await readBack(mover, { held, before, target, calls: calls.length, failure });
  if (untold === undefined) return moved;
  const told = moved.reached ? await noteAgain(mover, held, { ...journal, done: calls.length }) : undefined;
  if (told) return { ...moved, held: told };
  const traffic = moved.after ? `traffic: ${describeWeights(moved.after.weights)}` : 'traffic is not known';
  throw new Error(
    `${moved.reached ? traffic : `${moved.why}; ${traffic}`}. But the ledger could not be told; mode reconcile brings this to an end later: ${untold}`,
  );
}

/** Nodes that keep what they have in a rescue, and why. */
export interface HeldDown {
  on: readonly string[];
  why: string;
}

/**
 * Nodes on which the router holds the colour down that is to get everything, while it does not on others. They keep
 * what they have: a bad release still answers some requests, a colour that is down answers none.
 */
export async function heldDown(
  router: Pick<Router, 'serving'>,
  target: Weights,
): Promise<HeldDown | undefined> {
  const colour = liveColour(target);
  const serving = colour === undefined ? undefined : await router.serving?.(colour);
  if (serving?.is !== 'down' || serving.on === undefined) return undefined;
  const { on, why } = serving;
  return { on, why: `${on.join(', ')} keeps the traffic it has, since ${colour} is held down there: ${why}` };
}

/** Writes how far a move has come, or gives up after a few seconds. */
async function note(
  { lock, clock }: Pick<Mover, 'lock' | 'clock'>,
  held: Held<Lock>,
  journal: Journal,
): Promise<Held<Lock>> {
  const done = new AbortController();
  const message = `call ${journal.done} of ${journal.calls.length} done`;
  try {
    return await Promise.race([
      lock.replace(held, { ...held.state, journal }, message),
      clock.sleep(longestWord, done.signal).then((): never => {
        throw new GitHubError(`GitHub did not answer within ${longestWord / 1_000} s`, 0);
      }),
    ]);
  } finally {
    done.abort();
  }
}

/**
 * A note that GitHub lost is written once more when the move is done: a good release is not rolled back for it. The
 * lost one may have been written all the same, so the lock is read first; it is still ours while claim and holder are.
 * Undefined when GitHub still does not answer.
 */
async function noteAgain(
  mover: Pick<Mover, 'lock' | 'clock' | 'timeline'>,
  held: Held<Lock>,
  journal: Journal,
): Promise<Held<Lock> | undefined> {
  try {
    const current = await mover.lock.read();
    const { claim, holder } = held.state;
    if (current?.state.claim !== claim || !isDeepStrictEqual(current.state.holder, holder))
      throw new LostStateError(`The state in ${mover.lock.ref} was taken over, so this run stops here.`);
    const told = await note(mover, { oid: current.oid, state: held.state }, journal);
    mover.timeline.say('GitHub answers again; the journal is written');
    return told;
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    return undefined;
  }
}

/**
 * The calls that lead those nodes to the target that can be reached, when not all can be read: one that cannot comes
 * last, as if it still had nothing but `from`, where its router can be told without being read; `lost` are the others.
 * Pure.
 */
export function planReachable(
  router: Pick<Router, 'plan'>,
  { nodes, partial }: Survey,
  from: Weights,
  target: Weights,
): { calls: Call[]; lost: string[]; version: string } {
  const unread = nodes.filter(({ ok }) => !ok).map(({ name }) => name);
  const assumed = Object.fromEntries(unread.map((node) => [node, from]));
  const blind = router.plan(observe(assumed, assumed), target);
  return {
    calls: [...router.plan(partial, target), ...blind],
    lost: unread.filter((node) => !blind.some((call) => call.node === node)),
    version: observe({ ...partial.nodes, ...assumed }).version,
  };
}

/**
 * Moves those nodes that can be reached, as `planReachable` says. Proves nothing, since not all can be read back; says
 * which nodes confirmed (`seen`: what those have) and which did not.
 */
export async function moveReachable(
  { router, lock, timeline }: Pick<Mover, 'router' | 'lock' | 'timeline'>,
  held: Held<Lock>,
  from: Weights,
  target: Weights,
  direction: Journal['direction'],
): Promise<{ held: Held<Lock>; message: string; seen: Record<string, Weights> }> {
  const survey = await router.survey();
  timeline.saw(survey.partial);
  const down = await heldDown(router, target);
  if (down) timeline.say(down.why);
  const { version, ...plan } = planReachable(router, survey, from, target);
  const calls = plan.calls.filter(({ node }) => !down?.on.includes(node));
  const onInterrupt = direction === 'back' ? 'revert' : 'complete';
  const journal: Journal = { direction, observed: version, calls, done: 0, onInterrupt };
  const entry = `journal: ${direction} to ${describeWeights(target)}, where it can be reached`;
  held = await lock.replace(held, { ...held.state, phase: 'switching', journal }, entry);
  const kept = plan.calls.filter((call) => !calls.includes(call)).map(({ node }) => node);
  const lost = new Set([...plan.lost, ...kept]);
  for (const call of calls) {
    if (lost.has(call.node)) continue;
    try {
      await router.apply(call);
      timeline.say(`Done on ${call.node}: ${call.say}`);
    } catch (error) {
      lost.add(call.node);
      timeline.say(`Call failed: ${messageOf(error)}`);
    }
  }
  const confirmed = router.nodes.filter((node) => !lost.has(node));
  const message = [
    ...(confirmed.length > 0 ? [`${confirmed.join(', ')} confirmed ${describeWeights(target)}`] : []),
    ...(lost.size > 0
      ? [
          `${[...lost].join(', ')} did not${confirmed.length > 0 ? '' : ` confirm ${describeWeights(target)}`}`,
        ]
      : []),
    ...(kept.length > 0 && down ? [down.why] : []),
  ].join(', ');
  return { held, message, seen: Object.fromEntries(confirmed.map((node) => [node, target])) };
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** A move whose calls were made: how many, and why one of them failed. */
interface Move {
  held: Held<Lock>;
  before: Observed;
  target: Weights;
  calls: number;
  failure: string | undefined;
}

/**
 * A call whose answer was lost may have been done, and some routers show a change only after a while: what counts is
 * that nothing is left to call.
 */
async function readBack(
  { router, clock, config, timeline }: Pick<Mover, 'router' | 'clock' | 'config' | 'timeline'>,
  { held, before, target, calls, failure }: Move,
): Promise<Moved> {
  const start = clock.now();
  for (;;) {
    let after: Observed;
    try {
      after = await router.read();
    } catch (error) {
      const why = `the router cannot be read back: ${describeFailure(error)}`;
      return { reached: false, held, before, after: undefined, why: failure ? `${failure}; ${why}` : why };
    }
    timeline.saw(after);
    if (router.plan(after, target).length === 0) return { reached: true, held, calls, before, after };
    if (failure || clock.now() - start >= config.entry.within) {
      const why =
        failure ?? `the router still says ${describeWeights(after.weights)} after every call was answered`;
      return { reached: false, held, before, after, why };
    }
    await clock.sleep(lookEvery);
  }
}
