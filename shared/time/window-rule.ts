import * as z from 'zod';
import { hasOneFormOf } from '../schema/json-form.js';
import { cronForm, parseCron, weekdayNames, type Cron } from './cron.js';
import { durationForm, durationPattern, parseDuration } from './duration.js';
import {
  date,
  dateTime,
  dayOfMonth,
  timeOfDay,
  timeOfWeek,
  weekday,
  yearDay,
  type DayOfMonth,
  type YearDay,
} from './window-words.js';
import { dayMs, isZone, suggestZone, type Wall } from './zone.js';

/** A recurring or single piece of the local calendar, half-open: its end is no longer in it. */
export type WindowSpan =
  | { is: 'days'; days: readonly number[]; ofMonth: readonly DayOfMonth[]; from: number; to: number }
  | { is: 'weekly'; from: number; to: number }
  | { is: 'cron'; start: Cron; for: number }
  | { is: 'crons'; start: Cron; end: Cron }
  | { is: 'once'; from: Wall; to: Wall }
  /** Whole days, both included, in every year; a last day before the first is in the next year. */
  | { is: 'yearly'; from: YearDay; to: YearDay }
  /** The events of a file, which has to be read first. */
  | { is: 'calendar'; path: string }
  /** Epoch milliseconds: a calendar as it was read. */
  | { is: 'instants'; spans: readonly { from: number; to: number }[] };

/** Any hotfix, or one from this severity; the gate compares it with the severities of incidents. */
const hotfixLevels = [true, 'critical', 'high', 'medium', 'low'] as const;
type HotfixLevel = (typeof hotfixLevels)[number];

export interface WindowRule {
  span: WindowSpan;
  timezone?: string;
  reason?: string;
  /** Of a freeze: whether a proven hotfix is allowed despite it, or from which severity. */
  letHotfix?: HotfixLevel;
  /** The rule as it was written, for messages. */
  text: string;
}

/** The longest window a cron line can start, in days; longer ones are dates. */
export const longestCronWindow = 31 * dayMs;

/** The keys of each form; the keys alone say which one is meant. */
const formKeys = [
  ['days'],
  ['days', 'from', 'to'],
  ['from', 'to'],
  ['cron', 'for'],
  ['cron', 'until'],
  ['dates'],
  ['calendar'],
];

const ruleForms =
  'one of: days (with from and to as times), from and to (weekday with time, or date with time), cron with for, cron with until, dates, calendar';

/** An IANA zone name. */
export const zoneSchema = z.string().superRefine((name, ctx) => {
  if (isZone(name)) return;
  const near = suggestZone(name);
  ctx.addIssue({
    code: 'custom',
    message: 'the name of an IANA time zone, such as Europe/Madrid or UTC',
    params: {
      fix: near
        ? `write timezone: ${near}`
        : 'write a zone of the IANA list, such as timezone: Europe/Madrid',
    },
  });
});

const written = z.strictObject({
  days: z
    .string()
    .optional()
    .describe('Weekdays, such as fri, mon-thu, "mon, wed", 2nd tue, last fri or last day.'),
  from: z.string().optional().describe('A time (with days), a weekday with time, or a date with time.'),
  to: z.string().optional().describe('The end, no longer in the window.'),
  cron: z.string().optional().describe('When the window starts, as a cron line.'),
  for: z
    .string()
    .meta({ pattern: durationPattern.source })
    .optional()
    .describe('How long the window lasts on the local clock.'),
  until: z.string().optional().describe('When the window ends, as a second cron line.'),
  dates: z
    .string()
    .optional()
    .describe(
      'A day or days, both included, such as 2026-12-24 .. 2027-01-06, or 12-24 .. 01-06 every year.',
    ),
  calendar: z
    .string()
    .regex(/^(?!\/)(?!.*(^|\/)\.\.(\/|$))[\w./-]+\.ics$/, 'the path of an .ics file in the repository')
    .optional()
    .describe('An iCalendar file of the default branch, such as .github/freezes.ics: all its events.'),
  timezone: zoneSchema.optional().describe('The zone of this rule, when it is not that of the gate.'),
  reason: z.string().max(200).optional().describe('What people read when this rule applies.'),
});

type Written = z.output<typeof written>;

const writtenFreeze = written.extend({
  'let-hotfix': z
    .literal(hotfixLevels)
    .optional()
    .describe('Whether a proven hotfix is allowed despite it: true, or from which severity.'),
});

/** One rule of a window as it stands in a policy file. */
export const windowRuleSchema = written.meta(hasOneFormOf(formKeys)).transform(readRule);

/** A rule that closes a window, and what passes it all the same. */
export const freezeRuleSchema = writtenFreeze
  .meta(hasOneFormOf(formKeys))
  .transform(({ 'let-hotfix': letHotfix, ...rule }, ctx): WindowRule => {
    const read = readRule(rule, ctx);
    return letHotfix === undefined ? read : { ...read, letHotfix };
  });

function readRule(rule: Written, ctx: z.core.$RefinementCtx): WindowRule {
  if (ctx.issues.length > 0) return z.NEVER;
  const span = readSpan(rule);
  if ('wrong' in span) {
    ctx.issues.push({
      code: 'custom',
      message: span.allowed,
      input: rule,
      path: span.at,
      params: { fix: span.wrong },
    });
    return z.NEVER;
  }
  const { timezone, reason, ...rest } = rule;
  const text = Object.entries(rest)
    .map(([key, value]) => `${key} ${value}`)
    .join(' ');
  return { span, text, ...(timezone ? { timezone } : {}), ...(reason ? { reason } : {}) };
}

interface Wrong {
  wrong: string;
  allowed: string;
  at: string[];
}

const wrong = (at: string, allowed: string, fix: string): Wrong => ({
  wrong: fix,
  allowed,
  at: at === '' ? [] : [at],
});

function readSpan(rule: Written): WindowSpan | Wrong {
  const given = (['days', 'from', 'to', 'cron', 'for', 'until', 'dates', 'calendar'] as const).filter(
    (key) => rule[key] !== undefined,
  );
  switch (given.join(' ')) {
    case 'days':
    case 'days from to':
      return readDays(rule);
    case 'from to':
      return readFromTo(rule.from!, rule.to!);
    case 'cron for':
    case 'cron until':
      return readCron(rule);
    case 'dates':
      return readDates(rule.dates!);
    case 'calendar':
      return { is: 'calendar', path: rule.calendar! };
    default:
      return wrong('', ruleForms, `keep one form in this rule (it has ${given.join(', ') || 'none'})`);
  }
}

function readDays(rule: Written): WindowSpan | Wrong {
  const days = new Set<number>();
  const ofMonth: DayOfMonth[] = [];
  for (const part of rule.days!.split(',')) {
    const numbered = dayOfMonth(part);
    if (numbered) {
      ofMonth.push(numbered);
      continue;
    }
    const [first = '', last = first, more] = part
      .trim()
      .toLowerCase()
      .split(/\s*-\s*/)
      .map(weekday);
    if (typeof first !== 'number' || typeof last !== 'number' || more !== undefined) {
      return wrong(
        'days',
        `weekdays (${weekdayNames.join(', ')}), ranges such as mon-thu, or days of the month: 1st mon to 5th sun, last fri, last day`,
        'write for example days: fri',
      );
    }
    for (let day = first; ; day = (day + 1) % 7) {
      days.add(day);
      if (day === last) break;
    }
  }
  const from = rule.from === undefined ? 0 : timeOfDay(rule.from);
  const to = rule.to === undefined ? dayMs : timeOfDay(rule.to);
  if (from === undefined || from === dayMs)
    return wrong('from', 'a time such as 09:00', "write for example from: '09:00'");
  if (to === undefined) return wrong('to', 'a time such as 17:00, or 24:00', "write for example to: '17:00'");
  return { is: 'days', days: [...days], ofMonth, from, to: to > from ? to : to + dayMs };
}

function readFromTo(from: string, to: string): WindowSpan | Wrong {
  const weekStart = timeOfWeek(from);
  const weekEnd = timeOfWeek(to);
  if (weekStart !== undefined && weekEnd !== undefined) {
    if (weekStart === weekEnd)
      return wrong('to', 'another moment of the week than from', 'write when the window ends');
    return { is: 'weekly', from: weekStart, to: weekEnd > weekStart ? weekEnd : weekEnd + 7 * dayMs };
  }
  const start = dateTime(from);
  const end = dateTime(to);
  if (start !== undefined && end !== undefined) {
    return end > start
      ? { is: 'once', from: start, to: end }
      : wrong('to', `a moment after ${from}`, 'swap from and to');
  }
  const at = weekStart === undefined && start === undefined ? 'from' : 'to';
  return wrong(
    at,
    'both as weekday and time (fri 17:00) or both as date and time (2026-12-19T00:00)',
    `correct ${at}`,
  );
}

function readCron(rule: Written): WindowSpan | Wrong {
  const start = parseCron(rule.cron!);
  if ('wrong' in start) return wrong('cron', cronForm, start.wrong);
  if (rule.until !== undefined) {
    const end = parseCron(rule.until);
    return 'wrong' in end ? wrong('until', cronForm, end.wrong) : { is: 'crons', start, end };
  }
  const length = parseDuration(rule.for!);
  if (!length) return wrong('for', durationForm, 'write for example for: 8h');
  if (length > longestCronWindow)
    return wrong('for', 'at most 31d', 'use dates or from and to for longer windows');
  return { is: 'cron', start, for: length };
}

function readDates(text: string): WindowSpan | Wrong {
  const [first = '', last = first, more] = text.split(/\s*\.\.\s*/);
  const [begin, end] = [yearDay(first.trim()), yearDay(last.trim())];
  if (begin && end && more === undefined) return { is: 'yearly', from: begin, to: end };
  const from = date(first.trim());
  const to = date(last.trim());
  if (from === undefined || to === undefined || more !== undefined || to < from) {
    return wrong(
      'dates',
      'a day, or a first and a last day, both with or both without the year; 02-29 is not in every year',
      'write for example dates: 2026-12-24 .. 2027-01-06, or dates: 12-24 .. 01-06 for every year',
    );
  }
  return { is: 'once', from, to: to + dayMs };
}
