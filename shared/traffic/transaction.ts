import { LostStateError, type Held } from '../ledger/state.js';
import type { Journal, Lock, OnInterrupt } from '../ledger/lock.js';
import type { TrafficControl } from './control.js';
import { allTo, describeWeights, liveColour, type Observed } from './router.js';

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

type Mover = Pick<TrafficControl, 'router' | 'lock' | 'colours' | 'signal' | 'timeline'>;

/**
 * Moves all traffic to a colour as a journaled transaction: the plan is written before anything moves, each call is made under the lock (the write of
 * the journal is a compare-and-swap, so it proves the lock), and the router is read back. Throws LostStateError when someone else took the lock: then
 * nothing more is called. A cancelled run makes no first call; once one is made, the plan is finished.
 */
export async function moveTraffic(
  mover: Mover,
  held: Held<Lock>,
  target: string,
  direction: Journal['direction'],
  onInterrupt: OnInterrupt,
): Promise<Moved> {
  const { router, lock, timeline } = mover;
  const weights = allTo(target, mover.colours);
  const before = await router.read();
  const calls = router.plan(before, weights);
  timeline.say(
    `${router.kind}: ${describeWeights(before.weights)}; ${calls.length === 0 ? 'nothing to call' : `to call: ${calls.map((c) => c.say).join('; ')}`}`,
  );
  const journal: Journal = { direction, observed: before.version, calls, done: 0, onInterrupt };
  held = await lock.replace(
    held,
    { ...held.state, phase: 'switching', journal },
    `journal: ${direction} to ${target}`,
  );

  let failure: string | undefined;
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
    try {
      await router.apply(call);
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
      timeline.say(`Call failed: ${failure}`);
      break;
    }
    timeline.say(`Done on ${call.node}: ${call.say}`);
    held = await lock.replace(
      held,
      { ...held.state, journal: { ...journal, done: index + 1 } },
      `call ${index + 1} of ${calls.length} done`,
    );
  }
  return readBack(router, held, before, target, calls.length, failure);
}

async function readBack(
  router: Mover['router'],
  held: Held<Lock>,
  before: Observed,
  target: string,
  calls: number,
  failure: string | undefined,
): Promise<Moved> {
  let after: Observed;
  try {
    after = await router.read();
  } catch (error) {
    const why = `the router cannot be read back: ${error instanceof Error ? error.message : String(error)}`;
    return { reached: false, held, before, after: undefined, why: failure ? `${failure}; ${why}` : why };
  }
  if (liveColour(after.weights) === target && !failure) return { reached: true, held, calls, before, after };
  const why = failure ?? `the router says ${describeWeights(after.weights)} after every call was answered`;
  return { reached: false, held, before, after, why };
}

/** Whether an error means that another run now decides. */
export function lostLock(error: unknown): boolean {
  return error instanceof LostStateError;
}
