import { describeHolder } from '../../../shared/ledger/holder.js';
import { liveByLedger } from '../../../shared/ledger/record.js';
import { checkColour } from '../../../shared/traffic/colour-check.js';
import type { TrafficControl } from '../../../shared/traffic/control.js';
import { readHistory } from '../../../shared/traffic/ledger-outcome.js';
import { describeWeights, liveColour } from '../../../shared/traffic/router.js';
import type { ModeResult } from '../result.js';

/** Says what is live, who holds the lock, and where router, colours and ledger disagree. Changes nothing. */
export async function status(control: TrafficControl): Promise<ModeResult> {
  const { weights } = await control.router.read();
  const live = liveColour(weights);
  const recorded = liveByLedger(await readHistory(control));
  const lock = await control.lock.read();
  const drift: string[] = [];
  if (!live) drift.push(`traffic is mixed: ${describeWeights(weights)}`);
  if (recorded && live && recorded.payload.colour !== live) {
    drift.push(
      `the ledger says ${recorded.payload.colour} (${recorded.payload.version}, Deployment ${recorded.id}), the router says ${live}`,
    );
  }
  const expected =
    recorded && recorded.payload.colour === live
      ? { version: recorded.payload.version, digest: recorded.payload.digest }
      : undefined;
  for (const colour of control.colours) {
    const check = await checkColour(
      control.http,
      control.config,
      colour,
      colour === live ? expected : undefined,
      control.clock,
    );
    control.timeline.say(`${colour}${colour === live ? ' (live)' : ''}: ${check.ok ? 'well' : check.why}`);
    if (!check.ok && colour === live) drift.push(check.why);
  }
  if (lock)
    control.timeline.say(
      `Lock: phase ${lock.state.phase}, ${describeHolder(lock.state.holder)}, since ${lock.state.since}`,
    );
  const result = lock?.state.phase === 'held' ? 'held' : drift.length > 0 ? 'drift' : lock ? 'locked' : 'ok';
  const ledger = recorded ? `${recorded.payload.version} (Deployment ${recorded.id})` : 'nothing';
  return {
    ok: true,
    result,
    said: `Router: ${describeWeights(weights)}. Ledger: ${ledger}. ${drift.length > 0 ? drift.join('; ') : 'They agree.'}`,
    reasons: drift,
    before: weights,
    ...(recorded
      ? { version: recorded.payload.version, digest: recorded.payload.digest, deployment: recorded.id }
      : {}),
  };
}
