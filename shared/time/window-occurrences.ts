import { cronAfter, cronBefore, cronWalls, type Cron } from './cron.js';
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

type Visit = (from: number, to: number) => void;

/** The occurrences of a window in a zone that touch [from, to), in order of their start. */
export function occurrences(span: WindowSpan, zone: string, reading: Reading, range: Interval): Interval[] {
  const found: Interval[] = [];
  eachOccurrence(span, zone, reading, range, (from, to) => found.push({ from, to }));
  return found;
}

/** Visits what `occurrences` gives: a year of fifty hourly rules has half a million, too many to make an object of each. */
export function eachOccurrence(
  span: WindowSpan,
  zone: string,
  reading: Reading,
  { from, to }: Interval,
  visit: Visit,
): void {
  if (span.is === 'instants') {
    for (const one of [...span.spans].sort((a, b) => a.from - b.from))
      if (one.to > from && one.from < to) visit(one.from, one.to);
    return;
  }
  const first = wallAt(zone, from) - dayMs;
  const last = wallAt(zone, to) + dayMs;
  const [startAt, endAt] =
    reading === 'widest' ? (['earliest', 'latest'] as const) : (['latest', 'earliest'] as const);
  eachWallSpan(span, first, last, (wallFrom, wallTo) => {
    if (wallTo <= first || wallFrom >= last) return;
    const begins = instantOf(zone, wallFrom, startAt);
    const ends = instantOf(zone, wallTo, endAt);
    if (ends > begins && ends > from && begins < to) visit(begins, ends);
  });
}

function instantOf(zone: string, wall: Wall, which: 'earliest' | 'latest'): number {
  const offset = steadyOffset(zone, wall);
  return offset === null ? instantsOf(zone, wall)[which] : wall - offset;
}

/** Visits readings of start and end. */
function eachWallSpan(
  span: Exclude<WindowSpan, { is: 'instants' }>,
  first: Wall,
  last: Wall,
  visit: Visit,
): void {
  switch (span.is) {
    case 'calendar':
      throw new Error(`calendar ${span.path} was not read`);
    case 'once':
      return visit(span.from, span.to);
    case 'days':
      for (const day of daysBetween(first - 2 * dayMs, last))
        if (span.days.includes(new Date(day).getUTCDay()) || isOfMonth(day, span.ofMonth))
          visit(day + span.from, day + span.to);
      return;
    case 'weekly':
      for (const day of daysBetween(first - 14 * dayMs, last))
        if (new Date(day).getUTCDay() === 0) visit(day + span.from, day + span.to);
      return;
    case 'yearly': {
      const { from, to } = span;
      const over = to.month < from.month || (to.month === from.month && to.day < from.day) ? 1 : 0;
      const lastYear = new Date(last).getUTCFullYear();
      for (let year = new Date(first).getUTCFullYear() - 1; year <= lastYear; year++)
        visit(Date.UTC(year, from.month, from.day), Date.UTC(year + over, to.month, to.day) + dayMs);
      return;
    }
    case 'cron':
      for (const wall of cronWalls(span.start, first - span.for, last)) visit(wall, wall + span.for);
      return;
    case 'crons':
      return eachBetween(span, first, last, visit);
  }
}

/**
 * From one line to the next firing of the other. Between two ends the first start is enough: what begins later ends with
 * it. So nothing is asked of the year before and after but the end on each side.
 */
function eachBetween(
  { start, end }: { start: Cron; end: Cron },
  first: Wall,
  last: Wall,
  visit: Visit,
): void {
  const before = cronBefore(end, first, longestBetweenCrons);
  const after = cronAfter(end, last, longestBetweenCrons);
  const ends = cronWalls(end, first + 1, last);
  if (after !== undefined) ends.push(after);
  let next = 0;
  let free = before ?? first - longestBetweenCrons;
  for (const wall of cronWalls(start, free, last)) {
    if (wall < free) continue;
    while (next < ends.length && ends[next]! <= wall) next++;
    const until = ends[next] ?? last;
    visit(wall, until);
    free = until;
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

/** Joined intervals in order, as start, end, start, end, …: no two of them overlap or touch. */
type Edges = number[];

function append(edges: Edges, from: number, to: number): void {
  const last = edges.length - 1;
  if (last < 0 || from > edges[last]!) edges.push(from, to);
  else if (to > edges[last]!) edges[last] = to;
}

function merge(one: Edges, other: Edges): Edges {
  const edges: Edges = [];
  for (let i = 0, j = 0; i < one.length || j < other.length;) {
    if (j >= other.length || (i < one.length && one[i]! <= other[j]!)) {
      append(edges, one[i]!, one[i + 1]!);
      i += 2;
    } else {
      append(edges, other[j]!, other[j + 1]!);
      j += 2;
    }
  }
  return edges;
}

/**
 * What any of the lists covers, joined and in order; each list visits its intervals in order of their start. Merged
 * two by two: where rules overlap, as they do when many of them cover a year, each round is half of the one before.
 */
export function union(lists: readonly ((visit: Visit) => void)[]): Interval[] {
  let joined = lists.map((each) => {
    const edges: Edges = [];
    each((from, to) => append(edges, from, to));
    return edges;
  });
  while (joined.length > 1)
    joined = joined.flatMap((edges, at) => (at % 2 === 0 ? [merge(edges, joined[at + 1] ?? [])] : []));
  const [edges = []] = joined;
  return edges.flatMap((from, at) => (at % 2 === 0 ? [{ from, to: edges[at + 1]! }] : []));
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
