import type { Lock } from '../../ledger/refs/lock.js';
import type { TrafficControl } from '../control.js';
import { describeWeights, liveColour, sameWeights, share } from '../router.js';

/**
 * Traffic that is not as the switch left it, and whether every node that was moved has given all of it back to the old
 * colour.
 */
export interface MovedPast {
  why: string;
  back: boolean;
}

/** Between two looks at a router that shows something else, in milliseconds. */
const lookEvery = 250;

/**
 * Whether somebody moved traffic since the last of `passed` stops gave the new colour its share; undefined when nobody
 * did, or no stop is behind. Only weights count: what else a router has left to do (a file, a controller that has not
 * taken its route yet) is for the next step. An answer from before the stop, which some routers still give now and
 * then, is not taken at its word: what was moved stays so for as long as the entry may take.
 */
export async function movedPast(
  control: Pick<TrafficControl, 'router' | 'clock' | 'config' | 'signal'>,
  { from, to, stops = [] }: Pick<Lock, 'from' | 'to' | 'stops'>,
  passed: number,
): Promise<MovedPast | undefined> {
  const stop = stops[passed - 1];
  if (!stop || from === undefined) return undefined;
  const { clock, config, signal } = control;
  const start = clock.now();
  for (;;) {
    const past = await lookOnce(control, stop.percent, { from, to });
    if (!past || signal.aborted || clock.now() - start >= config.entry.within) return past;
    await clock.sleep(lookEvery, signal);
  }
}

async function lookOnce(
  { router }: Pick<TrafficControl, 'router'>,
  percent: number,
  { from, to }: { from: string; to: string },
): Promise<MovedPast | undefined> {
  const { nodes } = await router.read();
  const given = share(percent, to, from);
  const moved = Object.entries(nodes).filter(([, weights]) => !sameWeights(weights, given));
  if (moved.length === 0) return undefined;
  const one = Object.keys(nodes).length === 1;
  const message = moved.map(
    ([name, weights]) => `${one ? 'the router' : name} now says ${describeWeights(weights)}`,
  );
  return {
    why: `${to} was given ${percent} % and ${message.join(', ')}: someone moved traffic past the lock`,
    back: moved.every(([, weights]) => liveColour(weights) === from),
  };
}
