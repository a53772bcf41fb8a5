import type { Survey, Weights } from '../../../shared/traffic/router.js';
import type { SwitchReport } from '../../../shared/contracts/switch-report.js';

/** What a colour, asked directly, said of itself. */
export type ColourFacts = NonNullable<SwitchReport['colours']>[number];

/** What a mode found or did; main.ts turns it into outputs, report and exit. */
export interface ModeResult {
  ok: boolean;
  result: string;
  message: string;
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
  /** The last look at the router, after everything that the mode moved. */
  survey?: Survey;
  colours?: readonly ColourFacts[];
  /** null: nobody holds it; left out: it was not looked at. */
  lock?: SwitchReport['lock'];
  /** It broke off with the lock still held: the post step finishes it. */
  brokeOff?: true;
}

export function refused(reasons: readonly string[], more: Partial<ModeResult> = {}): ModeResult {
  return {
    ok: false,
    result: 'refused',
    message: `Refused, nothing was moved: ${reasons.join('; ')}`,
    reasons,
    ...more,
  };
}
