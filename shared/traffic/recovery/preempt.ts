import type { Lock } from '../../ledger/refs/lock.js';
import { outcomeOf, type DeploymentRecord } from '../../ledger/record.js';
import { LostStateError, type Held } from '../../ledger/refs/state.js';
import type { TrafficControl } from '../control.js';
import { liveColour } from '../router.js';
import { goBack } from '../switch/end-switch.js';
import { runWatchedSwitch } from '../switch/run-watched-switch.js';
import { recordNotLive, readHistory } from '../switch/ledger-outcome.js';
import { newClaim, takeLock } from './acquire.js';
import { askDoubt } from './doubt-lock.js';
import { ordersOf, type Recovery } from './recover.js';
import { decideHeld } from './decide-held.js';
import { lockIsDead } from './still-at-work.js';

/** A holder that writes its journal just now may win the race for its own lock so many times. */
const mostTries = 5;

/** The switch or rollback that a lock is of, and what is to become of it on the word of whoever pressed the button. */
export interface UnderWay {
  held: Held<Lock>;
  wish: 'forward' | 'back';
  bad: DeploymentRecord;
  good: DeploymentRecord | undefined;
}

/**
 * What moves traffic under the lock just now: a release that has some already is to go back, a rollback to be finished.
 * Undefined when nothing does: then what is live is meant, whoever has the lock. A lock that no release wrote moves
 * nothing.
 */
export async function underWay(control: TrafficControl): Promise<UnderWay | undefined> {
  const held = await control.lock.read();
  if (!held) return undefined;
  const lock = held.state;
  if (lock.phase === 'reserved' || lock.phase === 'retiring') return undefined;
  const history = await readHistory(control);
  const own = history.find(({ id }) => id === lock.deployment);
  const previous = history.find(({ id }) => id === lock.payload.previous);
  const { doubt, proved } = await askDoubt(control, lock, history, { byPerson: true });
  if (!own || doubt || (proved && outcomeOf(proved).is === 'succeeded')) return undefined;
  if (lock.payload.kind === 'rollback')
    return previous && { held, wish: 'forward', bad: previous, good: own };
  const { partial } = await control.router.survey();
  if (lock.from !== undefined && liveColour(partial.weights) === lock.from) return undefined;
  return { held, wish: 'back', bad: own, good: previous };
}

/**
 * Takes the lock of a switch under way from its holder, which stops at its next compare-and-swap, and brings traffic to
 * the good release. Throws LostStateError when the lock changes hands faster than it can be taken.
 */
export async function preempt(control: TrafficControl, { held, wish }: UnderWay): Promise<Recovery> {
  const { deployment } = held.state;
  let taken = held;
  for (let tries = 1; ; tries += 1) {
    try {
      const recovery = await decideHeld(control, taken, wish, newClaim(control));
      if (recovery.result !== 'held') await outlast(control, taken.state, taken.state, wish);
      return recovery;
    } catch (error) {
      const now = error instanceof LostStateError ? await control.lock.read() : undefined;
      if (!now || now.state.deployment !== deployment || tries >= mostTries) throw error;
      taken = now;
    }
  }
}

/**
 * Takes the lock whoever has it: their next compare-and-swap finds it gone, so they stop. `over` is the lock as they
 * left it. Undefined when it changes hands faster than it can be taken.
 */
export async function seizeLock(
  control: TrafficControl,
  wanted: Parameters<typeof takeLock>[1],
): Promise<{ held: Held<Lock>; over: Lock | undefined } | undefined> {
  for (let tries = 1; tries <= mostTries; tries += 1) {
    const other = await control.lock.read();
    try {
      const held = await takeLock(control, wanted, other);
      if (held) return { held, over: other?.state };
    } catch (error) {
      if (!(error instanceof LostStateError)) throw error;
    }
  }
  return undefined;
}

/** Writes that a release whose lock was taken from it will not go out, if the lock was its own. Never throws. */
export async function tellPreempted(control: TrafficControl, over: Lock): Promise<void> {
  try {
    if (over.phase === 'retiring') return;
    const history = await readHistory(control);
    const own = history.find(({ id }) => id === over.deployment);
    const { doubt, proved } = await askDoubt(control, over, history, { byPerson: true });
    if (!own || doubt || (proved && outcomeOf(proved).is !== 'in-flight')) return;
    await recordNotLive(control, over, 'inactive', 'a rollback took the lock; start the release again');
  } catch (error) {
    control.timeline.say(`The release that had the lock could not be told: ${String(error)}`);
  }
}

/** A call that the holder had sent before it lost the lock may arrive for so many milliseconds. */
const strayMs = 5_000;
const lookEveryMs = 500;

/**
 * Watches the router until no call of the holder that `over` names can arrive any more, and brings traffic to the good
 * colour of `lock` again when one did. A router that cannot be read is looked at again.
 */
export async function outlast(
  control: TrafficControl,
  over: Lock,
  lock: Lock,
  wish: 'forward' | 'back',
): Promise<void> {
  if (await lockIsDead(control, over).catch(() => false)) return;
  const colour = wish === 'forward' ? lock.to : lock.from;
  const end = control.clock.now() + strayMs;
  while (control.clock.now() < end) {
    await control.clock.sleep(lookEveryMs);
    const observed = await control.router.read().catch(() => undefined);
    if (!observed || liveColour(observed.weights) === colour) continue;
    control.timeline.say(`A call of the run that lost the lock arrived late: moving traffic again`);
    const held = await control.lock.create(
      { ...lock, claim: newClaim(control), holder: control.me },
      'again',
    );
    // Somebody else is at it already.
    if (!held) return;
    const rescue = { ...control, signal: new AbortController().signal };
    const orders = ordersOf(lock, await readHistory(control));
    if (wish === 'back') await goBack(rescue, held, orders, 'a late call moved traffic again');
    else await runWatchedSwitch(rescue, held, { onInterrupt: 'complete', wayBack: undefined });
  }
}
