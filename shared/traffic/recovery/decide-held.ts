import { coded, retold, type Refusal } from '../../contracts/refusal-codes.js';
import type { Lock } from '../../ledger/refs/lock.js';
import type { DeploymentRecord } from '../../ledger/record.js';
import type { Held } from '../../ledger/refs/state.js';
import { checkFit, type FitPorts } from '../colour/fit.js';
import type { RecoveryPorts, TrafficControl } from '../control.js';
import { tellSettled } from '../switch/hold.js';
import { readHistory } from '../switch/ledger-outcome.js';
import type { Orders } from '../switch/end-switch.js';
import { askDoubt, describeForged } from './doubt-lock.js';
import { complete, holdForged, ordersOf, revert, type Recovery } from './recover.js';

/**
 * The colour that a person's word may bring a lock's traffic to, or why not. One that is not well gets none, whoever
 * asks. Changes nothing.
 */
export async function mayGo(
  control: FitPorts & Pick<TrafficControl, 'github' | 'prove' | 'lock' | 'timeline'>,
  lock: Lock,
  history: readonly DeploymentRecord[],
  wish: 'forward' | 'back',
): Promise<{ ok: true; colour: string; orders: Orders } | { ok: false; why: Refusal; doubt?: Refusal }> {
  const { doubt } = await askDoubt(control, lock, history, { byPerson: wish === 'back' });
  if (doubt) return { ok: false, why: retold('Still held: ', describeForged(control, doubt)), doubt };
  const orders = ordersOf(lock, history);
  const target =
    wish === 'forward'
      ? { colour: lock.to, expected: { version: lock.version, digest: lock.digest } }
      : orders.wayBack;
  if (!target) {
    const nothing =
      lock.payload.kind === 'rollback' ? 'a rollback has nothing to go back to' : 'nothing was live before';
    const forward = `redeploy ${lock.version} to ${lock.to} so that it is well, then run mode resume`;
    return { ok: false, why: coded('nothing-to-go-back-to', `Still held: ${nothing}; ${forward}`) };
  }
  const partly = wish === 'back' || lock.payload.kind === 'rollback';
  const well = await checkFit(control, target.colour, target.expected, { partly });
  return well.ok
    ? { ok: true, colour: target.colour, orders }
    : { ok: false, why: retold('Still held: ', well.why) };
}

/**
 * A person's word on a held lock: all traffic to the new colour, or back to the old one. A colour that is not well gets
 * none, whoever asks. It takes over with the given new claim.
 */
export async function decideHeld(
  control: RecoveryPorts,
  held: Held<Lock>,
  wish: 'forward' | 'back',
  claim: string,
): Promise<Recovery> {
  const lock = held.state;
  const may = await mayGo(control, lock, await readHistory(control), wish);
  if (!may.ok) {
    if (may.doubt && !lock.doubted) await holdForged(control, held, may.doubt);
    return { result: 'held', message: may.why };
  }
  const { orders } = may;
  const { reason: _reason, awaits: _awaits, doubted: _doubted, ...state } = lock;
  const taken = await control.lock.replace(
    held,
    { ...state, claim, holder: control.me, phase: 'switching' },
    `${wish}, decided by ${control.me.actor}`,
  );
  control.timeline.say(`${control.me.actor} decided about what was held since ${lock.since}: ${wish}`);
  const recovery =
    wish === 'forward'
      ? await complete(control, taken, orders)
      : await revert(control, taken, orders, `decided by ${control.me.actor}`);
  if (recovery.result !== 'held') await tellSettled(control, lock, recovery.message);
  return recovery;
}
