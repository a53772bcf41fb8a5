import type ICAL from 'ical.js';
import { bounded } from '../../../../shared/probes/evaluators/bounded.js';
import type { Interval, Reading } from '../../../../shared/time/window-occurrences.js';
import { instantsOf, isZone, wallAt, wallOf, wallParts } from '../../../../shared/time/zone.js';

/** A piece of time of a calendar, named as its event is. */
export interface CalendarSpan extends Interval {
  name: string;
}

interface Asked {
  /** Of whole days, and of times that name no zone. */
  timezone: string;
  reading: Reading;
  /** What is outside of it is left out. */
  range: Interval;
}

/** Occurrences of one event from its beginning that are looked at, and spans of a calendar that are kept. */
const most = { occurrences: 10_000, spans: 1_000, name: 80 };

/** Processor time that a calendar may take, in milliseconds: a rule may look for a day that never comes. */
const calendarMs = 2_000;

/** Loads the reader of iCalendar files. What it cannot read for certain is an error, never a span less. */
export async function loadCalendars(): Promise<(text: string, asked: Asked) => CalendarSpan[]> {
  const { default: ical } = await import('ical.js');
  return (text, asked) => {
    const read = bounded(calendarMs, () => spansOf(ical, text, asked));
    if (!read.ok) throw new Error(read.reason);
    return read.value;
  };
}

type Ical = typeof ICAL;

function spansOf(ical: Ical, text: string, asked: Asked): CalendarSpan[] {
  const parsed = ical.parse(text) as unknown[];
  const roots = (Array.isArray(parsed[0]) ? parsed : [parsed]) as [string, unknown[], unknown[]][];
  if (roots.some(([name]) => name !== 'vcalendar')) throw new Error('it is no VCALENDAR');
  const spans = roots.flatMap((root) =>
    new ical.Component(root as never)
      .getAllSubcomponents('vevent')
      .flatMap((event, _, all) => spansOfEvent(ical, event, all, asked)),
  );
  if (spans.length > most.spans)
    throw new Error(`it has more than ${most.spans} events in the next 400 days`);
  return spans.sort((a, b) => a.from - b.from || a.to - b.to);
}

function spansOfEvent(
  ical: Ical,
  component: ICAL.Component,
  all: readonly ICAL.Component[],
  { timezone, reading, range }: Asked,
): CalendarSpan[] {
  const uid = String(component.getFirstPropertyValue('uid'));
  const exception = component.hasProperty('recurrence-id');
  const of = (one: ICAL.Component) => String(one.getFirstPropertyValue('uid')) === uid;
  if (exception && all.some((one) => of(one) && !one.hasProperty('recurrence-id'))) return [];
  const event = new ical.Event(component);
  const what = `event "${nameOf(component)}"`;
  const start = component.getFirstProperty('dtstart');
  if (!start) throw new Error(`${what} has no beginning (DTSTART)`);
  const zone = zoneOf(component, start, what, timezone);
  for (const one of exception ? [component] : all.filter(of)) checkTimes(one, start, what);

  const instant = (time: ICAL.Time, which: 'earliest' | 'latest'): number => {
    if (zone === 'defined') return time.toUnixTime() * 1_000;
    return instantsOf(zone, wallOf(time))[which];
  };
  const spans: CalendarSpan[] = [];
  const add = (from: ICAL.Time, to: ICAL.Time, by: ICAL.Component) => {
    if (by.getFirstPropertyValue('status') === 'CANCELLED') return;
    const wide = reading === 'widest';
    const span = {
      from: instant(from, wide ? 'earliest' : 'latest'),
      to: instant(to, wide ? 'latest' : 'earliest'),
    };
    if (to.compare(from) <= 0) throw new Error(`${what} has no end after its beginning: add DTEND`);
    if (span.to > range.from && span.from < range.to && span.to > span.from)
      spans.push({ ...span, name: nameOf(by) });
  };
  if (!event.isRecurring()) {
    add(event.startDate, event.endDate, component);
    return spans;
  }
  for (const property of component.getAllProperties('rrule')) {
    const { until } = property.getFirstValue() as unknown as ICAL.Recur;
    if (until && !until.isDate && until.zone === ical.Timezone.utcTimezone && zone !== 'defined') {
      // The last moment is in UTC, the occurrences are readings of a wall clock.
      const { year, month, day, hour, minute, second } = wallParts(wallAt(zone, until.toUnixTime() * 1_000));
      until.resetTo(year, month, day, hour, minute, second, event.startDate.zone);
    }
  }
  const next = event.iterator();
  for (let seen = 0; ; seen++) {
    const occurrence = next.next() as ICAL.Time | undefined;
    if (!occurrence) break;
    if (seen >= most.occurrences)
      throw new Error(
        `${what} occurs more than ${most.occurrences} times: begin it later, or give it an end`,
      );
    const { startDate, endDate, item } = event.getOccurrenceDetails(occurrence);
    add(startDate, endDate, item.component);
    // Exceptions may move an occurrence by months, never a rule by years.
    if (instant(occurrence, 'earliest') > range.to + 400 * 86_400_000) break;
  }
  return spans;
}

/** The zone by which an event's readings are told, or that the file defines it itself. */
function zoneOf(component: ICAL.Component, start: ICAL.Property, what: string, floating: string): string {
  const time = start.getFirstValue() as unknown as ICAL.Time;
  const id = start.getFirstParameter('tzid') as string | undefined;
  if (id === undefined) return isUtc(start) ? 'UTC' : floating;
  if (time.isDate) return floating;
  if (isZone(id)) return id;
  if (component.getTimeZoneByID(id)) return 'defined';
  throw new Error(`${what} is in the zone "${id}", which is no IANA zone and not defined in the file`);
}

const timesOf = ['dtstart', 'dtend', 'recurrence-id', 'exdate', 'rdate'];

/** Times of one event in several zones or forms are not compared: one might be missed. */
function checkTimes(component: ICAL.Component, start: ICAL.Property, what: string): void {
  const form = formOf(start);
  const other = timesOf
    .flatMap((name) => component.getAllProperties(name))
    .find((property) => formOf(property) !== form);
  if (other)
    throw new Error(
      `${what} has ${other.name.toUpperCase()} in another zone or form than DTSTART: write both alike`,
    );
}

const formOf = (property: ICAL.Property) =>
  `${property.type} ${String(property.getFirstParameter('tzid'))} ${isUtc(property)}`;

const isUtc = (property: ICAL.Property) =>
  (property.getFirstValue() as { zone?: { tzid?: string } } | null)?.zone?.tzid === 'UTC';

const nameOf = (component: ICAL.Component): string =>
  String(component.getFirstPropertyValue('summary') ?? 'without a name')
    .replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
    .slice(0, most.name);
