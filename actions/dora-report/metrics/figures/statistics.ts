/** A spread of durations in hours; all null without a sample. */
export interface Spread {
  n: number;
  mean: number | null;
  p50: number | null;
  p75: number | null;
  p90: number | null;
  p95: number | null;
}

/** Mean and percentiles of a sample in any order. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  const mean = n === 0 ? null : sorted.reduce((sum, value) => sum + value, 0) / n;
  return {
    n,
    mean,
    p50: percentile(sorted, 0.5),
    p75: percentile(sorted, 0.75),
    p90: percentile(sorted, 0.9),
    p95: percentile(sorted, 0.95),
  };
}

/**
 * The percentile of an ascending sample, between neighbours where it falls between two, as PERCENTILE_CONT of SQL; null
 * without a sample.
 */
export function percentile(sorted: ArrayLike<number>, share: number): number | null {
  if (sorted.length === 0) return null;
  const position = share * (sorted.length - 1);
  const low = sorted[Math.floor(position)]!;
  const high = sorted[Math.ceil(position)]!;
  return low + (high - low) * (position - Math.floor(position));
}

/** Hours between two instants in epoch milliseconds. */
export function hoursBetween(from: number, to: number): number {
  return (to - from) / 3_600_000;
}

/**
 * The interval of shares that `hits` of `n` are compatible with, at 95 % confidence (E. B. Wilson, 1927); null without
 * a sample.
 */
export function wilson(hits: number, n: number): { low: number; high: number } | null {
  if (n === 0) return null;
  const z = 1.959964;
  const share = hits / n;
  const middle = share + (z * z) / (2 * n);
  const half = z * Math.sqrt((share * (1 - share) + (z * z) / (4 * n)) / n);
  const scale = 1 + (z * z) / n;
  return {
    low: hits === 0 ? 0 : Math.max(0, (middle - half) / scale),
    high: hits === n ? 1 : Math.min(1, (middle + half) / scale),
  };
}

/** Fewer events than this say little: one more or less would move the figure. */
export const fewEvents = 10;
