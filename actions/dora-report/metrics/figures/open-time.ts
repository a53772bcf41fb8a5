import { hoursBetween } from './statistics.js';

/** Begin and end in epoch milliseconds. */
export type Interval = readonly [from: number, to: number];

/** Hours of a window that lie in any of the intervals: what overlaps counts once. */
export function hoursCovered(intervals: readonly Interval[], window: { from: number; to: number }): number {
  let covered = 0;
  let end = window.from;
  for (const [from, to] of intervals.toSorted((a, b) => a[0] - b[0])) {
    const begin = Math.max(from, end);
    const until = Math.min(to, window.to);
    if (until <= begin) continue;
    covered += hoursBetween(begin, until);
    end = until;
  }
  return covered;
}
