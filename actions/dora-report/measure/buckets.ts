import type { Bucket } from '../../../shared/contracts/dora-report.js';
import { isoInstant } from '../../../shared/time/instant.js';
import { dayMs, instantsOf, wallAt } from '../../../shared/time/zone.js';
import type { Judged } from './judge.js';
import { hoursBetween, spreadOf } from '../metrics/statistics.js';

/** A local day or week, cut to the window; epoch milliseconds, half-open. */
interface Span {
  from: number;
  to: number;
  /** First local day of the whole bucket. */
  day: string;
  partial: boolean;
}

/** The window's local weeks (from Monday, as ISO 8601 has it) and days. */
export interface Calendar {
  weeks: readonly Span[];
  days: readonly Span[];
}

export function calendarOf(window: { from: number; to: number; timezone: string }): Calendar {
  return { weeks: spansOf(window, 7), days: spansOf(window, 1) };
}

function spansOf(window: { from: number; to: number; timezone: string }, length: 1 | 7): Span[] {
  const spans: Span[] = [];
  const firstDay = Math.floor(wallAt(window.timezone, window.from) / dayMs);
  const start = (day: number) => instantsOf(window.timezone, day * dayMs).earliest;
  let day = length === 7 ? mondayOf(firstDay) : firstDay;
  let begin = start(day);
  while (begin < window.to) {
    const end = start(day + length);
    const from = Math.max(begin, window.from);
    const to = Math.min(end, window.to);
    const partial = from > begin || to < end;
    if (from < to) spans.push({ from, to, day: isoInstant(day * dayMs).slice(0, 10), partial });
    begin = end;
    day += length;
  }
  return spans;
}

/** What happened in each span. `counted` are the deployments that count, in and around the window. */
export function fill(spans: readonly Span[], counted: readonly Judged[]): Bucket[] {
  const deployed = sortInto(spans, counted, (d) => d.at);
  const recovered = sortInto(spans, counted, (d) => d.recovery?.at);
  return spans.map(({ day, partial }, i) => {
    const deployments = deployed[i]!;
    const failed = deployments.filter((d) => d.failures.length > 0).length;
    const n = deployments.length;
    return {
      day,
      partial,
      deployments: n,
      failed,
      rework: deployments.filter((d) => d.rework.length > 0).length,
      changeFailRate: n === 0 ? null : failed / n,
      leadTime: spreadOf(deployments.flatMap((d) => d.leadTimes.samples.map((sample) => sample.hours))),
      recovery: spreadOf(recovered[i]!.map((d) => hoursBetween(d.at, d.recovery!.at))),
    };
  });
}

/** Puts each item into the span that holds its instant; spans are in order and do not overlap. */
function sortInto<T>(
  spans: readonly Span[],
  items: readonly T[],
  instantOf: (item: T) => number | undefined,
): T[][] {
  const sorted = spans.map((): T[] => []);
  for (const item of items) {
    const instant = instantOf(item);
    if (instant === undefined) continue;
    let low = 0;
    let high = spans.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (spans[middle]!.to <= instant) low = middle + 1;
      else high = middle;
    }
    const span = spans[low];
    if (span && span.from <= instant) sorted[low]!.push(item);
  }
  return sorted;
}

/** The Monday on or before a day, counted from 1970-01-01, which was a Thursday. */
function mondayOf(day: number): number {
  return day - ((((day + 3) % 7) + 7) % 7);
}
