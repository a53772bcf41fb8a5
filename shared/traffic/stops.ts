import { parseDuration } from '../time/duration.js';

/** One stop on the way to all traffic: a share for the new colour, and what happens before the next one. */
export interface Stop {
  /** Percent of new requests for the new colour, 1 to 99. */
  percent: number;
  /** Milliseconds to stay and look, or until a person resumes. */
  stay: number | 'pause';
}

/** What a strategy may say, for error messages. */
export const strategyForm =
  'instant, or one step a line such as "10 % for 5m" or "50 % pause", with rising percentages; all traffic follows by itself';

/** Reads a strategy; undefined when it is none. `instant` has no stops. */
export function parseStrategy(text: string): Stop[] | undefined {
  const lines = text
    .split('\n')
    .map((line) => line.replace(/^\s*-\s*/, '').trim())
    .filter((line) => line !== '');
  if (lines.length === 1 && lines[0] === 'instant') return [];
  const stops = lines.map(parseStop);
  if (stops.length === 0 || stops.some((stop) => stop === undefined)) return undefined;
  const known = stops as Stop[];
  return known.every((stop, index) => index === 0 || stop.percent > known[index - 1]!.percent)
    ? known
    : undefined;
}

function parseStop(line: string): Stop | undefined {
  const [, percent, rest] = /^(\d{1,2})\s*%\s+(.+)$/.exec(line) ?? [];
  if (!percent || Number(percent) < 1) return undefined;
  if (rest === 'pause') return { percent: Number(percent), stay: 'pause' };
  const stay = parseDuration(/^for\s+(.+)$/.exec(rest ?? '')?.[1] ?? '');
  return stay === undefined || stay === 0 ? undefined : { percent: Number(percent), stay };
}

/** A stop for people. */
export function describeStop({ percent, stay }: Stop): string {
  return stay === 'pause' ? `${percent} % until resumed` : `${percent} % for ${stay / 1_000} s`;
}
