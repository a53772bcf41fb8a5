import type { Group } from '../../contracts/reports/analysis-report.js';
import { suggest } from '../../text/suggest.js';
import { isoInstant } from '../../time/instant.js';
import type { LabelTest } from '../label-pattern.js';
import type { Series } from '../../text/exposition.js';
import { clocksApart } from './fields.js';
import { severalVersions } from './versions.js';

/** Which series count as requests, and which of them as errors. */
export interface Selection {
  metric: string;
  match: Readonly<Record<string, string>>;
  errorLabel: string;
  isError: LabelTest;
  /** Series left out of both; one without the label is counted. */
  except?: { label: string; matches: LabelTest };
  /** Labels by whose values the requests are counted too. */
  by?: readonly string[];
  /** The watched release: what counts other versions or colours too judges it by their errors. */
  version: string;
  colour?: string;
}

/** The selected counters of one scrape; times are epoch milliseconds. */
export interface Scrape {
  at: number;
  /** The same instant by the clock of the application's machine, to the second; undefined when it does not say. */
  theirs?: number | undefined;
  /** When the process started, as it says itself (epoch seconds); undefined when it says nothing. */
  processStart: number | undefined;
  counters: ReadonlyMap<string, Counter>;
}

/** A counter of requests: its value, whether they failed, and its values of the labels that are asked for, in order. */
export interface Counter {
  value: number;
  error: boolean;
  labels?: readonly string[];
  /** When the series began (epoch seconds), where the page says so. */
  created?: number;
}

export type Selected =
  { is: 'selected'; counters: Scrape['counters'] } | { is: 'absent' | 'stale' | 'error'; message: string };

/**
 * Picks the counters out of a page. What would make a wrong count look like none (a gauge, a missing label, NaN) is an
 * error.
 */
export function selectCounters(
  page: { series: readonly Series[]; types: ReadonlyMap<string, string>; names: ReadonlySet<string> },
  selection: Selection,
  at: number,
  maxAgeMs: number,
): Selected {
  const { metric, match, errorLabel, isError, except } = selection;
  const type = page.types.get(metric);
  if (type !== undefined && type !== 'counter' && type !== 'untyped' && type !== 'unknown') {
    return { is: 'error', message: `${metric} is a ${type}, not a counter` };
  }
  const part = partOfDistribution(metric, page.types);
  if (part !== undefined) return { is: 'error', message: part };
  const named = page.series.filter(({ name }) => name === metric);
  const matching = named.filter(
    ({ labels }) =>
      Object.entries(match).every(([label, value]) => labels[label] === value) &&
      !(except && except.matches(labels[except.label] ?? '')),
  );
  const wanted = `${metric}${JSON.stringify(match)}${except ? ` other than by ${except.label}` : ''}`;
  if (matching.length === 0)
    return { is: 'absent', message: absence(wanted, named, match, metric, page.names) };
  const mixed = severalVersions(matching, selection);
  if (mixed !== undefined) return { is: 'error', message: mixed };
  const unknown = doubtLabels(matching, selection.by ?? []);
  if (unknown !== undefined) return { is: 'error', message: `${wanted}: ${unknown}` };
  const counters = new Map<string, Counter>();
  const created = new Map(
    page.series.flatMap(({ name, labels, value }) =>
      name === createdName(metric) && value > 0 ? [[keyOf(labels), value] as const] : [],
    ),
  );
  for (const { labels, value, timestamp } of matching) {
    const code = labels[errorLabel];
    if (code === undefined) {
      const known = Object.keys(labels).join(', ') || 'none';
      return {
        is: 'error',
        message: `a series of ${wanted} has no label "${errorLabel}" (it has ${known}), so errors cannot be told`,
      };
    }
    if (!isCount(value)) {
      return { is: 'error', message: `a series of ${wanted} is ${value}, which no counter can be` };
    }
    if (timestamp !== undefined && timestamp - at > clocksApart) {
      return { is: 'error', message: `${wanted} is of ${isoInstant(timestamp)}, which is in the future` };
    }
    if (timestamp !== undefined && at - timestamp > maxAgeMs) {
      return {
        is: 'stale',
        message: `${wanted} is ${Math.round((at - timestamp) / 1_000)} s old by its own timestamp`,
      };
    }
    const began = created.get(keyOf(labels));
    counters.set(keyOf(labels), {
      value,
      error: isError(code),
      ...(selection.by ? { labels: selection.by.map((label) => labels[label] ?? '') } : {}),
      ...(began === undefined ? {} : { created: began }),
    });
  }
  return { is: 'selected', counters };
}

/** Why a metric counts no requests though it grows: it is a part of a histogram or a summary. */
function partOfDistribution(metric: string, types: ReadonlyMap<string, string>): string | undefined {
  const [, base = '', part] = /^(.+)_(bucket|sum)$/.exec(metric) ?? [];
  const type = types.get(base);
  if (type !== 'histogram' && type !== 'summary') return undefined;
  const counts = part === 'bucket' ? 'each request in several buckets' : 'durations, not requests';
  return `${metric} counts ${counts}. Fix: set  metric: ${base}_count`;
}

const keyOf = (labels: Series['labels']) => JSON.stringify(Object.entries(labels).sort());

/** The metric that says when each series of a counter began, where a client writes it. */
export const createdName = (metric: string) => `${metric.replace(/_total$/, '')}_created`;

/** Whether a counter can be so; beyond the integers that a number holds exactly, no difference of two is known. */
export const isCount = (value: number) => value >= 0 && value <= Number.MAX_SAFE_INTEGER;

/** More values of a label than this are no list that a person could look at. */
const mostValues = 200;

/** Why requests cannot be told apart by a label; undefined when they can. A series without it counts as without value. */
export function doubtLabels(
  series: readonly Pick<Series, 'labels'>[],
  by: readonly string[],
): string | undefined {
  for (const label of by) {
    const values = new Set(series.map(({ labels }) => labels[label]));
    if (values.size === 1 && values.has(undefined)) {
      const known = [...new Set(series.flatMap(({ labels }) => Object.keys(labels)))].join(', ') || 'none';
      return `no series has the label "${label}", by which it is to be judged (they have ${known})`;
    }
    if (values.size > mostValues)
      return `the label "${label}" has ${values.size} values, and at most ${mostValues} are judged each. Fix: judge by a label with fewer, such as the template of the route, or leave some out with except`;
  }
  return undefined;
}

function absence(
  wanted: string,
  named: readonly Series[],
  match: Selection['match'],
  metric: string,
  names: ReadonlySet<string>,
): string {
  if (named.length === 0) {
    const near = suggest(metric, [...names].slice(0, 2_000));
    return `the page has no ${metric}${near && near !== metric ? ` (did you mean ${near}?)` : ''}`;
  }
  const seen = Object.keys(match).map((label) => {
    const values = [...new Set(named.map(({ labels }) => labels[label] ?? 'no such label'))].slice(0, 5);
    return `${label}: ${values.join(', ')}`;
  });
  return `the page has no ${wanted}; it has ${seen.join('; ')}`;
}

export type Increase =
  | { ok: true; requests: number; errors: number; groups?: Group[]; note?: string }
  | { ok: false; why: string };

/** What is said of counters that several processes answer for, and what is to be done. */
export const severalProcesses = (what: string, differs = 'process_start_time_seconds') =>
  `${what} is answered by several processes in turn (${differs} differs, and both were running). Fix: give the colour one address that sums them up, or use the multiprocess mode of the metrics library`;

/** Clocks of the application and of this machine may differ by so many milliseconds. */
const clockSkewMs = 60_000;

/**
 * Whether what began at an instant (epoch seconds) was there at a scrape already. `unclear`: it began so shortly before
 * it that clocks may be wrong, or that both ran for a while. The clock of the application's own machine is the better
 * one.
 */
export function beganBy(start: number, { at, theirs = at }: Scrape): 'before' | 'unclear' | 'after' {
  const instant = start * 1_000;
  if (instant >= theirs) return 'after';
  return instant < theirs - clockSkewMs ? 'before' : 'unclear';
}

/** What is known beside two scrapes. */
interface Known {
  /** The last value of every series of this process; those of the scrape before when not given. */
  counters?: ReadonlyMap<string, Counter>;
  /** Series come and go at every look. */
  churn?: boolean;
}

/**
 * What was counted between two scrapes. A process that started since began at 0 with all its counters; in the same
 * process a counter that fell began again at 0, that one alone, and a series that was never there before began at 0 too.
 * Where series vanished as others appeared they were renamed, and what the new ones counted before is not known, unless
 * they come and go at every look. A process that already ran at the first scrape is another one: increments between two
 * mean nothing. Where that is not clear, what it counted before is left out.
 */
export function increase(
  before: Scrape,
  after: Scrape,
  by: readonly string[] = [],
  { counters: remembered = before.counters, churn = false }: Known = {},
): Increase {
  const [was, is] = [before.processStart, after.processStart];
  const isOther = was !== undefined && is !== undefined && was !== is;
  const began = isOther ? beganBy(is, before) : undefined;
  if (isOther && (is < was || began === 'before')) return { ok: false, why: severalProcesses('the page') };
  const renamed = !isOther && vanished(before, after);
  const grew: { counter: Counter; grown: number }[] = [];
  let again = isOther && began === 'after';
  let unclear = began === 'unclear';
  for (const [key, counter] of after.counters) {
    const { value } = counter;
    const appears = renamed && !before.counters.has(key);
    const known = isOther || appears ? undefined : remembered.get(key);
    const anew = beganAnew(known, counter, before);
    if (anew === 'before') return { ok: false, why: severalProcesses('the page', 'when its series began') };
    unclear ||= anew === 'unclear';
    const fell = known !== undefined && value < known.value;
    again ||= anew === 'after' || (anew === undefined && fell);
    const isHidden = began === 'unclear' || anew === 'unclear' || (appears && !churn);
    const wasThere = known === undefined && !isOther && wasCreatedBefore(counter, before);
    const from = known === undefined || anew === 'after' || fell ? 0 : known.value;
    grew.push({ counter, grown: isHidden || wasThere ? 0 : value - from });
  }
  const note = unclear
    ? 'another process answers, and whether it just began is not clear: it counts from here'
    : again || isOther
      ? 'the counters began again at 0'
      : renamed
        ? churn
          ? 'series come and go: new ones count from 0'
          : 'series vanished: new ones count from here'
        : undefined;
  return { ok: true, ...sumOf(grew, by), ...(note ? { note } : {}) };
}

/** Whether series of a scrape are not there any more at the next one. */
export const vanished = (before: Scrape, after: Scrape): boolean =>
  [...before.counters.keys()].some((key) => !after.counters.has(key));

/** Whether a series began anew, by what the page says of its beginning; undefined where that has not changed. */
function beganAnew(known: Counter | undefined, { created }: Counter, before: Scrape) {
  if (known?.created === undefined || created === undefined || created === known.created) return undefined;
  return created < known.created ? 'before' : beganBy(created, before);
}

/** Whether a series that shows up now was made long before: it was left out of the page, and counted meanwhile. */
const wasCreatedBefore = ({ created }: Counter, before: Scrape): boolean =>
  created !== undefined && beganBy(created, before) === 'before';

/** Requests and errors of all counters, and by value of each label; values without requests are left out. */
export function sumOf(
  grew: readonly { counter: Counter; grown: number }[],
  by: readonly string[],
): { requests: number; errors: number; groups?: Group[] } {
  const count = (some: typeof grew) => ({
    requests: some.reduce((sum, { grown }) => sum + grown, 0),
    errors: some.reduce((sum, { counter, grown }) => sum + (counter.error ? grown : 0), 0),
  });
  const groups = by.flatMap((label, index) => {
    const values = new Map<string, { counter: Counter; grown: number }[]>();
    for (const one of grew) {
      if (one.grown === 0) continue;
      const value = one.counter.labels?.[index] ?? '';
      const known = values.get(value);
      if (known) known.push(one);
      else values.set(value, [one]);
    }
    return [...values].map(([value, some]): Group => ({ label, value, ...count(some) }));
  });
  return { ...count(grew), ...(by.length > 0 ? { groups } : {}) };
}
