import type { Timings } from '../../request.js';

/** How a job can be ended from outside: asked to stop, or its machine taken away. */
export class JobControl {
  private readonly cancelling = new AbortController();
  private readonly dying = new AbortController();
  private deadline: NodeJS.Timeout | undefined;

  constructor(private readonly timings: Timings) {}

  /** Aborted when the job is cancelled; steps whose `if` still holds go on. */
  get cancel(): AbortSignal {
    return this.cancelling.signal;
  }

  /** Aborted when the machine is gone; its `reason` is `lost` or `deadline`. */
  get dead(): AbortSignal {
    return this.dying.signal;
  }

  /** Asks the job to stop; what still runs after the cancellation deadline is killed. */
  cancelNow(): void {
    if (this.cancel.aborted) return;
    this.deadline = setTimeout(() => this.die('deadline'), this.timings.cancelDeadlineMs);
    this.cancelling.abort();
  }

  die(reason: 'lost' | 'deadline'): void {
    this.dying.abort(reason);
  }

  /** Forgets the deadline; the job is over. */
  close(): void {
    clearTimeout(this.deadline);
  }
}

/** Resolves after `ms`, or at once when a signal is or gets aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}

/** Resolves `value` of the promise, or `undefined` as soon as the signal is aborted. */
export function unlessAborted<Value>(
  promise: Promise<Value>,
  signal: AbortSignal,
): Promise<Value | undefined> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return resolve(undefined);
    const onAbort = () => resolve(undefined);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
