import { Latencies } from './latencies.js';

export type Connection = 'reused' | 'fresh';

/** How one request ended. */
export type Outcome =
  { kind: 'answer'; status: number; version: string | undefined } | { kind: 'transport'; code: string };

export interface Finished {
  outcome: Outcome;
  connection: Connection;
  /** What was asked, for example "GET /api/products". */
  call: string;
  /** Epoch milliseconds of the end. */
  at: number;
  latencyMs: number;
}

export interface LoadFailure {
  at: number;
  kind: 'transport' | 'router' | 'app';
  /** Error code such as ECONNRESET, or the status. */
  code: string;
  connection: Connection;
  call: string;
}

export interface LoadReport {
  startedAt: number;
  elapsedMs: number;
  /** Requests begun; those still in flight are in no other count. */
  sent: number;
  ok: number;
  /** No complete answer: reset, refused, timed out. A switch's doing. */
  failedTransport: number;
  /** A 5xx that no version of the application made. A switch's doing. */
  failedRouter: number;
  /** Error answers of the application, by version. */
  appErrors: Record<string, number>;
  /** All answers, by version; "none" where no version signed. */
  byVersion: Record<string, number>;
  /** Epoch milliseconds, by version. */
  firstErrorAt: Record<string, number>;
  lastErrorAt: Record<string, number>;
  /** Milliseconds over all answers; null before the first. */
  latency: { p50: number | null; p95: number | null; p99: number | null };
  /** Failures because of a switch on connections used before, and on new ones. */
  reusedFailures: number;
  freshFailures: number;
  /** The first failures of any kind, 20 at most. */
  failures: LoadFailure[];
}

const MAX_FAILURES = 20;
const UNSIGNED = 'none';

/** Counts requests as they end. */
export class Tally {
  private readonly startedAt: number;
  private readonly latencies = new Latencies();
  private sent = 0;
  private readonly counts = {
    ok: 0,
    failedTransport: 0,
    failedRouter: 0,
    reusedFailures: 0,
    freshFailures: 0,
  };
  private readonly appErrors: Record<string, number> = {};
  private readonly byVersion: Record<string, number> = {};
  private readonly firstErrorAt: Record<string, number> = {};
  private readonly lastErrorAt: Record<string, number> = {};
  private readonly failures: LoadFailure[] = [];

  constructor(startedAt: number) {
    this.startedAt = startedAt;
  }

  begin(): void {
    this.sent += 1;
  }

  end(finished: Finished): void {
    const { outcome, at } = finished;
    if (outcome.kind === 'transport') {
      this.counts.failedTransport += 1;
      return this.note(finished, 'transport', outcome.code);
    }
    const version = outcome.version ?? UNSIGNED;
    this.latencies.add(finished.latencyMs);
    this.byVersion[version] = (this.byVersion[version] ?? 0) + 1;
    if (outcome.status < 400) {
      this.counts.ok += 1;
      return;
    }
    if (outcome.version === undefined && outcome.status >= 500) {
      this.counts.failedRouter += 1;
      return this.note(finished, 'router', `${outcome.status}`);
    }
    this.appErrors[version] = (this.appErrors[version] ?? 0) + 1;
    this.firstErrorAt[version] ??= at;
    this.lastErrorAt[version] = at;
    this.note(finished, 'app', `${outcome.status}`);
  }

  private note({ at, connection, call }: Finished, kind: LoadFailure['kind'], code: string): void {
    if (kind !== 'app') this.counts[`${connection}Failures`] += 1;
    if (this.failures.length < MAX_FAILURES) this.failures.push({ at, kind, code, connection, call });
  }

  report(now: number): LoadReport {
    return {
      startedAt: this.startedAt,
      elapsedMs: now - this.startedAt,
      sent: this.sent,
      ...this.counts,
      appErrors: { ...this.appErrors },
      byVersion: { ...this.byVersion },
      firstErrorAt: { ...this.firstErrorAt },
      lastErrorAt: { ...this.lastErrorAt },
      latency: {
        p50: this.latencies.percentile(0.5),
        p95: this.latencies.percentile(0.95),
        p99: this.latencies.percentile(0.99),
      },
      failures: [...this.failures],
    };
  }
}
