import type { Bucket } from '../../../shared/contracts/reports/dora-report.js';
import { isoInstant, parseInstant } from '../../../shared/time/instant.js';
import { dayMs, instantsOf, wallAt } from '../../../shared/time/zone.js';
import type { Judged } from './judge.js';
import { hoursBetween, spreadOf } from '../metrics/figures/statistics.js';

/** A local day, week or month, cut to the window; epoch milliseconds, half-open. */
interface Span {
  from: number;
  to: number;
  /** First local day of the whole bucket. */
  day: string;
  partial: boolean;
}

/** The window's local months, weeks (from Monday, as ISO 8601 has it) and days. */
export interface Calendar {
  months: readonly Span[];
  weeks: readonly Span[];
  days: readonly Span[];
}

interface Step {
  /** First day of the bucket that holds a day; days are counted from 1970-01-01. */
  begin(day: number): number;
  /** First day of the bucket after the one that begins on a day. */
  next(day: number): number;
}

const byDay: Step = { begin: (day) => day, next: (day) => day + 1 };
const byWeek: Step = { begin: mondayOf, next: (day) => day + 7 };
const byMonth: Step = { begin: (day) => monthOf(day, 0), next: (day) => monthOf(day, 1) };

export function calendarOf(window: { from: number; to: number; timezone: string }): Calendar {
  return {
    months: spansOf(window, byMonth),
    weeks: spansOf(window, byWeek),
    days: spansOf(window, byDay),
  };
}

function spansOf(window: { from: number; to: number; timezone: string }, step: Step): Span[] {
  const spans: Span[] = [];
  const firstDay = Math.floor(wallAt(window.timezone, window.from) / dayMs);
  const start = (day: number) => instantsOf(window.timezone, day * dayMs).earliest;
  let day = step.begin(firstDay);
  let begin = start(day);
  while (begin < window.to) {
    const end = start(step.next(day));
    const from = Math.max(begin, window.from);
    const to = Math.min(end, window.to);
    const partial = from > begin || to < end;
    if (from < to) spans.push({ from, to, day: isoInstant(day * dayMs).slice(0, 10), partial });
    begin = end;
    day = step.next(day);
  }
  return spans;
}

/**
 * What happened in each span. `counted` are the deployments that count, in and around the window; only those whose
 * failures are known are in the change fail rate.
 */
export function fill(
  spans: readonly Span[],
  counted: readonly Judged[],
  failuresKnown: (deployment: Judged) => boolean,
): Bucket[] {
  const deployed = sortInto(spans, counted, (d) => d.at);
  const recovered = sortInto(spans, counted, (d) => d.recovery?.at);
  return spans.map(({ day, partial }, i) => {
    const deployments = deployed[i]!;
    const failed = deployments.filter((d) => d.failures.length > 0).length;
    const n = deployments.length;
    const known = deployments.filter(failuresKnown).length;
    return {
      day,
      partial,
      deployments: n,
      failed,
      rework: deployments.filter((d) => d.rework.length > 0).length,
      changeFailRate: known === 0 ? null : failed / known,
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

/** The first day of the month that holds a day, or of the month after it. */
function monthOf(day: number, later: 0 | 1): number {
  const [year, month] = isoInstant(day * dayMs)
    .split('-')
    .map(Number) as [number, number];
  const next = month - 1 + later;
  const begin = `${String(year + Math.floor(next / 12)).padStart(4, '0')}-${String((next % 12) + 1).padStart(2, '0')}-01T00:00Z`;
  return parseInstant(begin)! / dayMs;
}
