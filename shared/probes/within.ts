import { faultOf } from '../http/faults.js';
import { startTimeLimit } from '../http/time-limit.js';
import type { Observed, Probed, ProbeLimits } from './probe.js';

/** A failure of a protocol that HTTP has no word for. */
export class ProbeFailure extends Error {
  override readonly name = 'ProbeFailure';
  constructor(
    readonly kind: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Makes one observation and times it. The signal that `work` gets aborts at the limit of time, or when the caller's
 * does, with the reason to fail with; whatever `work` throws becomes a fault. `where` is what was tried, without
 * secrets.
 */
export async function observeWithin<O extends Observed>(
  where: string,
  { timeoutMs, signal }: ProbeLimits,
  work: (signal: AbortSignal) => Promise<Omit<O, 'durationMs'>>,
): Promise<Probed<O>> {
  const startedAt = performance.now();
  const { stopping, release } = startTimeLimit(timeoutMs, signal);
  try {
    stopping.signal.throwIfAborted();
    const seen = await work(stopping.signal);
    return { ok: true, observation: { ...seen, durationMs: performance.now() - startedAt } as O };
  } catch (error) {
    const reason: unknown = stopping.signal.aborted ? stopping.signal.reason : error;
    if (reason instanceof ProbeFailure)
      return { ok: false, fault: { kind: reason.kind, message: `${where}: ${reason.message}` } };
    return { ok: false, fault: faultOf(reason, where) };
  } finally {
    release();
    // Ends what the work may have left behind.
    stopping.abort();
  }
}
