import type { Lock } from '../../ledger/refs/lock.js';
import type { Held } from '../../ledger/refs/state.js';
import type { SwitchPorts } from '../control.js';
import { checkEntries } from '../colour/entry.js';
import {
  fail,
  giveUp,
  goBack,
  isRescue,
  rescueReachable,
  tell,
  type Judge,
  type Orders,
  type SwitchEnd,
} from './end-switch.js';
import { holdForPerson } from './hold.js';
import { recordLive } from './ledger-outcome.js';
import { allTo, RouterError, share } from '../router.js';
import { movedPast, type MovedPast } from './moved-past.js';
import { describeStop } from '../stops.js';
import { moveTraffic, type Moved } from './transaction.js';

/**
 * Runs a lock's switch to its end: move (by the stops of its strategy), read back, verify with new connections, write
 * the outcome, release. On failure traffic goes back when it can, else it is held.
 */
export async function runSwitch(control: SwitchPorts, held: Held<Lock>, orders: Orders): Promise<SwitchEnd> {
  const { clock, timeline } = control;
  const { to, version, digest } = held.state;
  const stopped = orders.judge ? await passStops(control, held, orders, orders.judge) : { held };
  if ('result' in stopped) return stopped;

  const start = clock.now();
  held = stopped.held;
  let moved: Moved;
  try {
    moved = await moveTraffic(control, held, allTo(to, control.colours), 'forward', orders.onInterrupt);
  } catch (error) {
    if (!(error instanceof RouterError) || !isRescue(held)) throw error;
    return rescueReachable(control, held, error.message);
  }
  held = moved.held;
  if (!moved.reached) return fail(control, moved, orders);
  const facts = { switchedAt: clock.now(), switchMs: clock.now() - start };
  timeline.switched = { at: facts.switchedAt, tookMs: facts.switchMs };
  timeline.say(`All traffic is on ${to}, read back from the router; verifying with new connections`);
  const looks = { ...control, failures: timeline.failures };
  const entry = await checkEntries(looks, control.config, { version, digest });
  timeline.entry = entry;
  timeline.say(entry.message);
  if (!entry.ok) return { ...(await giveUp(control, held, orders, entry.message, true)), ...facts };
  await tell(`${to} has all traffic and new connections reach ${version}`, async () => {
    // A compare-and-swap before the outcome: whoever lost the lock meanwhile has nothing to say about what is live.
    held = await control.lock.replace(held, verified(held.state), 'verified');
    await recordLive(control, held.state);
    await control.lock.remove(held);
  });
  return { result: 'live', message: `${version} is live on ${to}: ${entry.message}`, ...facts };
}

/**
 * A lock whose switch was verified: it is completed by whoever finds it, since there is no stop left that somebody
 * would have to judge.
 */
export function verified({ journal, stops: _stops, passed: _passed, ...state }: Lock): Lock {
  return { ...state, ...(journal ? { journal: { ...journal, onInterrupt: 'complete' } } : {}) };
}

/**
 * Gives the new colour its shares one after the other, as long as it is judged well; the lock says which stops are
 * behind.
 */
async function passStops(
  control: SwitchPorts,
  held: Held<Lock>,
  orders: Orders,
  judge: Judge,
): Promise<{ held: Held<Lock> } | SwitchEnd> {
  const { to, from, stops = [] } = held.state;
  for (let passed = held.state.passed ?? 0; passed < stops.length && from !== undefined; passed++) {
    const stop = stops[passed]!;
    const past = await movedPast(control, held.state, passed);
    if (past) return yieldTo(control, held, orders, past);
    const moved = await moveTraffic(
      control,
      held,
      share(stop.percent, to, from),
      'forward',
      orders.onInterrupt,
    );
    const course = control.timeline.stop(stop);
    if (!moved.reached) {
      course.judge('not-reached', moved.why);
      return fail(control, moved, orders);
    }
    control.timeline.say(`Stop ${passed + 1} of ${stops.length}: ${describeStop(stop)}`);
    const state = { ...moved.held.state, passed: passed + 1 };
    if (stop.stay === 'pause') {
      await control.lock.replace(moved.held, { ...state, phase: 'paused' }, `paused at ${stop.percent} %`);
      course.judge('paused');
      return {
        result: 'paused',
        message: `${to} has ${stop.percent} % of new requests; run mode resume in this run to go on; if the run ends without it, the release is rolled back`,
      };
    }
    held = await control.lock.replace(moved.held, state, `stop ${passed + 1}: ${stop.percent} %`);
    const judged = await judge(stop.stay);
    if (!judged.ok) {
      course.judge('failed', judged.why);
      return giveUp(control, held, orders, judged.why);
    }
    if (control.signal.aborted) {
      course.judge('cancelled');
      return giveUp(control, held, orders, 'the run was cancelled between two steps');
    }
    course.judge('passed', judged.message);
  }
  const past = await movedPast(control, held.state, stops.length);
  return past ? yieldTo(control, held, orders, past) : { held };
}

/**
 * Somebody moved traffic between two steps. Back to the old colour ends the switch, on the other nodes too; anything
 * else is a decision that only a person explains.
 */
async function yieldTo(
  control: SwitchPorts,
  held: Held<Lock>,
  orders: Orders,
  { why, back }: MovedPast,
): Promise<SwitchEnd> {
  if (back) return goBack(control, held, orders, why);
  await holdForPerson(control, held, why);
  return { result: 'held', message: why };
}
