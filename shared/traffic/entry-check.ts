import type { HttpClient } from '../http/types.js';
import type { Clock } from '../time/clock.js';
import type { TrafficConfig } from './config.js';
import { mismatch, readIdentity, type Expected } from './identity.js';

/** What new clients saw through the public entry. */
export interface EntryCheck {
  ok: boolean;
  said: string;
  /** Connections opened after the expected release was first seen, and how many of them saw it. */
  connections: number;
  seen: number;
  /** Milliseconds from the start until the expected release was first seen; undefined when it never was. */
  firstSeenAfterMs: number | undefined;
}

/** Between two looks for the first answer of the new colour, in milliseconds. */
const lookEvery = 50;

/** Opens new connections through the public entry for the configured time; from the first answer of the expected release on, every one must show it. */
export async function checkEntry(
  http: HttpClient,
  entry: TrafficConfig['entry'],
  identity: TrafficConfig['identity'],
  expected: Expected,
  clock: Clock,
  signal?: AbortSignal,
): Promise<EntryCheck> {
  const start = clock.now();
  const look = async (): Promise<string | undefined> => {
    const result = await http.send({ url: entry.url, timeoutMs: entry.timeout, freshConnection: true });
    if (!result.ok) return result.fault.message;
    if (result.response.status >= 400) return `the entry answers ${result.response.status}`;
    const said = await readIdentity(identity, result.response);
    return mismatch(said, said.digest === undefined ? { version: expected.version } : expected);
  };

  let wrong = await look();
  while (wrong && clock.now() - start < entry.within && !signal?.aborted) {
    await clock.sleep(lookEvery, signal);
    wrong = await look();
  }
  if (wrong) {
    const said = `a new connection to ${entry.url} does not reach ${expected.version}: ${wrong}`;
    return { ok: false, said, connections: 1, seen: 0, firstSeenAfterMs: undefined };
  }
  const firstSeenAfterMs = clock.now() - start;
  const pause = entry.for / entry.connections;
  let seen = 1;
  for (let connection = 2; connection <= entry.connections; connection++) {
    await clock.sleep(pause, signal);
    if (signal?.aborted) {
      return {
        ok: false,
        said: `stopped after ${seen} of ${entry.connections} connections`,
        connections: seen,
        seen,
        firstSeenAfterMs,
      };
    }
    wrong = await look();
    if (wrong) {
      const said = `connection ${connection} of ${entry.connections} to ${entry.url} does not reach ${expected.version}: ${wrong}`;
      return { ok: false, said, connections: connection, seen, firstSeenAfterMs };
    }
    seen++;
  }
  return {
    ok: true,
    said: `${seen} new connections all reached ${expected.version}`,
    connections: seen,
    seen,
    firstSeenAfterMs,
  };
}
