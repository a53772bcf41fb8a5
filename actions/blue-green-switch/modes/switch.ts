import { setDeploymentStatus } from '../../../shared/ledger/deployments.js';
import { listIncidents } from '../../../shared/ledger/incidents.js';
import type { Lock } from '../../../shared/ledger/lock.js';
import type { Held } from '../../../shared/ledger/state.js';
import { carryOut } from '../../../shared/traffic/carry-out.js';
import { checkColour } from '../../../shared/traffic/colour-check.js';
import type { TrafficControl } from '../../../shared/traffic/control.js';
import { readHistory, recordNotLive } from '../../../shared/traffic/ledger-outcome.js';
import { wayBack } from '../../../shared/traffic/recover.js';
import { liveColour, type Weights } from '../../../shared/traffic/router.js';
import type { Inputs } from '../inputs.js';
import { notOurs, objections } from '../refusals.js';
import { refused, type ModeResult } from '../result.js';
import { claimOf } from './reserve.js';

/** Moves all traffic to the reserved colour, once everything that was promised about it is seen to hold. `arm` is called with the lock's claim before anything can move. */
export async function switchOver(
  control: TrafficControl,
  inputs: Inputs,
  arm: (claim: string) => void,
): Promise<ModeResult> {
  const found = await control.lock.read();
  const foreign = notOurs(found?.state, control.me);
  if (!found || foreign) return refused([foreign ?? '']);
  arm(found.state.claim);
  const held = await control.lock.replace(
    found,
    { ...found.state, holder: control.me },
    'adopted for the switch',
  );
  const { deployment, version, digest, to, from, payload } = held.state;
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
  const previous = history.find((record) => record.id === payload.previous);
  const done = await carryOut(control, held, {
    onInterrupt: inputs['on-interrupt'],
    wayBack: wayBack(from, previous, payload.kind),
  });
  const results = { live: 'switched', back: 'reverted', 'not-moved': 'not-switched', held: 'held' } as const;
  return {
    ok: done.result === 'live',
    result: results[done.result],
    said: done.said,
    ...(done.result === 'live' ? {} : { reasons: [done.said] }),
    ...facts,
    before: weights,
    ...(done.switchedAt !== undefined ? { switchedAt: done.switchedAt, switchMs: done.switchMs } : {}),
    ...(done.entry ? { entry: done.entry } : {}),
  };
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
  if (liveColour(weights) !== lock.from) {
    reasons.push(
      `${lock.from ?? 'nothing'} was live at the reservation and the router now says ${liveColour(weights) ?? 'mixed'}: someone moved traffic past the lock`,
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
