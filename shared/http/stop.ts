/**
 * What ends a request before its time: its limit, or its caller. Many requests share one caller's signal, and a listener of their own for each, or a
 * controller, costs more than sending them does.
 */
export class Stop {
  readonly #listeners = new Set<() => void>();
  #stopped: { reason: unknown } | undefined;
  #controller: AbortController | undefined;

  get stopped(): boolean {
    return this.#stopped !== undefined;
  }

  get reason(): unknown {
    return this.#stopped?.reason;
  }

  /** The same as a signal, for what takes one. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#stopped) this.#controller.abort(this.#stopped.reason);
    }
    return this.#controller.signal;
  }

  stop(reason: unknown): void {
    if (this.#stopped) return;
    this.#stopped = { reason };
    for (const listener of [...this.#listeners]) listener();
    this.#controller?.abort(reason);
  }

  onStop(listener: () => void): void {
    this.#listeners.add(listener);
  }

  offStop(listener: () => void): void {
    this.#listeners.delete(listener);
  }
}

const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls `act` when the signal aborts, at once if it has; all calls for a signal share one listener. Returns what takes that back. */
export function whenAborted(signal: AbortSignal, act: () => void): () => void {
  if (signal.aborted) act();
  let acts = waiting.get(signal);
  if (!acts) {
    const all = (acts = new Set());
    waiting.set(signal, all);
    signal.addEventListener('abort', () => [...all].forEach((each) => each()), { once: true });
  }
  const mine = acts.add(act);
  return () => void mine.delete(act);
}
