import type { Held } from '../ledger/state.js';
import type { Journal, Lock, OnInterrupt } from '../ledger/lock.js';
import type { TrafficControl } from './control.js';
import { describeWeights, type Observed, type Weights } from './router.js';

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

/**
 * Moves traffic to the target weights as a journaled transaction: the plan is written before anything moves, each call is made under the lock (the
 * write of the journal is a compare-and-swap, so it proves the lock), and the router is read back until nothing is left to call. Throws LostStateError
 * when someone else took the lock: then nothing more is called. A cancelled run makes no first call; once one is made, the plan is finished.
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
  const calls = router.plan(before, target);
  const toCall =
    calls.length === 0 ? 'nothing to call' : `to call: ${calls.map(({ say }) => say).join('; ')}`;
  timeline.say(`${router.kind}: ${describeWeights(before.weights)}; ${toCall}`);
  const journal: Journal = { direction, observed: before.version, calls, done: 0, onInterrupt };
  const message = `journal: ${direction} to ${describeWeights(target)}`;
  held = await lock.replace(held, { ...held.state, phase: 'switching', journal }, message);

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
    const progress = { ...held.state, journal: { ...journal, done: index + 1 } };
    held = await lock.replace(held, progress, `call ${index + 1} of ${calls.length} done`);
  }
  return readBack(mover, held, before, target, calls.length, failure);
}

/** A call whose answer was lost may have been done, and some routers show a change only after a while: what counts is that nothing is left to call. */
async function readBack(
  { router, clock, config }: Mover,
  held: Held<Lock>,
  before: Observed,
  target: Weights,
  calls: number,
  failure: string | undefined,
): Promise<Moved> {
  const start = clock.now();
  for (;;) {
    let after: Observed;
    try {
      after = await router.read();
    } catch (error) {
      const why = `the router cannot be read back: ${error instanceof Error ? error.message : String(error)}`;
      return { reached: false, held, before, after: undefined, why: failure ? `${failure}; ${why}` : why };
    }
    if (router.plan(after, target).length === 0) return { reached: true, held, calls, before, after };
    if (failure || clock.now() - start >= config.entry.within) {
      const why =
        failure ?? `the router still says ${describeWeights(after.weights)} after every call was answered`;
      return { reached: false, held, before, after, why };
    }
    await clock.sleep(lookEvery);
  }
}
