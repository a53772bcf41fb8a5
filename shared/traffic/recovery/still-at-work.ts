import { describeHolder, holderIsDead } from '../../ledger/refs/holder.js';
import type { Lock } from '../../ledger/refs/lock.js';
import type { TrafficControl } from '../control.js';

/**
 * Whether the one who holds the lock can still act, asked of GitHub. A reservation lives as long as its run, a switch,
 * and what was held, as long as its job.
 */
export async function lockIsDead(
  control: Pick<TrafficControl, 'me' | 'runFacts'>,
  lock: Lock,
): Promise<boolean> {
  const facts = await control.runFacts(lock.holder.runId, lock.holder.attempt);
  const byJob = lock.phase === 'switching' || lock.phase === 'held';
  return holderIsDead(lock.holder, facts, byJob ? 'job' : 'run', control.me);
}

/** Why a lock is to be left alone for now: a person must decide, or its holder is still at work. */
export const heldSince = (lock: Lock) =>
  `The lock is held for a person since ${lock.since}: ${lock.reason ?? 'no reason given'}`;
export const atWork = (lock: Lock) =>
  `The lock belongs to ${describeHolder(lock.holder)}, which is still at work`;

/** The same for whoever changes nothing; undefined when the holder is dead and a recovery would go on. */
export async function leftAlone(
  control: Pick<TrafficControl, 'me' | 'runFacts'>,
  lock: Lock,
): Promise<string | undefined> {
  const dead = await lockIsDead(control, lock);
  if (lock.phase === 'held') return dead && lock.awaits ? undefined : heldSince(lock);
  return dead ? undefined : atWork(lock);
}
