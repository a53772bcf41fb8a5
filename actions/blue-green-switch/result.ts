import type { EntryCheck } from '../../shared/traffic/entry-check.js';
import type { Weights } from '../../shared/traffic/router.js';

/** What a mode found or did; main.ts turns it into outputs, report and exit. */
export interface ModeResult {
  ok: boolean;
  result: string;
  said: string;
  reasons?: readonly string[];
  /** Traffic when the mode began, when it was read. */
  before?: Weights;
  target?: string;
  version?: string;
  digest?: string;
  deployment?: number;
  /** Epoch milliseconds. */
  switchedAt?: number;
  switchMs?: number;
  entry?: EntryCheck;
}

export function refused(reasons: readonly string[], more: Partial<ModeResult> = {}): ModeResult {
  return {
    ok: false,
    result: 'refused',
    said: `Refused, nothing was moved: ${reasons.join('; ')}`,
    reasons,
    ...more,
  };
}
