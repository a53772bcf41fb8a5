import { safeAddress } from '../../http/faults.js';
import type { HttpClient } from '../../http/types.js';
import type { Clock } from '../../time/clock.js';
import type { TrafficConfig } from '../config/schema.js';
import { quoteAnswer } from '../routers/reading.js';
import { mismatch, readIdentity, type Expected, type Identity } from './identity.js';

/** What one new connection showed: the expected release, not yet (the router may need a moment), or something wrong. */
export interface Sample {
  /** Epoch milliseconds at which it was opened. */
  at: number;
  is: 'expected' | 'not-yet' | 'wrong';
  version?: string;
  digest?: string;
  /** Why it is not the expected release. */
  message?: string;
}

/** What new clients saw through the public entry. */
export interface EntryCheck {
  ok: boolean;
  message: string;
  /** Connections opened after the expected release was first seen, and how many of them saw it. */
  connections: number;
  seen: number;
  /** Milliseconds from the start until the expected release was first seen; undefined when it never was. */
  firstSeenAfterMs: number | undefined;
  /** All connections, those opened while waiting for the first answer included. */
  opened: number;
  /** The wrong ones first, then the others, as many as `mostSamples`. */
  samples: readonly Sample[];
}

/** Between two looks for the first answer of the new colour, in milliseconds. */
const lookEvery = 50;

/** As many samples are kept for the report; the counts are of all. */
export const mostSamples = 60;

/** Opens new connections through the public entry for the configured time; from the first answer of the expected release on, every one must show it. */
export async function checkEntry(
  { http, clock, signal }: { http: HttpClient; clock: Clock; signal?: AbortSignal },
  { entry, identity }: Pick<TrafficConfig, 'entry' | 'identity'>,
  expected: Expected,
): Promise<EntryCheck> {
  const start = clock.now();
  const where = safeAddress(new URL(entry.url));
  const samples: Sample[] = [];
  let firstSeenAfterMs: number | undefined;
  let seen = 0;
  /** Opens a connection; says why it does not show the expected release. */
  const look = async (): Promise<string | undefined> => {
    const at = clock.now();
    const { wrong, ...showed } = await openOne(http, entry, identity, expected);
    if (wrong === undefined) {
      firstSeenAfterMs ??= clock.now() - start;
      seen++;
    }
    samples.push({
      at,
      is: wrong === undefined ? 'expected' : 'wrong',
      ...showed,
      ...(wrong ? { message: wrong } : {}),
    });
    return wrong;
  };
  const end = (ok: boolean, message: string, connections: number): EntryCheck => {
    // What was opened before the first good answer is no failure once there is one.
    const first = samples.findIndex(({ is }) => is === 'expected');
    const told = samples.map((sample, i) => (i < first ? { ...sample, is: 'not-yet' as const } : sample));
    return { ok, message, connections, seen, firstSeenAfterMs, opened: samples.length, samples: keep(told) };
  };

  let wrong = await look();
  while (wrong && clock.now() - start < entry.within && !signal?.aborted) {
    await clock.sleep(lookEvery, signal);
    wrong = await look();
  }
  if (wrong)
    return end(false, `a new connection to ${where} does not reach ${expected.version}: ${wrong}`, 1);
  const pause = entry.for / entry.connections;
  for (let connection = 2; connection <= entry.connections; connection++) {
    await clock.sleep(pause, signal);
    if (signal?.aborted) return end(false, `stopped after ${seen} of ${entry.connections} connections`, seen);
    wrong = await look();
    if (wrong) {
      const message = `connection ${connection} of ${entry.connections} to ${where} does not reach ${expected.version}: ${wrong}`;
      return end(false, message, connection);
    }
  }
  return end(true, `${seen} new connections all reached ${expected.version}`, seen);
}

async function openOne(
  http: HttpClient,
  entry: TrafficConfig['entry'],
  identity: TrafficConfig['identity'],
  expected: Expected,
): Promise<Partial<Pick<Identity, 'version' | 'digest'>> & { wrong?: string }> {
  const result = await http.send({ url: entry.url, timeoutMs: entry.timeout, freshConnection: true });
  if (!result.ok) return { wrong: result.fault.message };
  const { status, headers } = result.response;
  if (status >= 400) return { wrong: `the entry answers ${status}` };
  if (status >= 300)
    return {
      wrong: `the entry answers ${status}, and redirects (here to ${quoteAnswer(headers['location']?.[0] ?? '')}) are not followed: give entry.url as the address that answers`,
    };
  const read = await readIdentity(identity, result.response);
  if (!read.ok) return { wrong: read.why };
  const stated = read.identity;
  const wrong = mismatch(stated, stated.digest === undefined ? { version: expected.version } : expected);
  return {
    ...(stated.version === undefined ? {} : { version: stated.version }),
    ...(stated.digest === undefined ? {} : { digest: stated.digest }),
    ...(wrong === undefined ? {} : { wrong }),
  };
}

/** The wrong ones before the others; of a kind that is too many, the first and the last. */
function keep(samples: readonly Sample[]): Sample[] {
  const kept: Sample[] = [];
  for (const kind of ['wrong', 'not-yet', 'expected'] as const) {
    const all = samples.filter(({ is }) => is === kind);
    const room = mostSamples - kept.length;
    const head = Math.ceil(room / 2);
    kept.push(
      ...(all.length <= room ? all : [...all.slice(0, head), ...all.slice(all.length - (room - head))]),
    );
  }
  return kept;
}
