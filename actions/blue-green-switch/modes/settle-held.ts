import type { Lock } from '../../../shared/ledger/refs/lock.js';
import type { Held } from '../../../shared/ledger/refs/state.js';
import { newClaim } from '../../../shared/traffic/recovery/acquire.js';
import type { RecoveryPorts, TrafficControl } from '../../../shared/traffic/control.js';
import { decideHeld } from '../../../shared/traffic/recovery/decide-held.js';
import type { ModeResult } from '../report/result.js';

/** Does what a person decided about a held lock. */
export async function settleHeld(
  control: RecoveryPorts & Pick<TrafficControl, 'random'>,
  held: Held<Lock>,
  wish: 'forward' | 'back',
  arm: (claim: string) => void,
): Promise<ModeResult> {
  const claim = newClaim(control);
  arm(claim);
  control.timeline.held = held.state;
  const before = (await control.router.survey()).observed?.weights;
  const { result, message } = await decideHeld(control, held, wish, claim);
  const { to, from, version, digest, deployment } = held.state;
  const ok = result === (wish === 'forward' ? 'completed' : 'reverted');
  return {
    ok,
    result,
    message,
    ...(ok ? {} : { reasons: [message] }),
    ...(before ? { before } : {}),
    // Of the old colour the lock does not say what it runs.
    ...(wish === 'forward' ? { target: to, version, digest } : { target: from ?? to }),
    deployment,
  };
}
