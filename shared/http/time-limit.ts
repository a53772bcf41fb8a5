import { whenAborted } from '../time/when-aborted.js';
import { HttpFailure } from './faults.js';

/** What ends one exchange or observation before its time. */
export interface TimeLimit {
  /** Aborts at the limit or with the caller's signal; its reason is the HttpFailure to fail with. */
  stopping: AbortController;
  /** Stops the timer and leaves the caller's signal. */
  release(): void;
}

/** Starts a limit of `timeoutMs` milliseconds; the caller's signal ends it at once. */
export function startTimeLimit(timeoutMs: number, signal?: AbortSignal): TimeLimit {
  const stopping = new AbortController();
  const cancel = () => stopping.abort(new HttpFailure('cancelled', 'cancelled'));
  const expire = () =>
    stopping.abort(new HttpFailure('timeout', `no complete answer within ${timeoutMs} ms`));
  const timer = setTimeout(expire, timeoutMs);
  const leave = whenAborted(signal, cancel);
  return {
    stopping,
    release() {
      clearTimeout(timer);
      leave();
    },
  };
}
