import { newClaim } from '../../../shared/traffic/recovery/acquire.js';
import type { RecoveryPorts, TrafficControl } from '../../../shared/traffic/control.js';
import { forgedLock } from '../../../shared/traffic/recovery/doubt-lock.js';
import { readHistory } from '../../../shared/traffic/switch/ledger-outcome.js';
import type { Inputs } from '../inputs.js';
import { refusalsOfResume } from '../refusals-of-switch.js';
import { nothingReserved, notOurs } from '../refusals.js';
import { refused, type ModeResult } from '../report/result.js';
import { runAccepted } from './run-accepted.js';
import { settleHeld } from './settle-held.js';

/**
 * Goes on after a pause of this run's switch, or, on a person's word, with one that was held. The lock shows that the
 * verdict was accepted; what came since is looked at again.
 */
export async function resume(
  control: RecoveryPorts & Pick<TrafficControl, 'random'>,
  inputs: Inputs,
  arm: (claim: string) => void,
): Promise<ModeResult> {
  const found = await control.lock.read();
  if (found?.state.phase === 'held') return settleHeld(control, found, 'forward', arm);
  if (!found) return refused([nothingReserved]);
  const foreign = notOurs(found.state, control.me, 'paused');
  if (foreign) return refused([foreign]);
  const { state } = found;
  const history = await readHistory(control);
  const { weights } = await control.router.read();
  const forged = await forgedLock(control, state, { weights, history });
  if (forged) return refused([forged]);
  const reasons = await refusalsOfResume(control, state, history);
  if (reasons.length > 0) {
    const { to, version, digest, deployment } = state;
    return refused(reasons, { before: weights, target: to, version, digest, deployment });
  }
  // A claim of its own: of two jobs that resume at once, the one that loses must find nothing of its own to bring to an
  // end.
  const claim = newClaim(control);
  arm(claim);
  const held = await control.lock.replace(
    found,
    { ...state, claim, holder: control.me, phase: 'switching' },
    'resumed',
  );
  return runAccepted(control, held, inputs, weights, history);
}
