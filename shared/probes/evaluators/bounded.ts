import { createContext, Script, type Context } from 'node:vm';

/** A finished evaluation, or that it was stopped at its limit. */
export type Bounded<T> = { ok: true; value: T } | { ok: false; reason: string };

let context: Context | undefined;
let call: Script | undefined;

/** What all evaluations inside one `withBudget` may still take, in milliseconds of processor time. */
let budget: { totalMs: number; leftMs: number } | undefined;

/**
 * Runs a synchronous evaluation of other people's text and stops it after `limitMs` milliseconds of processor time,
 * wherever it is: V8's watchdog thread ends regular expressions in the middle of backtracking too. On a busy machine it
 * may be run again from its beginning, so it must only compute. Errors of `work` other than the limit are its reason.
 */
export function bounded<T>(limitMs: number, work: () => T): Bounded<T> {
  const atLimit = `it was stopped after ${limitMs} ms of processor time`;
  if (!budget) return runBounded(limitMs, work, atLimit);
  const { totalMs, leftMs } = budget;
  const usedUp = `the ${totalMs} ms that may be spent on one answer were used up`;
  if (leftMs <= 0) return { ok: false, reason: usedUp };
  const startedAt = processorMs();
  const done = leftMs < limitMs ? runBounded(leftMs, work, usedUp) : runBounded(limitMs, work, atLimit);
  budget.leftMs = leftMs - (processorMs() - startedAt);
  return done;
}

/**
 * Runs synchronous work whose bounded evaluations take at most about `totalMs` milliseconds of processor time together;
 * those that come later are not begun. Each stays within its limit, but nothing else, no timer and no signal, is heard
 * before the last one ended.
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

/**
 * The watchdog knows only the clock on the wall: work that it stopped before its processor time was used gets as much
 * longer as it then needs.
 */
function runBounded<T>(limitMs: number, work: () => T, stopped: string): Bounded<T> {
  for (let wallMs = limitMs * reserve; ;) {
    const startedAt = processorMs();
    const done = runFor(Math.ceil(wallMs), work);
    if (done !== 'stopped') return done;
    const usedMs = processorMs() - startedAt;
    if (usedMs >= limitMs) return { ok: false, reason: stopped };
    wallMs *= Math.min(8, (limitMs / usedMs) * reserve);
  }
}

/** Why an evaluation failed, in words that do not speak of our own stack. */
export function reasonOf(error: unknown): string {
  const { message } = error as Error;
  return /^Maximum call stack size/.test(message) ? 'it leads deeper than can be followed' : message;
}

/** So many times longer than the processor time it should get is work let run. */
const reserve = 1.25;

function runFor<T>(wallMs: number, work: () => T): Bounded<T> | 'stopped' {
  context ??= createContext({ work: undefined });
  call ??= new Script('work()');
  let value: T | undefined;
  context['work'] = () => {
    value = work();
  };
  try {
    call.runInContext(context, { timeout: wallMs });
    return { ok: true, value: value as T };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ERR_SCRIPT_EXECUTION_TIMEOUT' ? 'stopped' : { ok: false, reason: reasonOf(error) };
  } finally {
    context['work'] = undefined;
  }
}

/**
 * Processor time used so far, in milliseconds: of this thread where Node tells it (22.19, 23.9), else of the whole
 * process.
 */
function processorMs(): number {
  const { threadCpuUsage = process.cpuUsage } = process as { threadCpuUsage?: typeof process.cpuUsage };
  const { user, system } = threadCpuUsage.call(process);
  return (user + system) / 1_000;
}
