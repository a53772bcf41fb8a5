import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cronWalls, parseCron, type Cron } from '../../../shared/time/cron.js';
import { describeInstant, instantsOf, isZone, wallAt } from '../../../shared/time/zone.js';

const wall = (text: string) => Date.parse(`${text}Z`);
const iso = (epoch: number) => new Date(epoch).toISOString().slice(0, 16);

describe('a wall clock', () => {
  /* Computed with Python's zoneinfo (freeze-windows-dst.json, odd_local_times). */
  it.each([
    ['America/New_York', '2026-11-01T01:30', '2026-11-01T05:30', '2026-11-01T06:30'],
    ['Europe/London', '2026-10-25T01:30', '2026-10-25T00:30', '2026-10-25T01:30'],
  ])('in %s shows %s twice', (zone, local, first, second) => {
    const { kind, earliest, latest } = instantsOf(zone, wall(local));
    expect([kind, iso(earliest), iso(latest)]).toEqual(['twice', first, second]);
  });

  it.each([
    ['America/New_York', '2026-03-08T02:30', '2026-03-08T07:00'],
    ['Europe/London', '2026-03-29T01:30', '2026-03-29T01:00'],
  ])('in %s never shows %s: the gap ends at %s', (zone, local, end) => {
    const { kind, earliest, latest } = instantsOf(zone, wall(local));
    expect([kind, iso(earliest), iso(latest)]).toEqual(['never', end, end]);
  });

  it('and instants agree in every zone: what a clock shows at an instant is shown at that instant', () => {
    const zones = [
      'Europe/Madrid',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'America/St_Johns',
      'Pacific/Apia',
      'UTC',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2035, 0, 1) }),
        (zone, instant) => {
          const { earliest, latest } = instantsOf(zone, wallAt(zone, instant));
          return earliest === instant || latest === instant;
        },
      ),
      { numRuns: 400 },
    );
  });

  it('knows its zones, and that an offset is none', () => {
    expect(['Europe/Madrid', 'UTC', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5'].map(isZone)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(['Mars/Base', '+01:00', '', 'Europe/Madrid\n', '../UTC'].map(isZone)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  it('reads to people as day, date, time and zone', () => {
    expect(describeInstant('Europe/Madrid', Date.UTC(2026, 9, 30, 16, 0))).toBe(
      'Fri 2026-10-30 17:00 Europe/Madrid',
    );
  });
});

describe('a cron line', () => {
  const fires = (line: string, from: string, to: string) => {
    const cron = parseCron(line);
    if ('wrong' in cron) throw new Error(cron.wrong);
    return cronWalls(cron as Cron, wall(from), wall(to)).map(iso);
  };

  it('takes 7 as Sunday, names, ranges, lists and steps', () => {
    expect(fires('0 9 * * 7', '2026-11-20T00:00', '2026-11-27T00:00')).toEqual(['2026-11-22T09:00']);
    expect(fires('15 8-18/5 * nov mon,wed', '2026-11-23T00:00', '2026-11-26T00:00')).toEqual([
      '2026-11-23T08:15',
      '2026-11-23T13:15',
      '2026-11-23T18:15',
      '2026-11-25T08:15',
      '2026-11-25T13:15',
      '2026-11-25T18:15',
    ]);
  });

  it('fires on either day when day of month and weekday are both given', () => {
    expect(fires('0 0 13 * fri', '2026-11-01T00:00', '2026-11-21T00:00')).toEqual([
      '2026-11-06T00:00',
      '2026-11-13T00:00',
      '2026-11-20T00:00',
    ]);
  });

  it('knows the 29th of February', () => {
    expect(fires('0 0 29 2 *', '2026-01-01T00:00', '2029-01-01T00:00')).toEqual(['2028-02-29T00:00']);
  });

  it.each([
    '',
    '0 0 * *',
    '* 0 * * *',
    '*/5 0 * * *',
    '0 0 * * 8',
    '0 5-1 * * *',
    '0 0 0 * *',
    '0 0 31 2 *',
    '60 0 * * *',
    '0 0/0 * * *',
    '0 0 * foo *',
  ])('%j is refused', (line) => expect(parseCron(line)).toHaveProperty('wrong'));
});
