import { liveByLedger, previousGood } from '../../shared/ledger/record.js';
import type { Host } from '../../shared/runner/host.js';
import { openTrafficControl, type ControlInputs, type TrafficControl } from '../../shared/traffic/control.js';
import { readHistory } from '../../shared/traffic/ledger-outcome.js';
import { recoverLock } from '../../shared/traffic/recover.js';
import { takeBack } from '../../shared/traffic/take-back.js';
import { conclude, type SwitchOutcome } from './conclude.js';
import type { ModeResult } from './result.js';

/** What main leaves for post: enough to find its work again, nothing that a later step could change. */
export interface Armed {
  control: Omit<ControlInputs, 'token'>;
  /** Claim of the lock that main took. */
  claim: string;
  /** Set when main came to its end. */
  finished?: boolean;
  /** The Deployment to take back when the job fails before it is confirmed. */
  revertIfJobFails?: number;
}

/** Brings to an end what an interrupted main left, or takes its release back when the job failed and that was asked for. */
export async function finish(host: Host): Promise<SwitchOutcome | undefined> {
  const armed = host.state.read('armed');
  if (!armed) return undefined;
  const { control: options, claim, finished, revertIfJobFails } = JSON.parse(armed) as Armed;
  const jobFailed = host.variable('INPUT_JOB-STATUS') === 'failure';
  if (finished && !(revertIfJobFails !== undefined && jobFailed)) return undefined;
  const control = await openTrafficControl(host, { ...options, token: host.variable('INPUT_GITHUB-TOKEN') });
  try {
    const result = finished
      ? await revertUnconfirmed(control, revertIfJobFails!)
      : await finishInterrupted(control, claim);
    return result && (await conclude(control, finished ? 'revert' : 'reconcile', result));
  } finally {
    control.close();
  }
}

/** The step was cut off while it held the lock: what the journal says is brought to an end, if the lock is still the one main took. */
async function finishInterrupted(control: TrafficControl, claim: string): Promise<ModeResult | undefined> {
  const held = await control.lock.read();
  if (!held || held.state.claim !== claim) return undefined;
  const before = (await control.router.read()).weights;
  const recovery = await recoverLock(control, held, { dead: true });
  const { to, version, digest, deployment } = held.state;
  return {
    ok: recovery.result !== 'held',
    result: recovery.result,
    said: `After an interruption: ${recovery.said}`,
    before,
    target: to,
    version,
    digest,
    deployment,
  };
}

/** A later step failed: back to the last good release, unless this one was confirmed, is not live any more, or has nothing before it. */
async function revertUnconfirmed(
  control: TrafficControl,
  deployment: number,
): Promise<ModeResult | undefined> {
  const history = await readHistory(control);
  const live = liveByLedger(history);
  if (
    live?.id !== deployment ||
    live.statuses.some(({ description }) => description.startsWith('confirmed:'))
  )
    return undefined;
  const before = (await control.router.read()).weights;
  const facts = { before, deployment };
  const good = previousGood(history, live);
  if (!good) {
    const reason = `a later step failed, and before ${live.payload.version} the ledger knows no release to go back to`;
    return { ok: false, result: 'refused', said: reason, reasons: [reason], ...facts };
  }
  const done = await takeBack(control, {
    bad: live,
    good,
    reason: 'a later step of the job failed before the release was confirmed',
  });
  return {
    ok: done.result === 'restored',
    result: done.result === 'restored' ? 'reverted' : done.result,
    said: done.said,
    ...facts,
    target: good.payload.colour,
    version: good.payload.version,
    digest: good.payload.digest,
    ...(done.restoredAt === undefined ? {} : { switchedAt: done.restoredAt, switchMs: done.durationMs }),
  };
}
