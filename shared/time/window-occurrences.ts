import { cronWalls } from './cron.js';
import type { WindowSpan } from './window-rule.js';
import type { DayOfMonth } from './window-words.js';
import { dayMs, instantsOf, steadyOffset, wallAt, type Wall } from './zone.js';

/** A span of time in epoch milliseconds; the end is not in it. */
export interface Interval {
  from: number;
  to: number;
}

/** How a reading that the clock shows twice is taken: a freeze lasts as long as it may mean, an allowance as short. */
export type Reading = 'widest' | 'narrowest';

/** Two crons may be a year apart: a freeze that starts and ends once a year. */
const longestBetweenCrons = 400 * dayMs;

/** The occurrences of a window in a zone that touch [from, to), in order of their start. */
export function occurrences(
  span: WindowSpan,
  zone: string,
  reading: Reading,
  { from, to }: Interval,
): Interval[] {
  if (span.is === 'instants') return span.spans.filter((one) => one.to > from && one.from < to);
  const first = wallAt(zone, from) - dayMs;
  const last = wallAt(zone, to) + dayMs;
  const [startAt, endAt] =
    reading === 'widest' ? (['earliest', 'latest'] as const) : (['latest', 'earliest'] as const);
  const found: Interval[] = [];
  // A year of fifty hourly rules has half a million of them: one pass, nothing kept that is not needed.
  for (const wall of wallSpans(span, first, last)) {
    if (wall.to <= first || wall.from >= last) continue;
    const interval = { from: instantOf(zone, wall.from, startAt), to: instantOf(zone, wall.to, endAt) };
    if (interval.to > interval.from && interval.to > from && interval.from < to) found.push(interval);
  }
  return found;
}

function instantOf(zone: string, wall: Wall, which: 'earliest' | 'latest'): number {
  const offset = steadyOffset(zone, wall);
  return offset === null ? instantsOf(zone, wall)[which] : wall - offset;
}

interface WallSpan {
  from: Wall;
  to: Wall;
}

function wallSpans(span: Exclude<WindowSpan, { is: 'instants' }>, first: Wall, last: Wall): WallSpan[] {
  switch (span.is) {
    case 'calendar':
      throw new Error(`calendar ${span.path} was not read`);
    case 'once':
      return [{ from: span.from, to: span.to }];
    case 'days':
      return daysBetween(first - 2 * dayMs, last)
        .filter((day) => span.days.includes(new Date(day).getUTCDay()) || isOfMonth(day, span.ofMonth))
        .map((day) => ({ from: day + span.from, to: day + span.to }));
    case 'weekly':
      return daysBetween(first - 14 * dayMs, last)
        .filter((day) => new Date(day).getUTCDay() === 0)
        .map((sunday) => ({ from: sunday + span.from, to: sunday + span.to }));
    case 'yearly': {
      const { from, to } = span;
      const over = to.month < from.month || (to.month === from.month && to.day < from.day) ? 1 : 0;
      const spans: WallSpan[] = [];
      const lastYear = new Date(last).getUTCFullYear();
      for (let year = new Date(first).getUTCFullYear() - 1; year <= lastYear; year++)
        spans.push({
          from: Date.UTC(year, from.month, from.day),
          to: Date.UTC(year + over, to.month, to.day) + dayMs,
        });
      return spans;
    }
    case 'cron':
      return cronWalls(span.start, first - span.for, last).map((wall) => ({
        from: wall,
        to: wall + span.for,
      }));
    case 'crons': {
      const ends = cronWalls(span.end, first - longestBetweenCrons, last + longestBetweenCrons);
      let next = 0;
      return cronWalls(span.start, first - longestBetweenCrons, last).map((wall) => {
        while (next < ends.length && ends[next]! <= wall) next++;
        return { from: wall, to: ends[next] ?? last };
      });
    }
  }
}

/** Whether a day is one of these of its month. */
function isOfMonth(day: Wall, wanted: readonly DayOfMonth[]): boolean {
  if (wanted.length === 0) return false;
  const date = new Date(day);
  const number = date.getUTCDate();
  const length = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return wanted.some(({ nth, weekday }) => {
    if (weekday === undefined) return number === length;
    if (weekday !== date.getUTCDay()) return false;
    return nth === 'last' ? number + 7 > length : Math.ceil(number / 7) === nth;
  });
}

function daysBetween(first: Wall, last: Wall): Wall[] {
  const days: Wall[] = [];
  for (let day = Math.floor(first / dayMs) * dayMs; day < last; day += dayMs) days.push(day);
  return days;
}

/**
 * Overlapping and touching intervals joined, in order. Starts and ends are sorted apart: something is covered while
 * more have started than ended.
 */
export function union(intervals: readonly Interval[]): Interval[] {
  const starts = Float64Array.from(intervals, ({ from }) => from).sort();
  const ends = Float64Array.from(intervals, ({ to }) => to).sort();
  const joined: Interval[] = [];
  for (let index = 0, begin = 0; index < ends.length; index++) {
    const covered = index + 1 < starts.length && starts[index + 1]! <= ends[index]!;
    if (covered) continue;
    joined.push({ from: starts[begin]!, to: ends[index]! });
    begin = index + 1;
  }
  return joined;
}

/** What is left of joined intervals when others, joined too, are taken out. */
export function without(intervals: readonly Interval[], taken: readonly Interval[]): Interval[] {
  return intervals.flatMap((interval) => {
    const left: Interval[] = [];
    let from = interval.from;
    for (const hole of taken) {
      if (hole.to <= from || hole.from >= interval.to) continue;
      if (hole.from > from) left.push({ from, to: hole.from });
      from = Math.max(from, hole.to);
    }
    if (from < interval.to) left.push({ from, to: interval.to });
    return left;
  });
}
