import { describe, expect, it } from '@jest/globals';
import { cpuMs } from '../../support/cpu-time.js';
import { parseConfig } from '../../../shared/config/parse.js';
import { parseInstant } from '../../../shared/time/instant.js';
import { windowAt, windowSchema, type WindowConfig } from '../../../shared/time/window.js';

const at = (text: string) => parseInstant(text)!;
const iso = (epoch: number | undefined) => (epoch === undefined ? undefined : new Date(epoch).toISOString());

function window(yaml: string): WindowConfig {
  const parsed = parseConfig(yaml, 'policy', windowSchema);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems, null, 2));
  return parsed.value;
}

/*
 * Numbers computed with Python's zoneinfo (freeze-windows-dst.json): local start and end, the same in UTC, and how long
 * that really is.
 */
const calendar: [
  name: string,
  zone: string,
  from: string,
  to: string,
  utcFrom: string,
  utcTo: string,
  hours: number,
][] = [
  [
    'a plain weekend',
    'America/New_York',
    '2026-01-16T17:00',
    '2026-01-19T09:00',
    '2026-01-16T22:00:00Z',
    '2026-01-19T14:00:00Z',
    64,
  ],
  [
    'a weekend over fall back',
    'America/New_York',
    '2026-10-30T17:00',
    '2026-11-02T09:00',
    '2026-10-30T21:00:00Z',
    '2026-11-02T14:00:00Z',
    65,
  ],
  [
    'a weekend over fall back',
    'Europe/Paris',
    '2026-10-23T18:00',
    '2026-10-26T08:00',
    '2026-10-23T16:00:00Z',
    '2026-10-26T07:00:00Z',
    63,
  ],
  [
    'a half-hour clock change',
    'Australia/Lord_Howe',
    '2026-04-03T17:00',
    '2026-04-06T09:00',
    '2026-04-03T06:00:00Z',
    '2026-04-05T22:30:00Z',
    64.5,
  ],
  [
    'a 45-minute zone',
    'Asia/Kathmandu',
    '2026-10-18T00:00',
    '2026-10-23T00:00',
    '2026-10-17T18:15:00Z',
    '2026-10-22T18:15:00Z',
    120,
  ],
  [
    'a year-end freeze',
    'America/Los_Angeles',
    '2026-12-19T00:00',
    '2027-01-04T00:00',
    '2026-12-19T08:00:00Z',
    '2027-01-04T08:00:00Z',
    384,
  ],
  [
    'a night',
    'Europe/Berlin',
    '2026-07-01T22:00',
    '2026-07-02T05:00',
    '2026-07-01T20:00:00Z',
    '2026-07-02T03:00:00Z',
    7,
  ],
  [
    'the night in which clocks go back',
    'Europe/Berlin',
    '2026-10-24T22:00',
    '2026-10-25T05:00',
    '2026-10-24T20:00:00Z',
    '2026-10-25T04:00:00Z',
    8,
  ],
];

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const weekMoment = (local: string) => `${days[new Date(`${local}Z`).getUTCDay()]} ${local.slice(11)}`;
const cronOf = (local: string) =>
  `${Number(local.slice(14, 16))} ${Number(local.slice(11, 13))} ${Number(local.slice(8, 10))} ${Number(local.slice(5, 7))} *`;
const wallHours = (from: string, to: string) => (Date.parse(`${to}Z`) - Date.parse(`${from}Z`)) / 3_600_000;

describe('a freeze ends exactly when the local clock says so', () => {
  it.each(calendar)(
    '%s in %s from %s to %s, written in every form',
    (_name, zone, from, to, utcFrom, utcTo, hours) => {
      const forms = [
        `from: ${from}, to: ${to}`,
        `cron: ${cronOf(from)}, until: ${cronOf(to)}`,
        `cron: ${cronOf(from)}, for: ${wallHours(from, to)}h`,
        ...(hours < 7 * 24 ? [`from: ${weekMoment(from)}, to: ${weekMoment(to)}`] : []),
        ...(from.endsWith('T00:00') && to === '2027-01-04T00:00' ? ['dates: 2026-12-19 .. 2027-01-03'] : []),
      ];
      for (const form of forms) {
        const freeze = window(`{ timezone: ${zone}, freeze: [{ ${form} }] }`);
        const start = at(utcFrom);
        const end = at(utcTo);
        expect((end - start) / 3_600_000).toBe(hours);
        const seen = [start - 60_000, start - 1, start, end - 60_000, end - 1, end].map(
          (now) => windowAt(freeze, now).open,
        );
        expect({ form, seen }).toEqual({ form, seen: [true, true, false, false, false, true] });
        expect(iso(windowAt(freeze, start - 1).closesAt)).toBe(iso(start));
        expect(iso(windowAt(freeze, start).opensAt)).toBe(iso(end));
      }
    },
  );

  /* Rows of the same file: daily 09:00 for 3h30m, winter and summer. */
  it.each([
    ['Europe/London', '2026-01-14T09:00:00Z', '2026-01-14T12:30:00Z'],
    ['Europe/London', '2026-07-15T08:00:00Z', '2026-07-15T11:30:00Z'],
    ['America/New_York', '2026-01-14T14:00:00Z', '2026-01-14T17:30:00Z'],
    ['America/New_York', '2026-07-15T13:00:00Z', '2026-07-15T16:30:00Z'],
    ['Europe/Paris', '2026-01-14T08:00:00Z', '2026-01-14T11:30:00Z'],
    ['Europe/Paris', '2026-07-15T07:00:00Z', '2026-07-15T10:30:00Z'],
    ['Asia/Kolkata', '2026-01-14T03:30:00Z', '2026-01-14T07:00:00Z'],
    ['Asia/Kolkata', '2026-07-15T03:30:00Z', '2026-07-15T07:00:00Z'],
  ])('daily 09:00 for 3h30m in %s opens at %s', (zone, utcFrom, utcTo) => {
    for (const form of ["cron: '0 9 * * *', for: 3h30m", "days: sun-sat, from: '09:00', to: '12:30'"]) {
      const allow = window(`{ timezone: ${zone}, allow: [{ ${form} }] }`);
      expect(windowAt(allow, at(utcFrom) - 1).open).toBe(false);
      expect(windowAt(allow, at(utcFrom)).open).toBe(true);
      expect(iso(windowAt(allow, at(utcFrom)).closesAt)).toBe(iso(at(utcTo)));
      expect(windowAt(allow, at(utcTo)).open).toBe(false);
    }
  });

  /* Rows of the same file: Argo CD takes the offset of the day it evaluates on; a July instant asked about in November is then an hour off. */
  it.each([
    ['Europe/London', '2026-07-15T08:30:00Z'],
    ['America/New_York', '2026-07-15T13:30:00Z'],
  ])('09:00 for 1h in %s holds at %s whatever the offset is today', (zone, instant) => {
    const freeze = window(`{ timezone: ${zone}, freeze: [{ cron: '0 9 * * *', for: 1h }] }`);
    expect(windowAt(freeze, at(instant)).open).toBe(false);
  });
});

/* gitlabhq/gitlabhq spec/models/ci/freeze_period_status_spec.rb @48aff82: two crons, UTC. */
describe('two crons freeze as they do in GitLab', () => {
  const one = "{ cron: '0 23 * * 5', until: '0 7 * * 1' }";
  const two = `${one}, { cron: '30 23 * * 5', until: '0 8 * * 1' }`;
  it.each([
    [one, '2020-04-10T22:59:00Z', false],
    [one, '2020-04-10T23:01:00Z', true],
    [one, '2020-04-13T06:59:00Z', true],
    [one, '2020-04-13T07:01:00Z', false],
    [two, '2020-04-10T22:59:00Z', false],
    [two, '2020-04-10T23:29:00Z', true],
    [two, '2020-04-11T10:00:00Z', true],
    [two, '2020-04-10T23:01:00Z', true],
    [two, '2020-04-13T06:59:00Z', true],
    [two, '2020-04-13T07:59:00Z', true],
    [two, '2020-04-13T08:01:00Z', false],
  ])('%s at %s', (rules, now, frozen) => {
    expect(windowAt(window(`{ timezone: UTC, freeze: [${rules}] }`), at(now)).open).toBe(!frozen);
  });

  it('keeps a freeze of half a year that began last December', () => {
    const freeze = window("{ timezone: UTC, freeze: [{ cron: '0 0 1 12 *', until: '0 0 1 6 *' }] }");
    expect(iso(windowAt(freeze, at('2026-03-15T12:00:00Z')).opensAt)).toBe('2026-06-01T00:00:00.000Z');
    expect(iso(windowAt(freeze, at('2026-07-15T12:00:00Z')).closesAt)).toBe('2026-12-01T00:00:00.000Z');
  });
});

describe('clock readings that do not exist or exist twice', () => {
  it('a freeze that starts at a skipped reading starts right after the gap', () => {
    const freeze = window("{ timezone: America/New_York, freeze: [{ cron: '30 2 * * *', for: 30m }] }");
    expect(windowAt(freeze, at('2026-03-08T06:59:59Z')).open).toBe(true);
    expect(windowAt(freeze, at('2026-03-07T07:30:00Z')).open).toBe(false);
  });

  it('a freeze over a doubled reading covers both, an allowance only what is certain', () => {
    const rule = "{ days: sun, from: '01:00', to: '01:30' }";
    const zone = 'timezone: America/New_York';
    const freeze = window(`{ ${zone}, freeze: [${rule}] }`);
    const allow = window(`{ ${zone}, allow: [${rule}] }`);
    for (const instant of ['2026-11-01T05:00:00Z', '2026-11-01T05:45:00Z', '2026-11-01T06:29:59Z']) {
      expect(windowAt(freeze, at(instant)).open).toBe(false);
      expect(windowAt(allow, at(instant)).open).toBe(false);
    }
    expect(windowAt(freeze, at('2026-11-01T06:30:00Z')).open).toBe(true);
  });
});

describe('rules together', () => {
  it('"no deploys on Fridays" is one line', () => {
    const policy = window(
      '{ timezone: Europe/Madrid, freeze: [{ days: fri, reason: No deploys on Fridays }] }',
    );
    const thursdayNight = windowAt(policy, at('2026-11-26T22:59:00Z'));
    expect(thursdayNight).toMatchObject({ open: true, closesAt: at('2026-11-26T23:00:00Z') });
    const friday = windowAt(policy, at('2026-11-26T23:00:00Z'));
    expect(friday).toMatchObject({ open: false, opensAt: at('2026-11-27T23:00:00Z') });
    expect(friday.rule?.reason).toBe('No deploys on Fridays');
  });

  it('a freeze beats an allowance, and the window opens again where both agree', () => {
    const policy = window(`
      timezone: Europe/Madrid
      allow:
        - { days: mon-thu, from: '09:00', to: '17:00' }
      freeze:
        - { dates: 2026-11-23 .. 2026-11-24, reason: Black Friday week }`);
    expect(windowAt(policy, at('2026-11-23T10:00:00Z'))).toMatchObject({
      open: false,
      opensAt: at('2026-11-25T08:00:00Z'),
    });
    expect(windowAt(policy, at('2026-11-25T10:00:00Z'))).toMatchObject({
      open: true,
      closesAt: at('2026-11-25T16:00:00Z'),
    });
    expect(windowAt(policy, at('2026-11-25T16:00:00Z')).open).toBe(false);
  });

  it('closes at the next freeze inside an allowance', () => {
    const policy = window(`
      timezone: UTC
      allow: [{ days: mon, from: '08:00', to: '18:00' }]
      freeze: [{ from: 2026-11-23T12:00, to: 2026-11-23T13:00 }]`);
    expect(iso(windowAt(policy, at('2026-11-23T09:00:00Z')).closesAt)).toBe('2026-11-23T12:00:00.000Z');
    expect(iso(windowAt(policy, at('2026-11-23T12:30:00Z')).opensAt)).toBe('2026-11-23T13:00:00.000Z');
  });

  it('touching allowances are one opening', () => {
    const policy = window(`
      timezone: UTC
      allow: [{ days: mon, from: '08:00', to: '12:00' }, { days: mon, from: '12:00', to: '18:00' }]`);
    expect(iso(windowAt(policy, at('2026-11-23T09:00:00Z')).closesAt)).toBe('2026-11-23T18:00:00.000Z');
  });

  it('overnight days run into the next morning', () => {
    const policy = window("{ timezone: UTC, allow: [{ days: sat, from: '22:00', to: '02:00' }] }");
    expect(windowAt(policy, at('2026-11-22T01:59:00Z')).open).toBe(true);
    expect(windowAt(policy, at('2026-11-22T02:00:00Z')).open).toBe(false);
    expect(windowAt(policy, at('2026-11-21T01:00:00Z')).open).toBe(false);
  });

  it('each rule may have a zone of its own', () => {
    const policy = window('{ timezone: UTC, freeze: [{ days: fri, timezone: Asia/Tokyo }] }');
    expect(windowAt(policy, at('2026-11-26T15:00:00Z')).open).toBe(false);
    expect(windowAt(policy, at('2026-11-27T15:00:00Z')).open).toBe(true);
  });

  it('says nothing of an opening that is more than 400 days away or never comes', () => {
    expect(
      windowAt(window('{ timezone: UTC, allow: [{ dates: 2020-01-01 }] }'), at('2026-11-22T00:00:00Z')),
    ).toEqual({ open: false });
    expect(
      windowAt(window('{ timezone: UTC, freeze: [{ days: sun-sat }] }'), at('2026-11-22T00:00:00Z')).opensAt,
    ).toBeUndefined();
    expect(
      windowAt(window('{ timezone: UTC, freeze: [{ dates: 2020-01-01 }] }'), at('2026-11-22T00:00:00Z')),
    ).toEqual({ open: true });
  });
});

describe('gate fault 9: many rules', () => {
  it.each([
    [50, '90m'],
    [60, '1m'],
  ])('%i hourly crons for %s that cover every hour cost a bounded time', (count, length) => {
    const freeze = Array.from({ length: count }, (_, minute) => ({ cron: `${minute} * * * *`, for: length }));
    const rules = windowSchema.parse({ timezone: 'Europe/Madrid', freeze });
    const before = cpuMs();
    expect(windowAt(rules, Date.parse('2026-11-28T12:00:00Z'))).toMatchObject({ open: false });
    expect(windowAt(rules, Date.parse('2026-11-28T12:00:00Z')).opensAt).toBeUndefined();
    expect(cpuMs() - before).toBeLessThan(20_000);
  });

  it('fifty hourly crons until others cost a bounded time, whatever lies a year before and after', () => {
    const ends = ['0 * * * *', '30 12 29 2 *'];
    for (const until of ends) {
      const freeze = Array.from({ length: 50 }, (_, minute) => ({ cron: `${minute} * * * *`, until }));
      const rules = windowSchema.parse({ timezone: 'Europe/Madrid', freeze });
      const before = cpuMs();
      expect(windowAt(rules, Date.parse('2026-11-28T12:30:00Z')).open).toBe(false);
      expect(cpuMs() - before).toBeLessThan(20_000);
    }
  });

  it('a window from one cron to another begins with the first start after an end, and ends with the first end', () => {
    const rules = windowSchema.parse({
      timezone: 'UTC',
      freeze: [{ cron: '0 8-16 * * *', until: '0 12 * * 1-5' }],
    });
    const open = (now: string) => windowAt(rules, Date.parse(now)).open;
    // Friday noon ends it, and the start of that very moment begins it again, over the weekend until Monday noon.
    expect([open('2026-11-27T07:59:00Z'), open('2026-11-27T11:59:00Z')]).toEqual([false, false]);
    expect([open('2026-11-27T12:00:00Z'), open('2026-11-29T23:00:00Z')]).toEqual([false, false]);
    const mornings = windowSchema.parse({
      timezone: 'UTC',
      freeze: [{ cron: '0 8-10 * * *', until: '0 12 * * 1-5' }],
    });
    const at = (now: string) => windowAt(mornings, Date.parse(now));
    expect(at('2026-11-27T12:00:00Z')).toMatchObject({
      open: true,
      closesAt: Date.parse('2026-11-28T08:00:00Z'),
    });
    expect(at('2026-11-29T20:00:00Z')).toMatchObject({
      open: false,
      opensAt: Date.parse('2026-11-30T12:00:00Z'),
    });
  });

  it('a change of the clocks inside a year of rules moves the opening with the wall clock', () => {
    const rules = windowSchema.parse({
      timezone: 'Europe/Madrid',
      freeze: [{ cron: '0 0 * * *', for: '23h' }],
    });
    const opensAt = (now: string) => new Date(windowAt(rules, Date.parse(now)).opensAt!).toISOString();
    expect(opensAt('2026-10-24T12:00:00Z')).toBe('2026-10-24T21:00:00.000Z');
    expect(opensAt('2026-10-25T12:00:00Z')).toBe('2026-10-25T22:00:00.000Z');
  });
});
