import { coded } from '../../contracts/refusal-codes.js';
import { mostSamples } from '../../contracts/reports/switch-report.js';
import { safeAddress } from '../../http/faults.js';
import type { HttpClient } from '../../http/types.js';
import type { Clock } from '../../time/clock.js';
import { formatDuration } from '../../time/duration.js';
import type { TrafficConfig } from '../config/schema.js';
import { quoteAnswer } from '../routers/reading.js';
import type { FailureCount } from './failures.js';
import { mismatch, readIdentity, type Expected, type Facts, type Identity } from './identity.js';

/** One public way in. */
type Entry = Omit<TrafficConfig['entry'], 'headers'> & Partial<Pick<TrafficConfig['entry'], 'headers'>>;

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
  /**
   * Connections of the last stretch that saw nothing but the expected release, with the one that ended it, and how many
   * saw it.
   */
  connections: number;
  seen: number;
  /** Milliseconds from the start until the expected release was first seen; undefined when it never was. */
  firstSeenAfterMs: number | undefined;
  /** All connections, those opened while the router settled included. */
  opened: number;
  /** The wrong ones first, then the others, as many as `mostSamples`. */
  samples: readonly Sample[];
}

/** Between two looks while the router settles, in milliseconds. */
const lookEvery = 50;

interface EntryPorts {
  http: HttpClient;
  clock: Clock;
  signal?: AbortSignal;
  failures?: FailureCount;
}

/** Checks every way in at once, as `checkEntry` does: each of them must show the expected release. */
export async function checkEntries(
  ports: EntryPorts,
  { entries, identity }: Pick<TrafficConfig, 'entries' | 'identity'>,
  expected: Expected,
): Promise<EntryCheck> {
  const checks = await Promise.all(entries.map((entry) => checkEntry(ports, { entry, identity }, expected)));
  const sum = (count: (check: EntryCheck) => number) => checks.reduce((all, check) => all + count(check), 0);
  const seen = checks.map(({ firstSeenAfterMs }) => firstSeenAfterMs);
  const wrong = checks.filter(({ ok }) => !ok);
  return {
    ok: wrong.length === 0,
    message: (wrong.length > 0 ? wrong : checks).map(({ message }) => message).join('; '),
    connections: sum(({ connections }) => connections),
    seen: sum((check) => check.seen),
    firstSeenAfterMs: seen.every((ms) => ms !== undefined) ? Math.max(...seen) : undefined,
    opened: sum(({ opened }) => opened),
    samples: keep(checks.flatMap(({ samples }) => samples)),
  };
}

/**
 * Opens new connections through the public entry until `entry.connections` in a row, over `entry.for`, show the
 * expected release. Other answers are allowed until `entry.within` and begin the row again; once answers went back and
 * forth, the row must last as long as that did.
 */
export async function checkEntry(
  { http, clock, signal, failures }: EntryPorts,
  { entry, identity }: { entry: Entry; identity: Facts },
  expected: Expected,
): Promise<EntryCheck> {
  const start = clock.now();
  const where = safeAddress(new URL(entry.url));
  const samples: (Sample & { failed: boolean })[] = [];
  const row = { began: start, length: 0 };
  let firstSeenAt: number | undefined;
  let unsettledMs = 0;
  let total = 0;
  const end = (ok: boolean, message: string, connections: number): EntryCheck => ({
    ok,
    message,
    connections,
    seen: row.length,
    firstSeenAfterMs: firstSeenAt === undefined ? undefined : firstSeenAt - start,
    opened: samples.length,
    samples: keep(samples.map((sample) => told(sample, ok))),
  });

  for (;;) {
    const at = clock.now();
    const { wrong, failed, ...showed } = await openOne(http, entry, identity, expected);
    failures?.count(at, failed ? wrong : undefined, entry.url);
    samples.push({
      at,
      is: wrong === undefined ? 'expected' : 'wrong',
      failed,
      ...showed,
      ...(wrong === undefined ? {} : { message: wrong }),
    });
    if (wrong === undefined) {
      firstSeenAt ??= clock.now();
      if (row.length === 0) row.began = at;
      row.length++;
      total++;
      const long = unsettledMs === 0 || clock.now() - row.began >= Math.max(entry.for, unsettledMs);
      if (row.length >= entry.connections && long)
        return end(true, `${row.length} new connections all reached ${expected.version}`, row.length);
    } else {
      if (at - start >= entry.within || signal?.aborted) {
        const late = firstSeenAt === undefined ? '' : `, ${total} of ${samples.length} did`;
        const settled =
          entry.within > 0 ? ` ${formatDuration(at - start)} after the router confirmed the move` : '';
        const message = `a new connection to ${where} does not reach ${expected.version}${settled}${late}: ${wrong}`;
        return end(false, coded('entry-not-answering', message), row.length + 1);
      }
      if (firstSeenAt !== undefined) unsettledMs = clock.now() - firstSeenAt;
      row.length = 0;
    }
    const settling = row.length === 0 || unsettledMs > 0;
    const pause = entry.for / Math.max(1, entry.connections - 1);
    await clock.sleep(settling ? Math.min(lookEvery, pause || lookEvery) : pause, signal);
    if (signal?.aborted && wrong === undefined) {
      const message = `stopped after ${row.length} of ${entry.connections} connections`;
      return end(false, message, row.length);
    }
  }
}

/** What was opened while the router settled is no failure once it has; a connection that failed is one all the same. */
function told({ failed, ...sample }: Sample & { failed: boolean }, ok: boolean): Sample {
  return ok && sample.is === 'wrong' && !failed ? { ...sample, is: 'not-yet' } : sample;
}

/**
 * What one new connection through the entry met: what it says it runs, or what is wrong; `failed` when a user would
 * have seen an error.
 */
export type Opened = Partial<Pick<Identity, 'version' | 'digest'>> & { wrong?: string; failed: boolean };

/** Opens one new connection through the entry; `expected` is left out where any release will do. */
export async function openOne(
  http: HttpClient,
  entry: Pick<Entry, 'url' | 'timeout' | 'headers'>,
  identity: Facts,
  expected?: Expected,
): Promise<Opened> {
  const result = await http.send({
    url: entry.url,
    timeoutMs: entry.timeout,
    freshConnection: true,
    headers: entry.headers ?? {},
  });
  if (!result.ok) return { wrong: result.fault.message, failed: true };
  const { status, headers } = result.response;
  if (status >= 400) return { wrong: `the entry answers ${status}`, failed: status >= 500 };
  if (status >= 300)
    return {
      wrong: `the entry answers ${status}, and redirects (here to ${quoteAnswer(headers['location']?.[0] ?? '')}) are not followed: give entry.url as the address that answers`,
      failed: false,
    };
  const read = await readIdentity(identity, result.response);
  if (!read.ok) return { wrong: read.why, failed: false };
  const stated = read.identity;
  const wrong =
    expected &&
    mismatch(stated, stated.digest === undefined ? { version: expected.version } : expected, read.missing);
  return {
    failed: false,
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
