import type { Group } from '../../contracts/reports/analysis-report.js';
import { suggest } from '../../text/suggest.js';
import { isoInstant } from '../../time/instant.js';
import type { LabelTest } from '../label-pattern.js';
import type { Series } from '../../text/exposition.js';
import { clocksApart } from './fields.js';

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
  /** The watched release: what counts other versions too judges it by their errors. */
  version: string;
}

/** The selected counters of one scrape; times are epoch milliseconds. */
export interface Scrape {
  at: number;
  /** When the process started, as it says itself; undefined when it says nothing. */
  processStart: number | undefined;
  counters: ReadonlyMap<string, Counter>;
}

/** A counter of requests: its value, whether they failed, and its values of the labels that are asked for, in order. */
export interface Counter {
  value: number;
  error: boolean;
  labels?: readonly string[];
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
    counters.set(JSON.stringify(Object.entries(labels).sort()), {
      value,
      error: isError(code),
      ...(selection.by ? { labels: selection.by.map((label) => labels[label] ?? '') } : {}),
    });
  }
  return { is: 'selected', counters };
}

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

/**
 * Names that labels with the version of the application have; other labels called so (of HTTP, of an API) hold no
 * semantic versions.
 */
const versionLabels = new Set(['version', 'app_version', 'release', 'service_version']);
const semanticVersion = /^v?\d+\.\d+\.\d+/;

/** Why the selected series count more than one version; undefined when they do not. */
function severalVersions(
  series: readonly Series[],
  { metric, match, version }: Selection,
): string | undefined {
  const values = new Map<string, Set<string>>();
  for (const { labels } of series)
    for (const [label, value] of Object.entries(labels))
      if (!Object.hasOwn(match, label)) values.set(label, (values.get(label) ?? new Set()).add(value));
  for (const [label, seen] of values) {
    const ofVersions = versionLabels.has(label) && [...seen].some((value) => semanticVersion.test(value));
    if (seen.size < 2 || !(seen.has(version) || ofVersions)) continue;
    const some = [...seen].slice(0, 5).join(', ');
    return `${metric} counts several versions (${label}: ${some}), so their errors would be taken for those of ${version}. Fix: under requests add  match: { ${label}: '{{ version }}' }`;
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
export const severalProcesses = (what: string) =>
  `${what} is answered by several processes in turn (process_start_time_seconds differs, and both were running). Fix: give the colour one address that sums them up, or use the multiprocess mode of the metrics library`;

/** Clocks of the application and of this machine may differ by so many milliseconds. */
const clockSkewMs = 60_000;

/**
 * What was counted between two scrapes. A process that started since began at 0 with all its counters; in the same
 * process a counter that fell began again at 0, that one alone, and a series that was not there before began at 0 too.
 * Where series vanished as others appeared they were renamed, and what the new ones counted before is not known. A
 * process that already ran at the first scrape is another one: increments between two mean nothing.
 */
export function increase(before: Scrape, after: Scrape, by: readonly string[] = []): Increase {
  const [was, is] = [before.processStart, after.processStart];
  const isOther = was !== undefined && is !== undefined && was !== is;
  if (isOther && (is < was || is * 1_000 < before.at - clockSkewMs)) {
    return {
      ok: false,
      why: severalProcesses('the page'),
    };
  }
  const renamed = !isOther && [...before.counters.keys()].some((key) => !after.counters.has(key));
  const grew: { counter: Counter; grown: number }[] = [];
  let fell = false;
  for (const [key, counter] of after.counters) {
    const { value } = counter;
    const known = isOther ? 0 : before.counters.get(key)?.value;
    const beganAgain = known !== undefined && value < known;
    fell ||= beganAgain;
    const grown = known === undefined ? (renamed ? 0 : value) : beganAgain ? value : value - known;
    grew.push({ counter, grown });
  }
  const note =
    isOther || fell
      ? 'the counters began again at 0'
      : renamed
        ? 'series vanished: new ones count from here'
        : undefined;
  return { ok: true, ...sumOf(grew, by), ...(note ? { note } : {}) };
}

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
