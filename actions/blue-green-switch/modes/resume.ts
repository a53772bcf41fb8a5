import { listIncidents } from '../../../shared/ledger/incidents.js';
import { checkColour } from '../../../shared/traffic/colour-check.js';
import type { TrafficControl } from '../../../shared/traffic/control.js';
import { readHistory } from '../../../shared/traffic/ledger-outcome.js';
import type { Inputs } from '../inputs.js';
import { notOurs, outlasts, sinceAccepted } from '../refusals.js';
import { refused, type ModeResult } from '../result.js';
import { carry } from './carry.js';
import { settleHeld } from './settle-held.js';

/** Goes on after a pause of this run's switch, or, on a person's word, with one that was held. The lock shows that the verdict was accepted; what came since is looked at again. */
export async function resume(
  control: TrafficControl,
  inputs: Inputs,
  arm: (claim: string) => void,
): Promise<ModeResult> {
  const found = await control.lock.read();
  if (found?.state.phase === 'held') return settleHeld(control, found, 'forward');
  const foreign = notOurs(found?.state, control.me, 'paused');
  if (!found || foreign) return refused([foreign ?? '']);
  const { state } = found;
  const { weights } = await control.router.read();
  const history = await readHistory(control);
  const { incidents } = await listIncidents(control.github, { states: ['OPEN'], writers: control.writers });
  const reasons = sinceAccepted(
    { ...control, digest: state.digest, since: state.since, deployment: state.deployment },
    { incidents, history },
  );
  const { version, digest } = state;
  const colour = await checkColour(
    control.http,
    control.config,
    state.to,
    { version, digest },
    control.clock,
  );
  if (!colour.ok) reasons.push(colour.why);
  const late = outlasts(state, control.clock.now(), (state.stops ?? []).slice(state.passed ?? 0));
  if (late) reasons.push(late);
  if (reasons.length > 0)
    return refused(reasons, {
      before: weights,
      target: state.to,
      version,
      digest,
      deployment: state.deployment,
    });
  arm(state.claim);
  const held = await control.lock.replace(
    found,
    { ...state, holder: control.me, phase: 'switching' },
    'resumed',
  );
  return carry(control, held, inputs, weights, history);
}
