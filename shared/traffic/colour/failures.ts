import { lastedMs } from '../../contracts/reports/switch-report.js';
import { formatDuration } from '../../time/duration.js';
import { isoInstant } from '../../time/instant.js';

/** Failures closer together than this are one outage, in milliseconds. */
const oneOutage = 5_000;

/** What new connections through the entry met while traffic was moved; instants are epoch milliseconds. */
export interface Failures {
  /** All connections that were opened. */
  opened: number;
  /** Those that met a 5xx, a reset, a timeout or no server at all. */
  failed: number;
  /** Those that failed before anything was moved: the entry was ill already. */
  failedBefore: number;
  firstAt?: number;
  lastAt?: number;
  /** What the first one met. */
  why?: string;
  /** The longest outage, in milliseconds. */
  longestMs: number;
}

/**
 * Counts the new connections that failed; of an entry, the ones before its first good answer were failing before the
 * move, when its very first did.
 */
export class FailureCount {
  private opened = 0;
  private failedBefore = 0;
  private readonly illBefore = new Map<string, boolean>();
  private readonly failedAt: number[] = [];
  private why: string | undefined;

  /** One connection through an entry, opened at an instant (epoch ms); `why` says what went wrong with it. */
  count(at: number, why: string | undefined, entry = ''): void {
    this.opened++;
    const ill = why !== undefined && (this.illBefore.get(entry) ?? true);
    this.illBefore.set(entry, ill);
    if (why === undefined) return;
    if (ill) {
      this.failedBefore++;
      return;
    }
    this.failedAt.push(at);
    this.why ??= why;
  }

  /** What was counted until now. */
  get seen(): Failures {
    const at = this.failedAt.toSorted((a, b) => a - b);
    let [longestMs, begin] = [0, at[0] ?? 0];
    for (const [index, instant] of at.entries()) {
      if (instant - (at[index - 1] ?? instant) > oneOutage) begin = instant;
      longestMs = Math.max(longestMs, instant - begin);
    }
    const [firstAt, lastAt] = [at[0], at.at(-1)];
    return {
      opened: this.opened,
      failed: at.length,
      failedBefore: this.failedBefore,
      longestMs,
      ...(firstAt === undefined ? {} : { firstAt }),
      ...(lastAt === undefined ? {} : { lastAt }),
      ...(this.why === undefined ? {} : { why: this.why }),
    };
  }
}

/** Whether new connections failed for so long that the release counts as a failed one. */
export const lasted = ({ longestMs }: Failures): boolean => longestMs >= lastedMs;

/** The failures in one sentence; undefined when there are none. */
export function describeFailures(failures: Failures): string | undefined {
  const { opened, failed, firstAt, lastAt, why = '', longestMs } = failures;
  if (failed === 0 || firstAt === undefined || lastAt === undefined) return undefined;
  const time = (instant: number) => isoInstant(instant).slice(11, 23);
  const when =
    firstAt === lastAt
      ? `at ${time(firstAt)} UTC`
      : `from ${time(firstAt)} to ${time(lastAt)} UTC, for up to ${formatDuration(longestMs)} at a time`;
  return `${failed} of ${opened} new connections failed ${when} (first: ${why})`;
}
