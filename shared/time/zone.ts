import { suggest } from '../text/suggest.js';

/**
 * A reading of a wall clock: milliseconds since 1970-01-01T00:00 as if the clock stood in UTC. Arithmetic on it is
 * calendar arithmetic; it is no instant until a zone says which.
 */
export type Wall = number;

export const dayMs = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'iso8601',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(zone, format);
  return format;
}

/**
 * Whether the name is an IANA zone of this machine's time zone data; offsets such as `+01:00` are none, they know no
 * summer time.
 */
export function isZone(name: string): boolean {
  if (!/^[A-Za-z]\w*([/+-][\w+-]+)*$/.test(name)) return false;
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

/** The zone a misspelt name was meant to be, when one is near. */
export function suggestZone(name: string): string | undefined {
  return suggest(name, Intl.supportedValuesOf('timeZone'));
}

/** What a clock in the zone shows at an instant (epoch ms), to the second. */
export function wallAt(zone: string, instant: number): Wall {
  const whole = Math.floor(instant / 1_000) * 1_000;
  const part: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(whole)) part[type] = Number(value);
  const wall = Date.UTC(
    part['year']!,
    part['month']! - 1,
    part['day'],
    part['hour'],
    part['minute'],
    part['second'],
  );
  return wall + (instant - whole);
}

/** A reading as a calendar writes it; January is 1. */
export interface WallParts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

export const wallOf = ({ year, month, day, hour, minute, second }: WallParts): Wall =>
  Date.UTC(year, month - 1, day, hour, minute, second);

export function wallParts(wall: Wall): WallParts {
  const date = new Date(wall);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  };
}

/**
 * The instants (epoch ms) at which a clock shows a reading: equal for an ordinary one, an hour or so apart where clocks
 * went back.
 */
export interface Instants {
  earliest: number;
  latest: number;
  /** How often the clock shows it; a skipped reading stands for the instant right after the gap. */
  kind: 'once' | 'twice' | 'never';
}

const quarterDayMs = dayMs / 4;

/** Offsets of a zone at quarter days since 1970, as they were asked for. */
const offsets = new Map<string, Map<number, number>>();

function offsetAt(zone: string, quarter: number): number {
  let known = offsets.get(zone);
  if (!known) offsets.set(zone, (known = new Map()));
  let offset = known.get(quarter);
  if (offset === undefined)
    known.set(quarter, (offset = wallAt(zone, quarter * quarterDayMs) - quarter * quarterDayMs));
  return offset;
}

/**
 * By zone and quarter day: the offset, where it is the same from a day before to a day after; null near a change of the
 * clocks.
 */
const steady = new Map<string, Map<number, number | null>>();
let newest: { zone: string; quarter: number; offset: number | null } = { zone: '', quarter: 0, offset: null };

/**
 * What a reading is ahead of UTC, where the clocks of the zone do not change within a day of it; null where they do.
 */
export function steadyOffset(zone: string, wall: Wall): number | null {
  const quarter = Math.floor(wall / quarterDayMs);
  if (newest.quarter === quarter && newest.zone === zone) return newest.offset;
  let known = steady.get(zone);
  if (!known) steady.set(zone, (known = new Map()));
  let offset = known.get(quarter);
  if (offset === undefined) {
    offset = offsetAt(zone, quarter - 4);
    for (let near = quarter - 4; near <= quarter + 5; near++)
      if (offsetAt(zone, near) !== offset) offset = null;
    known.set(quarter, offset);
  }
  newest = { zone, quarter, offset };
  return offset;
}

/**
 * Turns a reading into instants, by the offsets that hold a day before and a day after it. Far from a change of the
 * clocks there is only one.
 */
export function instantsOf(zone: string, wall: Wall): Instants {
  const offset = steadyOffset(zone, wall);
  if (offset !== null) return { earliest: wall - offset, latest: wall - offset, kind: 'once' };
  const before = offsetOf(zone, wall - dayMs);
  const after = offsetOf(zone, wall + dayMs);
  const shown = [wall - before, wall - after].filter((instant) => instant + offsetOf(zone, instant) === wall);
  if (shown.length === 0) {
    const skip = firstInstantWithOffset(zone, after, wall - after, wall - before);
    return { earliest: skip, latest: skip, kind: 'never' };
  }
  const earliest = Math.min(...shown);
  const latest = Math.max(...shown);
  return { earliest, latest, kind: earliest === latest ? 'once' : 'twice' };
}

/** By zone and quarter day: the instant at which its offset changes. */
const changes = new Map<string, Map<number, number>>();

/** The offset at any instant. No zone changes its clocks twice in a quarter of a day. */
function offsetOf(zone: string, instant: number): number {
  const quarter = Math.floor(instant / quarterDayMs);
  const [before, after] = [offsetAt(zone, quarter), offsetAt(zone, quarter + 1)];
  if (before === after) return before;
  let known = changes.get(zone);
  if (!known) changes.set(zone, (known = new Map()));
  let change = known.get(quarter);
  if (change === undefined) {
    change = firstInstantWithOffset(zone, after, quarter * quarterDayMs, (quarter + 1) * quarterDayMs);
    known.set(quarter, change);
  }
  return instant < change ? before : after;
}

/** Finds the change of offset between two instants by halving; zones change on whole seconds. */
function firstInstantWithOffset(zone: string, offset: number, low: number, high: number): number {
  let from = low;
  let to = high;
  while (to - from > 1_000) {
    const middle = Math.floor((from + to) / 2_000) * 1_000;
    if (wallAt(zone, middle) - middle === offset) to = middle;
    else from = middle;
  }
  return to;
}

/** An instant for people, on the zone's own clock: `Fri 2026-10-30 17:00 Europe/Madrid`. */
export function describeInstant(zone: string, instant: number): string {
  const text = new Date(wallAt(zone, instant)).toISOString();
  const day = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][new Date(wallAt(zone, instant)).getUTCDay()]!;
  return `${day} ${text.slice(0, 10)} ${text.slice(11, 16)} ${zone}`;
}
