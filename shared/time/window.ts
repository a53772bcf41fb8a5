import * as z from 'zod';
import { hasSomeOf, withJsonForm } from '../schema/json-form.js';
import {
  eachOccurrence,
  occurrences,
  union,
  without,
  type Interval,
  type Reading,
} from './window-occurrences.js';
import { freezeRuleSchema, windowRuleSchema, zoneSchema, type WindowRule } from './window-rule.js';
import { dayMs } from './zone.js';

/** When something may happen: inside any `allow` (always, when there is none) and outside every `freeze`. */
export const windowSchema = z
  .strictObject({
    timezone: zoneSchema.describe('IANA zone of all rules that name no other.'),
    allow: z.array(windowRuleSchema).min(1).optional().describe('Open inside any of these.'),
    freeze: z
      .array(freezeRuleSchema)
      .min(1)
      .optional()
      .describe('Closed inside any of these, whatever is allowed.'),
  })
  .refine(
    withJsonForm(
      (window: { allow?: unknown; freeze?: unknown }) => Boolean(window.allow ?? window.freeze),
      () => [hasSomeOf(['allow', 'freeze'])],
    ),
    {
      message: 'allow, freeze or both: a window without either is always open',
      params: { fix: 'add "freeze:" or "allow:", or remove the window' },
      when: ({ issues }) => issues.length === 0,
    },
  );

export type WindowConfig = z.output<typeof windowSchema>;

/** The calendar files that a window's rules name, each with its zone and how its times are taken. */
export const calendarsOf = ({ timezone, allow = [], freeze = [] }: WindowConfig) =>
  (
    [...allow.map((rule) => [rule, 'narrowest']), ...freeze.map((rule) => [rule, 'widest'])] as [
      WindowRule,
      Reading,
    ][]
  )
    .flatMap(([{ span, timezone: own }, reading]) =>
      span.is === 'calendar' ? [{ path: span.path, timezone: own ?? timezone, reading }] : [],
    )
    .filter((one, index, all) => all.findIndex((other) => isSame(other, one)) === index);

interface CalendarUse {
  path: string;
  timezone: string;
  reading: Reading;
}

const isSame = (a: CalendarUse, b: CalendarUse) =>
  a.path === b.path && a.timezone === b.timezone && a.reading === b.reading;

/** A window whose calendars are read: a rule for each name of an event. A calendar that was not read is an error. */
export function withCalendars(
  window: WindowConfig,
  read: (
    path: string,
    timezone: string,
    reading: Reading,
  ) => readonly (Interval & { name: string })[] | undefined,
): WindowConfig {
  if (calendarsOf(window).length === 0) return window;
  const expand = (rules: readonly WindowRule[] | undefined, reading: Reading) =>
    rules?.flatMap((rule): WindowRule[] => {
      const { span, timezone = window.timezone } = rule;
      if (span.is !== 'calendar') return [rule];
      const found = read(span.path, timezone, reading);
      if (!found) throw new Error(`calendar ${span.path} was not read`);
      return [...new Set(found.map(({ name }) => name))].map((name) => ({
        ...rule,
        reason: rule.reason ?? `${name} (${span.path})`,
        span: { is: 'instants', spans: found.filter((one) => one.name === name) },
      }));
    });
  return { ...window, allow: expand(window.allow, 'narrowest'), freeze: expand(window.freeze, 'widest') };
}

export interface WindowState {
  open: boolean;
  /**
   * The rule that decides: the freeze that closes, or the allowance that opens. Undefined when no rule is about this
   * instant.
   */
  rule?: WindowRule;
  /** Epoch ms of the next opening, when closed and within the horizon. */
  opensAt?: number;
  /** Epoch ms at which it closes, when open and within the horizon. */
  closesAt?: number;
}

/** How far ahead the next opening or closing is looked for. */
export const horizonDays = 400;

/** The newest answer for a window: one question judges its policy several times at the same instant. */
const answered = new WeakMap<WindowConfig, { now: number; state: WindowState }>();

/** Whether a window is open at an instant (epoch ms), and when that changes. */
export function windowAt(window: WindowConfig, now: number): WindowState {
  const known = answered.get(window);
  if (known?.now === now) return known.state;
  const state = lookAt(window, now);
  answered.set(window, { now, state });
  return state;
}

function lookAt(window: WindowConfig, now: number): WindowState {
  const frozenBy = ruleAt(window.freeze, 'widest', window.timezone, now);
  const allowedBy = ruleAt(window.allow, 'narrowest', window.timezone, now);
  const open = !frozenBy && (!window.allow || allowedBy !== undefined);
  const rule = frozenBy ?? allowedBy;
  const change = nextChange(window, now, open);
  return {
    open,
    ...(rule ? { rule } : {}),
    ...(change === undefined ? {} : open ? { closesAt: change } : { opensAt: change }),
  };
}

/** Looks near first: most windows change within a week, and a year of rules costs a hundred times as much. */
function nextChange(window: WindowConfig, now: number, open: boolean): number | undefined {
  for (const days of [8, 40, horizonDays]) {
    const range = { from: now, to: now + days * dayMs };
    const intervals = openIntervals(window, range);
    const change = open
      ? intervals.find(({ from, to }) => from <= now && now < to)?.to
      : intervals.find(({ from }) => from > now)?.from;
    if (change !== undefined && change < range.to) return change;
  }
  return undefined;
}

function openIntervals(window: WindowConfig, range: Interval): Interval[] {
  const { timezone, allow, freeze = [] } = window;
  const allowed = allow ? covered(allow, 'narrowest', timezone, range) : [range];
  return without(allowed, covered(freeze, 'widest', timezone, range));
}

/** What any of the rules covers, joined and in order. */
function covered(
  rules: readonly WindowRule[],
  reading: Reading,
  timezone: string,
  range: Interval,
): Interval[] {
  return union(
    rules.map(
      ({ span, timezone: own }) =>
        (visit) =>
          eachOccurrence(span, own ?? timezone, reading, range, visit),
    ),
  );
}

function ruleAt(
  rules: readonly WindowRule[] | undefined,
  reading: Reading,
  timezone: string,
  now: number,
): WindowRule | undefined {
  return rules?.find((rule) => isInside(rule, reading, timezone, now));
}

const isInside = ({ span, timezone: own }: WindowRule, reading: Reading, timezone: string, now: number) =>
  occurrences(span, own ?? timezone, reading, { from: now, to: now + 1 }).length > 0;

/** Whether a freeze closes a window at an instant (epoch ms); when that changes is not looked for. */
export const isFrozenBy = (rule: WindowRule, { timezone }: Pick<WindowConfig, 'timezone'>, now: number) =>
  isInside(rule, 'widest', timezone, now);
