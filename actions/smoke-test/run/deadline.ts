import { formatDuration } from '../../../shared/time/duration.js';
import type { Clock } from '../../../shared/time/clock.js';
import type { Finding } from '../judge/finding.js';

/** The reason of a signal that a limit of time aborted. */
export class DeadlineReached extends Error {
  override readonly name = 'DeadlineReached';
  constructor(
    readonly limitMs: number,
    whose: string,
  ) {
    super(`${whose} limit of ${formatDuration(limitMs)} was reached`);
  }
}

/**
 * Runs `body` with a signal that aborts after `limitMs` with DeadlineReached, or when the parent does, with its reason.
 */
export async function withDeadline<T>(
  clock: Clock,
  limitMs: number,
  parent: AbortSignal,
  body: (signal: AbortSignal) => Promise<T>,
  whose = 'the',
): Promise<T> {
  const reached = new AbortController();
  const finished = new AbortController();
  void clock.sleep(limitMs, finished.signal).then(() => {
    if (!finished.signal.aborted) reached.abort(new DeadlineReached(limitMs, whose));
  });
  try {
    return await body(AbortSignal.any([parent, reached.signal]));
  } finally {
    finished.abort();
  }
}

/** Why an aborted signal stopped a step, in words. */
export function stopReason(signal: AbortSignal): string {
  return signal.reason instanceof DeadlineReached ? signal.reason.message : 'the run was interrupted';
}

/** The finding of a step that an aborted signal stopped. */
export function stopFinding(signal: AbortSignal, got: string): Finding {
  const kind = signal.reason instanceof DeadlineReached ? 'timeout' : 'interrupted';
  return {
    kind,
    check: kind,
    path: ['name'],
    expected: 'an answer before the end',
    got: `${stopReason(signal)}: ${got}`,
  };
}
