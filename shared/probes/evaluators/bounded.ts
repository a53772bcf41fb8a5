import { createContext, Script, type Context } from 'node:vm';

/** A finished evaluation, or that it was stopped at its limit. */
export type Bounded<T> = { ok: true; value: T } | { ok: false; reason: string };

let context: Context | undefined;
let call: Script | undefined;

/**
 * Runs a synchronous evaluation of other people's text and stops it after `limitMs` milliseconds, wherever it is: V8's watchdog
 * thread ends regular expressions in the middle of backtracking too. Errors of `work` other than the limit are its reason.
 */
export function bounded<T>(limitMs: number, work: () => T): Bounded<T> {
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
    const stopped = code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
    return { ok: false, reason: stopped ? `it was stopped after ${limitMs} ms` : message };
  } finally {
    context['work'] = undefined;
  }
}
