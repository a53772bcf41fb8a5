import { cronWalls } from './cron.js';
import { longestCronWindow, type WindowSpan } from './window-rule.js';
import { dayMs, instantsOf, wallAt, type Wall } from './zone.js';

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
  const first = wallAt(zone, from) - dayMs;
  const last = wallAt(zone, to) + dayMs;
  return wallSpans(span, first, last)
    .filter((wall) => wall.to > first && wall.from < last)
    .map((wall) => {
      const start = instantsOf(zone, wall.from);
      const end = instantsOf(zone, wall.to);
      return reading === 'widest'
        ? { from: start.earliest, to: end.latest }
        : { from: start.latest, to: end.earliest };
    })
    .filter((interval) => interval.to > interval.from && interval.to > from && interval.from < to);
}

interface WallSpan {
  from: Wall;
  to: Wall;
}

function wallSpans(span: WindowSpan, first: Wall, last: Wall): WallSpan[] {
  switch (span.is) {
    case 'once':
      return [{ from: span.from, to: span.to }];
    case 'days':
      return daysBetween(first - 2 * dayMs, last)
        .filter((day) => span.days.includes(new Date(day).getUTCDay()))
        .map((day) => ({ from: day + span.from, to: day + span.to }));
    case 'weekly':
      return daysBetween(first - 14 * dayMs, last)
        .filter((day) => new Date(day).getUTCDay() === 0)
        .map((sunday) => ({ from: sunday + span.from, to: sunday + span.to }));
    case 'cron':
      return cronWalls(span.start, first - longestCronWindow, last).map((wall) => ({
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

function daysBetween(first: Wall, last: Wall): Wall[] {
  const days: Wall[] = [];
  for (let day = Math.floor(first / dayMs) * dayMs; day < last; day += dayMs) days.push(day);
  return days;
}

/** Overlapping and touching intervals joined, in order. */
export function union(intervals: readonly Interval[]): Interval[] {
  const joined: Interval[] = [];
  for (const { from, to } of [...intervals].sort((a, b) => a.from - b.from)) {
    const before = joined.at(-1);
    if (before && from <= before.to) before.to = Math.max(before.to, to);
    else joined.push({ from, to });
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
