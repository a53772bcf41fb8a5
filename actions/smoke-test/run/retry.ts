import type { Finding } from '../judge/finding.js';
import type { RetryPolicy, UntilPolicy } from '../suite/schema/schema.js';

/** Longest wait between two attempts, in milliseconds. */
const maxWaitMs = 60_000;

/** What to do after a failed attempt. */
export type NextAttempt = { again: true; afterMs: number } | { again: false };

/** When a step is tried again; no policy means never. */
export interface AttemptPolicy {
  retry?: RetryPolicy | undefined;
  until?: UntilPolicy | undefined;
}

/**
 * Decides after failed attempt number `attempt` (from 1), `elapsedMs` after the first began; `random` is uniform in [0,
 * 1).
 */
export function nextAttempt(
  { retry, until }: AttemptPolicy,
  attempt: number,
  elapsedMs: number,
  findings: readonly Finding[],
  random: () => number,
): NextAttempt {
  // What the suite asks in vain it asks in vain again.
  if (findings.some(({ kind }) => kind === 'suite')) return { again: false };
  if (until) {
    return elapsedMs + until.every < until.within ? { again: true, afterMs: until.every } : { again: false };
  }
  if (!retry || attempt > retry.times) return { again: false };
  if (!findings.some(({ kind }) => (retry.on as readonly string[]).includes(kind))) return { again: false };
  const factor = retry.backoff === 'exponential' ? 2 ** (attempt - 1) : 1;
  const waitMs = Math.min(retry.delay * factor, maxWaitMs);
  return { again: true, afterMs: retry.jitter ? waitMs * (1 - random() / 2) : waitMs };
}

/** How long the next attempt itself may take: never beyond the deadline of `until`. */
export function attemptTimeout({ until }: AttemptPolicy, timeoutMs: number, elapsedMs: number): number {
  return until ? Math.max(1, Math.min(timeoutMs, until.within - elapsedMs)) : timeoutMs;
}
