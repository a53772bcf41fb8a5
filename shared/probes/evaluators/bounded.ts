import { createContext, Script, type Context } from 'node:vm';
import { monotonicMs } from '../../http/monotonic.js';

/** A finished evaluation, or that it was stopped at its limit. */
export type Bounded<T> = { ok: true; value: T } | { ok: false; reason: string };

let context: Context | undefined;
let call: Script | undefined;

/** What all evaluations inside one `withBudget` may still take, in milliseconds. */
let budget: { totalMs: number; leftMs: number } | undefined;

/**
 * Runs a synchronous evaluation of other people's text and stops it after `limitMs` milliseconds, wherever it is: V8's watchdog
 * thread ends regular expressions in the middle of backtracking too. Errors of `work` other than the limit are its reason.
 */
export function bounded<T>(limitMs: number, work: () => T): Bounded<T> {
  if (!budget) return runBounded(limitMs, work, `it was stopped after ${limitMs} ms`);
  const { totalMs, leftMs } = budget;
  const usedUp = `the ${totalMs} ms that may be spent on one answer were used up`;
  if (leftMs <= 0) return { ok: false, reason: usedUp };
  const startedAt = monotonicMs();
  const isLast = leftMs < limitMs;
  const done = isLast
    ? runBounded(Math.ceil(leftMs), work, usedUp)
    : runBounded(limitMs, work, `it was stopped after ${limitMs} ms`);
  // The watchdog may be a little early by this clock.
  const nothingLeft = isLast && !done.ok && done.reason === usedUp;
  budget.leftMs = nothingLeft ? 0 : leftMs - (monotonicMs() - startedAt);
  return done;
}

/**
 * Runs synchronous work whose bounded evaluations take at most `totalMs` milliseconds together; those that come later are not begun. Each stays within its
 * limit, but nothing else, no timer and no signal, is heard before the last one ended.
 */
export function withBudget<T>(totalMs: number, work: () => T): T {
  const outer = budget;
  budget = { totalMs, leftMs: totalMs };
  try {
    return work();
  } finally {
    budget = outer;
  }
}

function runBounded<T>(limitMs: number, work: () => T, stopped: string): Bounded<T> {
  context ??= createContext({ work: undefined });
  call ??= new Script('work()');
  let value: T | undefined;
  context['work'] = () => {
    value = work();
  };
  try {
    call.runInContext(context, { timeout: limitMs });
    return { ok: true, value: value as T };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { ok: false, reason: code === 'ERR_SCRIPT_EXECUTION_TIMEOUT' ? stopped : message };
  } finally {
    context['work'] = undefined;
  }
}
