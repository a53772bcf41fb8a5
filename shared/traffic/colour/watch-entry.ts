import type { HttpClient } from '../../http/types.js';
import type { Clock } from '../../time/clock.js';
import type { TrafficConfig } from '../config/schema.js';
import type { FailureCount } from './failures.js';

/** Between two connections while traffic moves, and while it stays as it is, in milliseconds. */
const [quick, slow] = [50, 1_000];

/** So long after a move new connections are opened quickly, in milliseconds. */
const afterAMove = 10_000;

/**
 * Opens new connections through each entry, one after the other, and counts those that fail, until it is stopped: what
 * users meet while traffic moves. `movedAt` says when traffic was last seen to move (epoch ms).
 */
export function watchEntry(
  { http, clock }: { http: HttpClient; clock: Clock },
  { entries }: Pick<TrafficConfig, 'entries'>,
  failures: FailureCount,
  movedAt: () => number | undefined,
): { stop(): Promise<void> } {
  const ended = new AbortController();
  const start = clock.now();
  const watching = entries.map(async (entry) => {
    while (!ended.signal.aborted) {
      const at = clock.now();
      const result = await http.send({
        url: entry.url,
        timeoutMs: entry.timeout,
        freshConnection: true,
        headers: entry.headers,
        signal: ended.signal,
      });
      if (ended.signal.aborted) return;
      failures.count(at, failureOf(result), entry.url);
      const moving = clock.now() - (movedAt() ?? start) < afterAMove;
      await clock.sleep(moving ? quick : slow, ended.signal);
    }
  });
  return {
    async stop() {
      ended.abort();
      await Promise.all(watching);
    },
  };
}

function failureOf(result: Awaited<ReturnType<HttpClient['send']>>): string | undefined {
  if (!result.ok) return result.fault.message;
  const { status } = result.response;
  return status >= 500 ? `the entry answers ${status}` : undefined;
}
