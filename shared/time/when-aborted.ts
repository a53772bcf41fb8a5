import { setMaxListeners } from 'node:events';

/**
 * Calls `act` once when the signal aborts, at once if it has; returns what takes that back. Any number of tasks may
 * share a signal.
 */
export function whenAborted(signal: AbortSignal | undefined, act: () => void): () => void {
  if (!signal) return () => undefined;
  if (signal.aborted) act();
  // Node takes more than ten tasks of one signal for a leak, and says so on stderr.
  setMaxListeners(0, signal);
  signal.addEventListener('abort', act, { once: true });
  return () => signal.removeEventListener('abort', act);
}
