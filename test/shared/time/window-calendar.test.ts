import { describe, expect, it } from '@jest/globals';
import { parseConfig } from '../../../shared/config/parse.js';
import { occurrences } from '../../../shared/time/window-occurrences.js';
import { windowSchema } from '../../../shared/time/window.js';

function frozenAt(rule: string, zone = 'UTC') {
  const parsed = parseConfig(`{ timezone: ${zone}, freeze: [${rule}] }`, 'policy', windowSchema);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const { span } = parsed.value.freeze![0]!;
  return (instant: number) =>
    occurrences(span, zone, 'widest', { from: instant, to: instant + 1 }).length > 0;
}

const dayMs = 86_400_000;
const noon = (date: string) => Date.parse(`${date}T12:00:00Z`);
const daysOf = (from: string, to: string) =>
  Array.from({ length: (noon(to) - noon(from)) / dayMs + 1 }, (_, index) => noon(from) + index * dayMs);

/*
 * The oracle walks through the months day by day and counts; it shares nothing with the rule but the calendar of Date.
 */
function oracle(wanted: { nth?: number; last?: true; weekday?: number }, instant: number): boolean {
  const date = new Date(instant);
  const month = date.getUTCMonth();
  const same: number[] = [];
  for (let day = 1; ; day++) {
    const one = new Date(Date.UTC(date.getUTCFullYear(), month, day));
    if (one.getUTCMonth() !== month) break;
    if (wanted.weekday === undefined || one.getUTCDay() === wanted.weekday) same.push(day);
  }
  const chosen = wanted.last ? same.at(-1) : same[wanted.nth! - 1];
  return chosen === date.getUTCDate();
}

describe('a day of the month', () => {
  it.each([
    ['1st mon', { nth: 1, weekday: 1 }],
    ['2nd tue', { nth: 2, weekday: 2 }],
    ['3rd Wednesday', { nth: 3, weekday: 3 }],
    ['4th thu', { nth: 4, weekday: 4 }],
    ['5th fri', { nth: 5, weekday: 5 }],
    ['last sun', { last: true, weekday: 0 }],
    ['last day', { last: true }],
  ] as const)('%s is the one that a count of the month gives, in six years', (days, wanted) => {
    const frozen = frozenAt(`{ days: ${days} }`);
    const all = daysOf('2024-01-01', '2029-12-31');
    expect(all.filter(frozen)).toEqual(all.filter((instant) => oracle(wanted, instant)));
  });

  it('stands beside others, has hours, and goes by the local calendar', () => {
    const frozen = frozenAt(`{ days: 'fri, last day', from: '22:00', to: '06:00' }`, 'Asia/Tokyo');
    // Tuesday the 30th of June, 22:00 in Tokyo, until the next morning at 06:00.
    expect(frozen(Date.parse('2026-06-30T12:59:00Z'))).toBe(false);
    expect(frozen(Date.parse('2026-06-30T13:00:00Z'))).toBe(true);
    expect(frozen(Date.parse('2026-06-30T20:59:00Z'))).toBe(true);
    expect(frozen(Date.parse('2026-06-30T21:00:00Z'))).toBe(false);
    expect(frozen(Date.parse('2026-07-03T13:00:00Z'))).toBe(true);
  });
});

describe('dates of every year', () => {
  it.each([
    ['05-01', (month: number, day: number) => month === 5 && day === 1],
    [
      '12-24 .. 01-06',
      (month: number, day: number) => (month === 12 && day >= 24) || (month === 1 && day <= 6),
    ],
    [
      '02-20 .. 03-02',
      (month: number, day: number) => (month === 2 && day >= 20) || (month === 3 && day <= 2),
    ],
  ])('%s are whole days, both included, in leap years too', (dates, belongs) => {
    const frozen = frozenAt(`{ dates: ${dates} }`);
    const all = daysOf('2023-12-01', '2029-02-01');
    const expected = all.filter((instant) => {
      const date = new Date(instant);
      return belongs(date.getUTCMonth() + 1, date.getUTCDate());
    });
    expect(all.filter(frozen)).toEqual(expected);
  });

  it('begin and end at local midnight', () => {
    const frozen = frozenAt('{ dates: 12-24 .. 01-06 }', 'Europe/Madrid');
    expect(
      ['2026-12-23T22:59:00Z', '2026-12-23T23:00:00Z', '2027-01-06T22:59:00Z', '2027-01-06T23:00:00Z']
        .map(Date.parse)
        .map(frozen),
    ).toEqual([false, true, true, false]);
  });
});
