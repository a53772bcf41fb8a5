import { dayMs, type Wall } from './zone.js';

/** A cron line of five fields whose minute is one number: what starts or ends a window happens at most once an hour. */
export interface Cron {
  minute: number;
  hours: readonly number[];
  daysOfMonth: ReadonlySet<number>;
  months: ReadonlySet<number>;
  weekdays: ReadonlySet<number>;
  /** Day of month and weekday both restricted: either is enough, as in every cron. */
  eitherDay: boolean;
}

/** What a cron line may look like, for error messages. */
export const cronForm =
  'five fields "minute hour day month weekday" with one number as the minute, such as 0 17 * * 5';

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
export const weekdayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** Parses a cron line, or says what is wrong with it. */
export function parseCron(text: string): Cron | { wrong: string } {
  const fields = text.trim().toLowerCase().split(/\s+/);
  if (fields.length !== 5) return { wrong: `${fields.length} fields instead of 5` };
  const [minute, hour, day, month, weekday] = fields as [string, string, string, string, string];
  const hours = parseField(hour, 0, 23);
  const days = parseField(day, 1, 31);
  const months = parseField(month, 1, 12, monthNames);
  const weekdays = parseField(weekday, 0, 7, weekdayNames);
  if (!/^\d{1,2}$/.test(minute) || Number(minute) > 59) {
    return {
      wrong: `the minute "${minute}" is not one number from 0 to 59: a window starts at one minute of an hour`,
    };
  }
  for (const [name, field, parsed] of [
    ['hour', hour, hours],
    ['day', day, days],
    ['month', month, months],
    ['weekday', weekday, weekdays],
  ] as const) {
    if (!parsed)
      return { wrong: `the ${name} "${field}" is not a number, name, range, list or step in range` };
  }
  const cron = {
    minute: Number(minute),
    hours: [...hours!].sort((a, b) => a - b),
    daysOfMonth: days!,
    months: months!,
    weekdays: new Set([...weekdays!].map((value) => value % 7)),
    eitherDay: !day.startsWith('*') && !weekday.startsWith('*'),
  };
  const leapCycle = 4 * 366;
  for (let ahead = 0; ahead < leapCycle; ahead++) if (firesOn(cron, ahead * dayMs)) return cron;
  return { wrong: `no year has a day ${day} in month ${month}` };
}

/** `*`, `a`, `a-b`, each with `/step`, joined by commas; names where the field has them. */
function parseField(
  text: string,
  min: number,
  max: number,
  names: readonly string[] = [],
): Set<number> | undefined {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^(?:(\*)|([a-z]+|\d+)(?:-([a-z]+|\d+))?)(?:\/(\d+))?$/.exec(part);
    if (!match) return undefined;
    const [, star, first, last, step] = match;
    const number = (word: string) => {
      const index = names.indexOf(word);
      return index >= 0 ? index + (max === 12 ? 1 : 0) : /^\d+$/.test(word) ? Number(word) : NaN;
    };
    const from = star ? min : number(first!);
    const to = star ? max : last !== undefined ? number(last) : step !== undefined ? max : from;
    const by = step === undefined ? 1 : Number(step);
    if (!(from >= min && to <= max && from <= to && by >= 1)) return undefined;
    for (let value = from; value <= to; value += by) values.add(value);
  }
  return values;
}

function firesOn({ months, daysOfMonth, weekdays, eitherDay }: Cron, day: Wall): boolean {
  const date = new Date(day);
  if (!months.has(date.getUTCMonth() + 1)) return false;
  const ofMonth = daysOfMonth.has(date.getUTCDate());
  const ofWeek = weekdays.has(date.getUTCDay());
  return eitherDay ? ofMonth || ofWeek : ofMonth && ofWeek;
}

/** All readings in [from, to) at which the line fires, in order. */
export function cronWalls(cron: Cron, from: Wall, to: Wall): Wall[] {
  const walls: Wall[] = [];
  for (let day = Math.floor(from / dayMs); day * dayMs < to; day++) {
    if (!firesOn(cron, day * dayMs)) continue;
    for (const hour of cron.hours) {
      const wall = day * dayMs + hour * 3_600_000 + cron.minute * 60_000;
      if (wall >= from && wall < to) walls.push(wall);
    }
  }
  return walls;
}

/** The last reading at or before one at which the line fires, at most `within` before it; undefined where there is none. */
export function cronBefore(cron: Cron, wall: Wall, within: number): Wall | undefined {
  for (let day = Math.floor(wall / dayMs) * dayMs; day > wall - within - dayMs; day -= dayMs) {
    const found = cronWalls(cron, day, Math.min(day + dayMs, wall + 1)).at(-1);
    if (found !== undefined) return found >= wall - within ? found : undefined;
  }
  return undefined;
}

/** The first reading at or after one at which the line fires, at most `within` after it; undefined where there is none. */
export function cronAfter(cron: Cron, wall: Wall, within: number): Wall | undefined {
  for (let day = Math.floor(wall / dayMs) * dayMs; day < wall + within; day += dayMs) {
    const [found] = cronWalls(cron, Math.max(day, wall), Math.min(day + dayMs, wall + within));
    if (found !== undefined) return found;
  }
  return undefined;
}
