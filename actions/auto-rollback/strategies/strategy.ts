import type { TrafficControl } from '../../../shared/traffic/control.js';
import type { TakeBackRequest, TakeBackResult } from '../../../shared/traffic/recovery/take-back.js';

/** One way to bring back the last good release. */
export interface Strategy {
  /** Value of the input `strategy`. */
  name: string;
  /** Whether it could do so now; changes nothing. Asked when the watch begins, so that a person hears of it in time. */
  preflight(
    control: TrafficControl,
    releases: Pick<TakeBackRequest, 'bad' | 'good'>,
  ): Promise<{ ok: true } | { ok: false; why: string }>;
  /** Does so, and says what came of it; what it throws leaves traffic in a place that nobody has confirmed. */
  run(control: TrafficControl, request: TakeBackRequest): Promise<TakeBackResult>;
}
