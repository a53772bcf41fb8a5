import type { Refusal } from '../../../shared/contracts/refusal-codes.js';
import type { DeploymentRecord } from '../../../shared/ledger/record.js';
import type { TakeBackResult } from '../../../shared/traffic/recovery/take-back.js';
import type { Survey, Weights } from '../../../shared/traffic/router.js';
import type { SwitchReport } from '../../../shared/contracts/reports/switch-report.js';

/** What a colour, asked directly, said of itself. */
export type ColourFacts = NonNullable<SwitchReport['colours']>[number];

/** What a mode found or did; main.ts turns it into outputs, report and exit. */
export type ModeResult = ModeFacts &
  (
    | { ok: false; result: 'refused'; reasons: readonly Refusal[] }
    | { ok: boolean; result: Result; reasons?: readonly string[] }
  );

/** Everything that a mode can end with but for a refusal. */
type Result =
  | ('reserved' | 'adopted' | 'switched' | 'paused' | 'not-switched' | 'reverted' | 'held' | 'dry-run')
  | ('confirmed' | 'retired' | 'kept' | 'nothing' | 'busy' | 'released' | 'completed')
  | ('ok' | 'locked' | 'drift' | 'error');

export interface ModeFacts {
  message: string;
  /** Traffic when the mode began, when it was read. */
  before?: Weights;
  target?: string;
  version?: string;
  digest?: string;
  deployment?: number;
  /** Epoch milliseconds. */
  switchedAt?: number;
  switchMs?: number;
  /** The last look at the router, after everything that the mode moved. */
  survey?: Survey;
  colours?: readonly ColourFacts[];
  /** null: nobody holds it; left out: it was not looked at. */
  lock?: SwitchReport['lock'];
  /** It broke off with the lock still held: the post step finishes it. */
  brokeOff?: true;
}

export function refused(reasons: readonly Refusal[], more: Partial<ModeFacts> = {}): ModeResult {
  return {
    ok: false,
    result: 'refused',
    message: `Refused, nothing was moved: ${reasons.join('; ')}`,
    reasons,
    ...more,
  };
}

/** How a rollback to a release ended. */
export function ofTakeBack(
  done: TakeBackResult,
  { payload: { colour, version, digest } }: Pick<DeploymentRecord, 'payload'>,
  more: Partial<ModeFacts>,
): ModeResult {
  const known = {
    message: done.message,
    ...more,
    ...{ target: colour, version, digest },
    ...(done.restoredAt === undefined ? {} : { switchedAt: done.restoredAt, switchMs: done.durationMs }),
    ...(done.brokeOff ? { brokeOff: true as const } : {}),
  };
  switch (done.result) {
    case 'restored':
      return { ...known, ok: true, result: 'reverted' };
    case 'held':
      return { ...known, ok: false, result: 'held', reasons: [done.message] };
    case 'refused':
      return { ...known, ok: false, result: 'refused', reasons: [done.message] };
  }
}
