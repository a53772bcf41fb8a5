import { coded, type Refusal } from '../../../shared/contracts/refusal-codes.js';
import type { DeploymentRecord } from '../../../shared/ledger/record.js';
import { describeDoubted } from '../../../shared/ledger/proof/first-proved.js';
import { lockThatBlocks, newClaim } from '../../../shared/traffic/recovery/acquire.js';
import type { LedgerPorts, RecoveryPorts, TrafficControl } from '../../../shared/traffic/control.js';
import { provedGood, provedLive, readHistory } from '../../../shared/traffic/switch/ledger-outcome.js';
import { liveInFact } from '../../../shared/traffic/switch/live-in-fact.js';
import { recoverLock } from '../../../shared/traffic/recovery/recover.js';
import { leftAlone } from '../../../shared/traffic/recovery/still-at-work.js';
import { liveColour } from '../../../shared/traffic/router.js';
import { takeBack } from '../../../shared/traffic/recovery/take-back.js';
import { endMixed } from '../drift.js';
import type { Inputs } from '../inputs.js';
import { ofTakeBack, refused, type ModeResult } from '../report/result.js';
import { settleHeld } from './settle-held.js';

/**
 * Gives all traffic back to the last good release, on a person's word. `arm` is called with a lock's claim before
 * anything moves under it.
 */
export async function revert(
  control: TrafficControl,
  inputs: Inputs,
  arm: (claim: string) => void,
): Promise<ModeResult> {
  const settled = await settleLeft(control, arm);
  if (settled) return settled;
  const found = await findRevert(control);
  if (!found.ok) {
    const blocking = await lockThatBlocks(control);
    return refused([found.why, ...(blocking ? [blocking] : [])]);
  }
  const { bad, good } = found;
  const before = (await control.router.survey()).observed?.weights;
  const done = await takeBack(control, {
    bad,
    good,
    reason: `asked for by ${control.me.actor}`,
    patienceMs: inputs['lock-timeout'],
    arm,
  });
  return ofTakeBack(done, good, {
    ...(before ? { before } : {}),
    ...(done.deployment === undefined ? {} : { deployment: done.deployment }),
  });
}

/**
 * What a revert would take back and what it would restore, as far as the ledger proves itself and the router bears it
 * out. Changes nothing.
 */
export async function findRevert(
  control: LedgerPorts & Pick<TrafficControl, 'router' | 'config' | 'http'>,
): Promise<{ ok: true; bad: DeploymentRecord; good: DeploymentRecord } | { ok: false; why: Refusal }> {
  const { partial, observed } = await control.router.survey();
  const ledger = await provedLive(control, await readHistory(control));
  const { live: bad, history, nothing } = await liveInFact(control, ledger, partial.weights);
  if (!bad) {
    const mixed =
      observed && !liveColour(observed.weights) ? `. ${endMixed(control.router, observed, undefined)}` : '';
    return { ok: false, why: coded('nothing-live', `${nothing}, so there is nothing to roll back${mixed}`) };
  }
  const { found: good, records } = await provedGood(control, history, bad);
  if (good && observed && liveColour(observed.weights) === good.payload.colour)
    control.timeline.say(
      `${good.payload.colour} has all traffic already, past the ledger: nothing is to be moved, the ledger only to be told. If nobody moved it by hand, find out who wrote Deployment ${bad.id}, and run mode revert again: it then takes ${good.payload.version} back`,
    );
  if (good) return { ok: true, bad, good };
  const doubted = describeDoubted(records);
  const none = `before ${bad.payload.version} the ledger knows no release that succeeded and stayed`;
  return { ok: false, why: coded('nothing-to-go-back-to', doubted ? `${none} (${doubted})` : none) };
}

/**
 * A lock that is held, or that a dead run left, comes first: it says itself where traffic came from, so it is brought
 * back whatever the ledger can prove. Undefined when there is none, or when its end leaves a release live that can be
 * taken back.
 */
async function settleLeft(
  control: RecoveryPorts & Pick<TrafficControl, 'random'>,
  arm: (claim: string) => void,
): Promise<ModeResult | undefined> {
  const found = await control.lock.read();
  if (!found) return undefined;
  if (found.state.phase === 'held') return settleHeld(control, found, 'back', arm);
  if (await leftAlone(control, found.state)) return undefined;
  const before = (await control.router.survey()).observed?.weights;
  const claim = newClaim(control);
  arm(claim);
  const { result, message } = await recoverLock(control, found, { dead: true, claim });
  if (result === 'held') {
    const held = await control.lock.read();
    if (held) return settleHeld(control, held, 'back', arm);
  }
  const { from, to, payload } = found.state;
  const isRollback = payload.kind === 'rollback';
  if (result === 'reverted' || (result === 'completed' && isRollback)) {
    return {
      ok: true,
      result: 'reverted',
      message,
      ...(before ? { before } : {}),
      target: isRollback ? to : (from ?? to),
    };
  }
  control.timeline.say(message);
  return undefined;
}
