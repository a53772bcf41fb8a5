import type { Refusal } from '../../../shared/contracts/refusal-codes.js';
import { setDeploymentStatus } from '../../../shared/ledger/deployments.js';
import type { Lock } from '../../../shared/ledger/refs/lock.js';
import type { Held } from '../../../shared/ledger/refs/state.js';
import type { LedgerPorts, SwitchPorts, TrafficControl } from '../../../shared/traffic/control.js';
import { forgedLock } from '../../../shared/traffic/recovery/doubt-lock.js';
import { readHistory, recordNotLive } from '../../../shared/traffic/switch/ledger-outcome.js';
import type { Inputs } from '../inputs.js';
import { adopted, refusalsOfSwitch } from '../refusals-of-switch.js';
import { nothingReserved, notOurs } from '../refusals.js';
import { refused, type ModeFacts, type ModeResult } from '../report/result.js';
import { runAccepted } from './run-accepted.js';

/**
 * Moves all traffic to the reserved colour, once everything that was promised about it is seen to hold. `arm` is called
 * with the lock's claim before anything can move.
 */
export async function switchOver(
  control: SwitchPorts & Pick<TrafficControl, 'random' | 'me'>,
  inputs: Inputs,
  arm: (claim: string) => void,
): Promise<ModeResult> {
  const found = await control.lock.read();
  if (!found) return refused([nothingReserved]);
  const foreign = notOurs(found.state, control.me, 'reserved');
  if (foreign) return refused([foreign]);
  const history = await readHistory(control);
  const { weights } = await control.router.read();
  const forged = await forgedLock(control, found.state, { weights, history });
  if (forged) return refused([forged]);
  const state = adopted(found.state, control, inputs);
  arm(state.claim);
  const held = await control.lock.replace(found, state, 'adopted for the switch');
  const { deployment, version, digest, to, from } = held.state;
  const facts = { target: to, version, digest, deployment };

  const reasons = await refusalsOfSwitch(control, inputs, held.state, { weights, history });
  if (reasons.length > 0) return release(control, held, reasons, { ...facts, before: weights });

  await setDeploymentStatus(
    control.github,
    deployment,
    'in_progress',
    `switching from ${from ?? 'nothing'} to ${to}`,
    { log: control.runUrl },
  );
  return runAccepted(control, held, inputs, weights, history);
}

/** A refused release gives the colour free again. */
async function release(
  control: LedgerPorts & Pick<TrafficControl, 'config' | 'lock' | 'runUrl'>,
  held: Held<Lock>,
  reasons: readonly Refusal[],
  facts: Partial<ModeFacts>,
): Promise<ModeResult> {
  await recordNotLive(control, held.state, 'error', `refused: ${reasons.join('; ')}`);
  await control.lock.remove(held);
  return refused(reasons, facts);
}
