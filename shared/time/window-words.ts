import { weekdayNames } from './cron.js';
import { dayMs, type Wall } from './zone.js';

/** A weekday of a month by its number, from the end where that is `last`; or the last day, whatever weekday it is. */
export interface DayOfMonth {
  nth: number | 'last';
  /** Undefined for any day. */
  weekday?: number;
}

/** A day of any year; the month from 0. */
export interface YearDay {
  month: number;
  day: number;
}

/** `2nd tue`, `last fri` or `last day`. */
export function dayOfMonth(text: string): DayOfMonth | undefined {
  const [, nth = '', word = ''] = /^\s*(1st|2nd|3rd|4th|5th|last)\s+([a-z]+)\s*$/i.exec(text) ?? [];
  if (nth.toLowerCase() === 'last' && word.toLowerCase() === 'day') return { nth: 'last' };
  const day = weekday(word.toLowerCase());
  if (typeof day !== 'number') return undefined;
  return { nth: nth.toLowerCase() === 'last' ? 'last' : Number(nth[0]), weekday: day };
}

/** `MM-DD` of a day that every year has. */
export function yearDay(text: string): YearDay | undefined {
  if (!/^\d{2}-\d{2}$/.test(text) || date(`2027-${text}`) === undefined) return undefined;
  return { month: Number(text.slice(0, 2)) - 1, day: Number(text.slice(3)) };
}

export function weekday(word: string): number | string {
  const index = weekdayNames.findIndex(
    (name) => word === name || (word.length > 3 && longDays[name] === word),
  );
  return index >= 0 ? index : word;
}

const longDays: Record<string, string> = {
  sun: 'sunday',
  mon: 'monday',
  tue: 'tuesday',
  wed: 'wednesday',
  thu: 'thursday',
  fri: 'friday',
  sat: 'saturday',
};

/** Milliseconds since midnight of `HH:MM`; 24:00 is the end of the day. */
export function timeOfDay(text: string): number | undefined {
  const [, hour, minute] = /^(\d{1,2}):(\d{2})$/.exec(text.trim()) ?? [];
  if (hour === undefined || Number(minute) > 59) return undefined;
  const ms = Number(hour) * 3_600_000 + Number(minute) * 60_000;
  return ms <= dayMs ? ms : undefined;
}

/** Milliseconds since Sunday 00:00 of `fri 17:00`. */
export function timeOfWeek(text: string): number | undefined {
  const [word = '', time = '', more] = text.trim().toLowerCase().split(/\s+/);
  const day = weekday(word);
  const ms = timeOfDay(time);
  return typeof day === 'number' && ms !== undefined && more === undefined ? day * dayMs + ms : undefined;
}

export function date(text: string): Wall | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const wall = Date.parse(`${text}T00:00Z`);
  return Number.isNaN(wall) || new Date(wall).toISOString().slice(0, 10) !== text ? undefined : wall;
}

export function dateTime(text: string): Wall | undefined {
  const [day = '', time = '', more] = text.trim().split(/[T ]/);
  const wall = date(day);
  const ms = timeOfDay(time);
  return wall !== undefined && ms !== undefined && more === undefined ? wall + ms : undefined;
}
