import { ConfigurationError, type Problem } from '../../../shared/config/problem.js';
import { isoInstant, parseInstant } from '../../../shared/time/instant.js';
import { dayMs, instantsOf, isZone, suggestZone, wallAt } from '../../../shared/time/zone.js';

const weekMs = 7 * dayMs;
const defaultWeeks = 12;

export interface PeriodRequest {
  from: string | undefined;
  to: string | undefined;
  /** Milliseconds. */
  window: number | undefined;
  timezone: string;
}

export interface Period {
  /** Epoch milliseconds, half-open. */
  from: number;
  to: number;
  timezone: string;
  notes: string[];
}

/**
 * The window to measure, up to `now` at most. A window by length is a whole number of weeks ending at `to`, so that a
 * team deploying once a week has the same number of deployments in every window. Throws ConfigurationError with all
 * that is wrong.
 */
export function resolvePeriod(request: PeriodRequest, now: number): Period {
  const zone = request.timezone;
  if (!isZone(zone)) throw new ConfigurationError([unknownZone(zone)]);
  const problems: Problem[] = [];
  const notes: string[] = [];
  const read = (name: 'from' | 'to'): number | undefined => {
    const text = request[name];
    if (text === undefined) return undefined;
    const instant = /^\d{4}-\d{2}-\d{2}$/.test(text) ? midnight(zone, text) : parseInstant(text);
    if (instant === undefined)
      problems.push(
        problem(name, text, 'a date such as 2026-01-31 or an instant such as 2026-01-31T12:00:00Z'),
      );
    return instant;
  };
  const asked = { from: read('from'), to: read('to') };
  if (request.from !== undefined && request.window !== undefined)
    problems.push(problem('window', 'both "from" and "window"', 'one of the two'));
  let to = asked.to ?? now;
  if (to > now) {
    notes.push(`The window was asked until ${isoInstant(to)}, which has not come yet: it ends now.`);
    to = now;
  }
  const length = request.window ?? defaultWeeks * weekMs;
  const weeks = Math.ceil(length / weekMs);
  if (weeks < 1) problems.push(problem('window', `${length} ms`, 'at least a week, such as 12w'));
  if (request.window !== undefined && weeks * weekMs !== length)
    notes.push(`The window was rounded up to ${weeks} whole weeks.`);
  const from = asked.from ?? instantsOf(zone, wallAt(zone, to) - weeks * weekMs).earliest;
  if (problems.length === 0 && from >= to)
    problems.push(
      problem('from', isoInstant(from), `an instant before the end of the window (${isoInstant(to)})`),
    );
  if (problems.length > 0) throw new ConfigurationError(problems);
  return { from, to, timezone: zone, notes };
}

/** The first instant of a local date; undefined for a date the calendar does not have. */
function midnight(zone: string, date: string): number | undefined {
  const wall = parseInstant(`${date}T00:00:00Z`);
  if (wall === undefined || isoInstant(wall).slice(0, 10) !== date) return undefined;
  return instantsOf(zone, wall).earliest;
}

function unknownZone(zone: string): Problem {
  const didYouMean = suggestZone(zone);
  return {
    ...problem('timezone', zone, 'a zone of the IANA database such as UTC or Europe/Madrid'),
    ...(didYouMean ? { didYouMean } : {}),
  };
}

function problem(path: string, got: string, allowed: string): Problem {
  return { file: 'inputs', path, got, allowed, fix: `change "${path}" under "with:"` };
}

/**
 * The window of the same length that ends where this one begins, by the clock on the wall: a change of the clocks does
 * not move its hours.
 */
export function windowBefore({ from, to, timezone }: Pick<Period, 'from' | 'to' | 'timezone'>): {
  from: number;
  to: number;
  timezone: string;
} {
  const [begin, end] = [wallAt(timezone, from), wallAt(timezone, to)];
  return { from: instantsOf(timezone, begin - (end - begin)).earliest, to: from, timezone };
}
