import type { Lock } from '../ledger/lock.js';
import type { TrafficControl } from './control.js';
import { describeWeights, liveColour, share } from './router.js';

/** Traffic that is not as the switch left it, and the colour that has all of it now, if one has. */
export interface MovedPast {
  why: string;
  live: string | undefined;
}

/** Whether somebody moved traffic since the last of `passed` stops gave the new colour its share; undefined when nobody did, or no stop is behind. */
export async function movedPast(
  { router }: Pick<TrafficControl, 'router'>,
  { from, to, stops = [] }: Pick<Lock, 'from' | 'to' | 'stops'>,
  passed: number,
): Promise<MovedPast | undefined> {
  const stop = stops[passed - 1];
  if (!stop || from === undefined) return undefined;
  const observed = await router.read();
  if (router.plan(observed, share(stop.percent, to, from)).length === 0) return undefined;
  const { weights } = observed;
  return {
    why: `${to} was given ${stop.percent} % and the router now says ${describeWeights(weights)}: someone moved traffic past the lock`,
    live: liveColour(weights),
  };
}
