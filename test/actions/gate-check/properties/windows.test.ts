import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { windowAt, windowSchema } from '../../../../shared/time/window.js';

const minuteMs = 60_000;
const dayMs = 86_400_000;
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** Zones whose clocks change by an hour, half an hour, a whole day, at midnight, and not at all. */
const zones = ['Europe/Madrid', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Cairo', 'Asia/Kathmandu'];

interface Rule {
  written: Record<string, string>;
  /** Whether a reading of the wall clock, as milliseconds in UTC, belongs to it. */
  has(wall: number): boolean;
}

const clock = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
const lengthOf = (wall: number) => {
  const date = new Date(wall);
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
};

/** Hours of the days that a test of the date chooses; ends before they begin on the next morning. */
function hours(
  written: Record<string, string>,
  chosen: (date: Date) => boolean,
  from: number,
  to: number,
): Rule {
  const [begin, end] = [from * minuteMs, (to <= from ? to + 1_440 : to) * minuteMs];
  return {
    written: { ...written, from: clock(from), to: clock(to) },
    has: (wall) =>
      [0, 1].some((back) => {
        const midnight = Math.floor(wall / dayMs) * dayMs - back * dayMs;
        return chosen(new Date(midnight)) && wall >= midnight + begin && wall < midnight + end;
      }),
  };
}

const minute = fc.integer({ min: 0, max: 1_439 });
const times = fc.tuple(minute, minute).filter(([from, to]) => from !== to);
const weekday = fc.integer({ min: 0, max: 6 });
const rules: fc.Arbitrary<Rule> = fc.oneof(
  fc
    .tuple(weekday, times)
    .map(([day, [from, to]]) =>
      hours({ days: weekdays[day]! }, (date) => date.getUTCDay() === day, from, to),
    ),
  fc
    .tuple(fc.constantFrom(1, 2, 3, 4, 5), weekday, times)
    .map(([nth, day, [from, to]]) =>
      hours(
        { days: `${['1st', '2nd', '3rd', '4th', '5th'][nth - 1]} ${weekdays[day]}` },
        (date) => date.getUTCDay() === day && Math.floor((date.getUTCDate() - 1) / 7) === nth - 1,
        from,
        to,
      ),
    ),
  times.map(([from, to]) =>
    hours({ days: 'last day' }, (date) => date.getUTCDate() === lengthOf(date.getTime()), from, to),
  ),
  fc.tuple(minute, fc.integer({ min: 1, max: 12 })).map(([at, long]): Rule => {
    const begin = at * minuteMs;
    return {
      written: { cron: `${at % 60} ${Math.floor(at / 60)} * * *`, for: `${long}h` },
      has: (wall) =>
        [0, 1].some((back) => {
          const start = Math.floor(wall / dayMs) * dayMs - back * dayMs + begin;
          return wall >= start && wall < start + long * 60 * minuteMs;
        }),
    };
  }),
  fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 })).map(([month, day]): Rule => ({
    written: { dates: `${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}` },
    has: (wall) => new Date(wall).getUTCMonth() + 1 === month && new Date(wall).getUTCDate() === day,
  })),
);

/** What the wall clock shows, as Intl says it. */
function wallIn(zone: string) {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  return (instant: number) => Date.parse(`${format.format(instant).replace(' ', 'T')}Z`);
}

it('any windows are open in exactly the minutes that the wall clock says, over years and zones', () => {
  let [compared, frozen] = [0, 0];
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.array(rules, { minLength: 1, maxLength: 4 }),
      fc.constantFrom('allow', 'freeze'),
      // Three days from any of ten years; half of them around a change of the clocks.
      fc.integer({ min: Date.UTC(2024, 0) / dayMs, max: Date.UTC(2033, 11) / dayMs }),
      fc.constantFrom('any', 'march', 'april', 'october', 'november'),
      (zone, chosen, kind, day, when) => {
        const year = new Date(day * dayMs).getUTCFullYear();
        const from =
          when === 'any'
            ? day * dayMs
            : Date.UTC(year, { march: 2, april: 3, october: 9, november: 10 }[when], 1 + (day % 28));
        const window = windowSchema.parse({ timezone: zone, [kind]: chosen.map(({ written }) => written) });
        const wall = wallIn(zone);
        const shown = Array.from({ length: 3 * 1_440 }, (_, at) => wall(from + at * minuteMs));
        const times = new Map<number, number>();
        for (const one of shown) times.set(one, (times.get(one) ?? 0) + 1);
        for (let at = day % 7; at < shown.length; at += 7) {
          // A reading that the clock shows twice is what test/shared/time is about.
          if (times.get(shown[at]!) !== 1) continue;
          const inside = chosen.some(({ has }) => has(shown[at]!));
          const instant = from + at * minuteMs;
          const { open } = windowAt(window, instant);
          if (open !== (kind === 'allow' ? inside : !inside))
            throw new Error(`${new Date(instant).toISOString()} in ${zone} is ${open ? 'open' : 'closed'}`);
          compared++;
          if (inside) frozen++;
        }
      },
    ),
    { numRuns: 60, seed: 20_261_129 },
  );
  expect(Math.min(compared, frozen)).toBeGreaterThan(2_000);
});
