import { liveByLedger, previousGood } from '../../../shared/ledger/record.js';
import type { TrafficControl } from '../../../shared/traffic/control.js';
import { readHistory } from '../../../shared/traffic/ledger-outcome.js';
import { takeBack } from '../../../shared/traffic/take-back.js';
import type { Inputs } from '../inputs.js';
import { refused, type ModeResult } from '../result.js';
import { settleHeld } from './settle-held.js';

/** Gives all traffic back to the last good release, on a person's word. */
export async function revert(control: TrafficControl, inputs: Inputs): Promise<ModeResult> {
  const held = await control.lock.read();
  if (held?.state.phase === 'held') return settleHeld(control, held, 'back');
  const history = await readHistory(control);
  const bad = liveByLedger(history);
  if (!bad) return refused(['nothing is live by the ledger, so there is nothing to take back']);
  const good = previousGood(history, bad);
  if (!good)
    return refused([`before ${bad.payload.version} the ledger knows no release that succeeded and stayed`]);
  const { weights } = await control.router.read();
  const done = await takeBack(control, {
    bad,
    good,
    reason: `asked for by ${control.me.actor}`,
    patienceMs: inputs['lock-timeout'],
  });
  const { version, digest, colour } = good.payload;
  return {
    ok: done.result === 'restored',
    result: done.result === 'restored' ? 'reverted' : done.result,
    said: done.said,
    ...(done.result === 'restored' ? {} : { reasons: [done.said] }),
    before: weights,
    target: colour,
    version,
    digest,
    ...(done.deployment ? { deployment: done.deployment } : {}),
    ...(done.restoredAt !== undefined ? { switchedAt: done.restoredAt, switchMs: done.durationMs } : {}),
  };
}
