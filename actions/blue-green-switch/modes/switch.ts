import { setDeploymentStatus } from '../../../shared/ledger/deployments.js';
import { listIncidents } from '../../../shared/ledger/incidents.js';
import type { Lock } from '../../../shared/ledger/lock.js';
import type { Held } from '../../../shared/ledger/state.js';
import { checkColour } from '../../../shared/traffic/colour-check.js';
import type { TrafficControl } from '../../../shared/traffic/control.js';
import { readHistory, recordNotLive } from '../../../shared/traffic/ledger-outcome.js';
import { liveColour, type Weights } from '../../../shared/traffic/router.js';
import type { Inputs } from '../inputs.js';
import { expiryOf, notOurs, objections, outlasts } from '../refusals.js';
import { refused, type ModeResult } from '../result.js';
import { carry } from './carry.js';
import { claimOf } from './reserve.js';

/** Moves all traffic to the reserved colour, once everything that was promised about it is seen to hold. `arm` is called with the lock's claim before anything can move. */
export async function switchOver(
  control: TrafficControl,
  inputs: Inputs,
  arm: (claim: string) => void,
): Promise<ModeResult> {
  const found = await control.lock.read();
  const foreign = notOurs(found?.state, control.me, 'reserved');
  if (!found || foreign) return refused([foreign ?? '']);
  arm(found.state.claim);
  const held = await control.lock.replace(
    found,
    { ...found.state, holder: control.me, stops: inputs.strategy, ...expiryOf(inputs.verdict) },
    'adopted for the switch',
  );
  const { deployment, version, digest, to, from } = held.state;
  const facts = { target: to, version, digest, deployment };

  const { weights } = await control.router.read();
  const history = await readHistory(control);
  const reasons = await objectionsUnderLock(control, inputs, held.state, weights, history);
  if (reasons.length > 0) return release(control, held, reasons, { ...facts, before: weights });

  await setDeploymentStatus(
    control.github,
    deployment,
    'in_progress',
    `switching from ${from ?? 'nothing'} to ${to}`,
    { log: control.runUrl },
  );
  return carry(control, held, inputs, weights, history);
}

async function objectionsUnderLock(
  control: TrafficControl,
  inputs: Inputs,
  lock: Lock,
  weights: Weights,
  history: Awaited<ReturnType<typeof readHistory>>,
): Promise<string[]> {
  const { incidents } = await listIncidents(control.github, { states: ['OPEN'], writers: control.writers });
  const claim = { ...claimOf(control), sha: lock.payload.releasedSha, digest: lock.digest };
  const reasons = objections(inputs.verdict, claim, { incidents, history });
  const live = liveColour(weights);
  // A first deployment may go to the colour that the router names already, as nothing runs there.
  if (live !== lock.from && !(lock.from === undefined && live === lock.to)) {
    reasons.push(
      `${lock.from ?? 'nothing'} was live at the reservation and the router now says ${live ?? 'mixed'}: someone moved traffic past the lock`,
    );
  }
  const late = outlasts(lock, control.clock.now(), inputs.strategy);
  if (late) reasons.push(late);
  if (inputs.strategy.length > 0 && !control.router.can.weighted) {
    reasons.push(
      `${control.router.kind} gives all traffic to one colour: leave "strategy" at instant, or use a router that can weigh`,
    );
  }
  const colour = await checkColour(
    control.http,
    control.config,
    lock.to,
    { version: lock.version, digest: lock.digest },
    control.clock,
  );
  return colour.ok ? reasons : [...reasons, colour.why];
}

/** A refused release gives the colour free again. */
async function release(
  control: TrafficControl,
  held: Held<Lock>,
  reasons: string[],
  facts: Partial<ModeResult>,
): Promise<ModeResult> {
  await recordNotLive(control, held.state, 'error', `refused: ${reasons.join('; ')}`);
  await control.lock.remove(held);
  return refused(reasons, facts);
}
