import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadCalendars } from '../../../../actions/gate-check/evidence/rules/calendar-file.js';
import { parseInstant } from '../../../../shared/time/instant.js';
import { judge, known, now, unknown } from '../facts.js';
import { gateStage, policyPath, type GateStage } from '../stage.js';

const calendar = (...lines: string[]) =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:test', ...lines, 'END:VCALENDAR'].join('\r\n');
const event = (...lines: string[]) => ['BEGIN:VEVENT', 'UID:1', 'SUMMARY:Freeze', ...lines, 'END:VEVENT'];
const range = { from: parseInstant('2026-01-01T00:00:00Z')!, to: parseInstant('2027-02-01T00:00:00Z')! };

let read: Awaited<ReturnType<typeof loadCalendars>>;
beforeAll(async () => {
  read = await loadCalendars();
});
const spans = (text: string, timezone = 'Europe/Madrid', reading: 'widest' | 'narrowest' = 'widest') =>
  read(text, { timezone, reading, range }).map(
    ({ from, to }) => `${new Date(from).toISOString()} ${new Date(to).toISOString()}`,
  );

describe('events of a calendar', () => {
  it('in UTC, all day in the zone of the window, and floating', () => {
    expect(spans(calendar(...event('DTSTART:20261124T100000Z', 'DTEND:20261124T120000Z')))).toEqual([
      '2026-11-24T10:00:00.000Z 2026-11-24T12:00:00.000Z',
    ]);
    expect(spans(calendar(...event('DTSTART;VALUE=DATE:20261224', 'DTEND;VALUE=DATE:20261227')))).toEqual([
      '2026-12-23T23:00:00.000Z 2026-12-26T23:00:00.000Z',
    ]);
    expect(spans(calendar(...event('DTSTART;VALUE=DATE:20261224')))).toHaveLength(1);
    expect(spans(calendar(...event('DTSTART:20260701T100000', 'DURATION:PT2H')))).toEqual([
      '2026-07-01T08:00:00.000Z 2026-07-01T10:00:00.000Z',
    ]);
  });

  it('that recur keep their hour on the wall over a change of the clocks, and end with UNTIL', () => {
    const weekly = event(
      'DTSTART;TZID=America/New_York:20261023T220000',
      'DTEND;TZID=America/New_York:20261024T010000',
      'RRULE:FREQ=WEEKLY;UNTIL=20261107T030000Z',
    );
    expect(spans(calendar(...weekly))).toEqual([
      '2026-10-24T02:00:00.000Z 2026-10-24T05:00:00.000Z',
      '2026-10-31T02:00:00.000Z 2026-10-31T05:00:00.000Z',
      '2026-11-07T03:00:00.000Z 2026-11-07T06:00:00.000Z',
    ]);
  });

  it('with one left out, one moved and one cancelled', () => {
    const text = calendar(
      ...event(
        'DTSTART;TZID=UTC:20261101T100000',
        'DTEND;TZID=UTC:20261101T110000',
        'RRULE:FREQ=DAILY;COUNT=4',
        'EXDATE;TZID=UTC:20261102T100000',
      ),
      ...event(
        'RECURRENCE-ID;TZID=UTC:20261103T100000',
        'DTSTART;TZID=UTC:20261103T150000',
        'DTEND;TZID=UTC:20261103T160000',
      ),
      ...event(
        'RECURRENCE-ID;TZID=UTC:20261104T100000',
        'DTSTART;TZID=UTC:20261104T100000',
        'DTEND;TZID=UTC:20261104T110000',
        'STATUS:CANCELLED',
      ),
    );
    expect(spans(text)).toEqual([
      '2026-11-01T10:00:00.000Z 2026-11-01T11:00:00.000Z',
      '2026-11-03T15:00:00.000Z 2026-11-03T16:00:00.000Z',
    ]);
  });

  it('in a zone that the file defines itself', () => {
    const zone = [
      'BEGIN:VTIMEZONE',
      'TZID:Our Standard Time',
      'BEGIN:STANDARD',
      'DTSTART:16010101T000000',
      'TZOFFSETFROM:+0300',
      'TZOFFSETTO:+0300',
      'END:STANDARD',
      'END:VTIMEZONE',
    ];
    const one = event('DTSTART;TZID=Our Standard Time:20261124T100000', 'DURATION:PT1H');
    expect(spans(calendar(...zone, ...one))).toEqual(['2026-11-24T07:00:00.000Z 2026-11-24T08:00:00.000Z']);
    expect(() => spans(calendar(...one))).toThrow('which is no IANA zone and not defined in the file');
  });

  it('at a time that the clock shows twice are as long as they can mean, or as short', () => {
    const one = calendar(
      ...event('DTSTART;TZID=Europe/Madrid:20261025T023000', 'DTEND;TZID=Europe/Madrid:20261025T024500'),
    );
    expect(spans(one)).toEqual(['2026-10-25T00:30:00.000Z 2026-10-25T01:45:00.000Z']);
    expect(spans(one, 'UTC', 'narrowest')).toEqual([]);
  });
});

describe('a calendar that cannot be read for certain is an error', () => {
  it.each([
    ['nothing', ''],
    ['a page', '<html>'],
    ['no calendar', 'BEGIN:VEVENT\r\nEND:VEVENT'],
    ['half a file', calendar(...event('DTSTART:20261124T100000Z', 'DURATION:PT1H')).slice(0, -20)],
    ['no beginning', calendar(...event('DTEND:20261124T100000Z'))],
    ['no end', calendar(...event('DTSTART:20261124T100000Z'))],
    ['an end before it', calendar(...event('DTSTART:20261124T100000Z', 'DTEND:20261124T090000Z'))],
    ['a day that is none', calendar(...event('DTSTART:2026112', 'DURATION:PT1H'))],
    ['two zones', calendar(...event('DTSTART:20261124T100000Z', 'DTEND;TZID=Europe/Madrid:20261124T150000'))],
    [
      'a second without end',
      calendar(...event('DTSTART:20260101T000000Z', 'DURATION:PT1S', 'RRULE:FREQ=SECONDLY')),
    ],
  ])('%s', (_, text) => expect(() => spans(text)).toThrow());
});

describe('the gate window with a calendar', () => {
  const gates = 'window: { timezone: UTC, freeze: [{ calendar: .github/freezes.ics, let-hotfix: high }] }';
  const seen = (from: number, to: number, reading = 'widest') => ({
    calendars: known([
      { path: '.github/freezes.ics', timezone: 'UTC', reading, spans: [{ from, to, name: 'Black Friday' }] },
    ]),
  });

  it('is frozen in an event by its name, and opens after it', () => {
    const { result, gates: told, opensAt } = judge(gates, seen(now - 1, now + 3_600_000));
    expect(result).toBe('hold');
    expect(told[0]!.reason).toContain('frozen: Black Friday (.github/freezes.ics)');
    expect(opensAt).toBe('2026-11-22T13:00:00.000Z');
  });

  it('ends its pass where the next event begins', () =>
    expect(judge(gates, seen(now + 60_000, now + 120_000)).verdict?.expiresAt).toBe(
      '2026-11-22T12:01:00.000Z',
    ));

  it('is closed by an empty calendar of allowed times, and open by an empty one of freezes', () => {
    const empty = (reading: string) => ({
      calendars: known([{ path: 'a.ics', timezone: 'UTC', reading, spans: [] }]),
    });
    const window = (key: string) => `window: { timezone: UTC, ${key}: [{ calendar: a.ics }] }`;
    expect(judge(window('allow'), empty('narrowest')).result).toBe('fail');
    expect(judge(window('freeze'), empty('widest')).result).toBe('pass');
  });

  it('fails where the calendar is not known', () => {
    expect(judge(gates, { calendars: unknown }).result).toBe('fail');
    expect(judge(gates, {}).result).toBe('fail');
  });
});

describe('a calendar of the default branch', () => {
  let world: GateStage;
  beforeAll(async () => {
    world = await gateStage();
  });
  afterAll(() => world.close());

  const policy = `version: 1
environments:
  production:
    gates:
      window: { timezone: Europe/Madrid, freeze: [{ calendar: .github/freezes.ics }] }
`;
  const ask = (sha: string) => world.check({ service: 'shop', sha, runId: 4_200 });

  it('closes the window, is not taken from the release, and fails closed when it is missing or broken', async () => {
    const frozen = calendar(...event('DTSTART;VALUE=DATE:20200101', 'DTEND;VALUE=DATE:21000101'));
    const sha = world.push({ [policyPath]: policy });
    const missing = (await ask(sha)).gates['window']!;
    expect(missing.result).toBe('fail');
    expect(missing.reason).toContain('.github/freezes.ics');
    world.push({ '.github/freezes.ics': frozen });
    expect((await ask(sha)).gates['window']!.reason).toContain('frozen: Freeze (.github/freezes.ics)');
    world.push({ '.github/freezes.ics': frozen.slice(0, -30) });
    expect((await ask(sha)).gates['window']!.result).toBe('fail');
    world.push({ '.github/freezes.ics': calendar() });
    expect((await ask(sha)).result).toBe('pass');
  });
});
