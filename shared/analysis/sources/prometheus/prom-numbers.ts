import type { Control, Reading, ValueSample } from '../../../contracts/reports/analysis-report.js';
import { fillIn } from '../../placeholders.js';
import { inUnitOf, type Gives, type MetricSource, type Subject, type Window } from '../../source.js';
import type { Baseline } from '../baseline.js';
import { doubtLabels } from '../counters.js';
import { queryInstant, queryRange, type PromPlace, type PromSeries } from './prometheus-api.js';

/** An expression of PromQL of one number, or of one for each value of a label. */
export interface NumberQuery {
  query: string;
  unit: Extract<Gives, { is: 'numbers' }>['unit'];
  by: readonly string[];
  stepMs: number;
  /** An expression that is 1 where the number is this or more, and what to tell people then. */
  atLeast?: { query: string; message: string };
  heartbeat?: string;
  baselineQuery?: string;
}

interface About {
  subject: Subject;
  maxAgeMs: number;
  baseline?: Baseline;
}

/** Points of one number by group; several series for one group are never reduced to one. */
type Points =
  | { ok: true; points: { at: number; value: number; group?: string; atLeast?: true }[] }
  | { ok: false; why: string };

/** Prometheus answers at most so many points of a series. */
const mostPoints = 10_000;

/**
 * Reads a number at every step since the last look, so that a missed look loses nothing. NaN and no series are no value,
 * never zero.
 */
export function readNumbers(place: PromPlace, wanted: NumberQuery, about: About): MetricSource {
  const { subject, maxAgeMs, baseline } = about;
  let last: number | undefined;
  let once: ReadonlyMap<string, number> | undefined;
  let control: Control;

  /** What the number was compared with, by time; `why` where there is nothing. */
  async function compare(window: Window, signal?: AbortSignal): Promise<Compared> {
    if (!baseline) return { ok: true, at: () => undefined };
    if (baseline.is === 'none') return { ok: false, why: baseline.why };
    const { baselineQuery, ...same } = wanted;
    const number = baselineQuery === undefined ? same : { ...same, query: baselineQuery, atLeast: undefined };
    if (baseline.is === 'once') {
      if (once === undefined) {
        const asked = await readBounds(place, number, baseline.subject, baseline.window, signal);
        if (!asked.ok) return asked;
        const points = asked.points.filter(({ atLeast }) => !atLeast);
        if (points.length === 0)
          return { ok: false, why: 'the previous release has no values before this one was live' };
        once = meansOf(points);
        control = points.map(({ value, group }) => ({ value, ...(group === undefined ? {} : { group }) }));
      }
      const means = once;
      return { ok: true, at: (_, group = '') => means.get(group) };
    }
    const { shiftMs } = baseline;
    const shifted = { from: window.from - shiftMs, to: window.to - shiftMs };
    const asked = await readBounds(place, number, baseline.subject, shifted, signal);
    if (!asked.ok) return asked;
    const points = asked.points.filter(({ atLeast }) => !atLeast);
    const known = new Map(points.map(({ at, value, group = '' }) => [`${at + shiftMs} ${group}`, value]));
    return { ok: true, at: (at, group = '') => known.get(`${at} ${group}`) };
  }

  return {
    async query(window, signal): Promise<Reading> {
      const since = { from: last ?? Math.min(window.from, window.to - wanted.stepMs), to: window.to };
      if (wanted.heartbeat !== undefined) {
        const beats = await lastBeat(
          place,
          fillIn(wanted.heartbeat, subject),
          { to: window.to, maxAgeMs },
          signal,
        );
        if (!beats.ok) return { is: beats.is, message: beats.why };
      }
      const asked = await readBounds(place, wanted, subject, since, signal);
      if (!asked.ok) return { is: 'error', message: asked.why };
      const { points } = asked;
      if (points.length === 0) {
        last = window.to;
        return { is: 'absent', message: 'the query has no value (no series, or NaN, as without requests)' };
      }
      const compared = await compare(since, signal);
      last = window.to;
      const step = stepOf(since, wanted.stepMs);
      const values = points.map(({ at, value, group, atLeast }): ValueSample => {
        const beside = compared.ok ? compared.at(at, group) : undefined;
        return {
          from: Math.max(since.from, at - step),
          to: at,
          value,
          ...(atLeast ? { atLeast } : {}),
          ...(beside === undefined ? {} : { baseline: beside }),
          ...(group === undefined ? {} : { group }),
        };
      });
      const message = [
        compared.ok ? undefined : `no baseline: ${compared.why}`,
        values.some(({ atLeast }) => atLeast) ? wanted.atLeast?.message : undefined,
      ]
        .filter((line) => line !== undefined)
        .join('; ');
      const given = control ? { control } : {};
      control = undefined;
      return { is: 'data', samples: [], values, ...given, ...(message === '' ? {} : { message }) };
    },
  };
}

type Compared =
  { ok: true; at: (at: number, group?: string) => number | undefined } | { ok: false; why: string };

/** The mean of each group. */
function meansOf(points: readonly { value: number; group?: string }[]): ReadonlyMap<string, number> {
  const sums = new Map<string, { sum: number; count: number }>();
  for (const { value, group = '' } of points) {
    const { sum, count } = sums.get(group) ?? { sum: 0, count: 0 };
    sums.set(group, { sum: sum + value, count: count + 1 });
  }
  return new Map([...sums].map(([group, { sum, count }]) => [group, sum / count]));
}

/** Equal steps of about the wanted length that end at the end of the window (ms). */
const stepOf = ({ from, to }: Window, stepMs: number): number =>
  Math.max(1, Math.round((to - from) / Math.min(mostPoints, Math.max(1, Math.round((to - from) / stepMs)))));

/** Points, and which of them are only known to be so much at least. */
async function readBounds(
  place: PromPlace,
  { atLeast, ...wanted }: PointsQuery & Pick<NumberQuery, 'atLeast'>,
  subject: Subject,
  window: Window,
  signal?: AbortSignal,
): Promise<Points> {
  const asked = await readPoints(place, wanted, subject, window, signal);
  if (!asked.ok || !atLeast || asked.points.length === 0) return asked;
  const bound = { ...wanted, query: atLeast.query, unit: 'number' as const };
  const beyond = await readPoints(place, bound, subject, window, signal);
  if (!beyond.ok) return beyond;
  const nameOf = ({ at, group = '' }: { at: number; group?: string }) => `${at} ${group}`;
  const names = new Set(beyond.points.filter(({ value }) => value === 1).map(nameOf));
  return {
    ok: true,
    points: asked.points.map((point) => (names.has(nameOf(point)) ? { ...point, atLeast: true } : point)),
  };
}

type PointsQuery = Pick<NumberQuery, 'query' | 'unit' | 'by' | 'stepMs'>;

async function readPoints(
  place: PromPlace,
  { query, unit, by, stepMs }: PointsQuery,
  subject: Subject,
  window: Window,
  signal?: AbortSignal,
): Promise<Points> {
  const step = stepOf(window, stepMs);
  const steps = Math.max(0, Math.floor((window.to - window.from) / step) - 1);
  const range = { from: window.to - steps * step, to: window.to, stepMs: step };
  const answer = await queryRange(place, fillIn(query, subject), range, signal);
  if (!answer.ok) return answer;
  const [label] = by;
  const wrong = label === undefined ? severalSeries(answer.series) : doubtGroups(answer.series, label);
  if (wrong !== undefined) return { ok: false, why: wrong };
  return {
    ok: true,
    points: answer.series.flatMap(({ labels, points }) =>
      points
        .filter(({ at }) => at > window.from && at <= window.to)
        .map(({ at, value }) => ({
          at,
          value: inUnitOf(unit, value),
          ...(label === undefined ? {} : { group: labels[label] ?? '' }),
        }))
        .filter(({ value }) => Number.isFinite(value)),
    ),
  };
}

function severalSeries(series: readonly PromSeries[]): string | undefined {
  if (series.length < 2) return undefined;
  const first = series.slice(0, 3).map(({ labels }) => JSON.stringify(labels));
  return `the query has ${series.length} series (${first.join(', ')}${series.length > 3 ? ', …' : ''}), and one is judged. Fix: sum them up (sum, max), or judge each by a label`;
}

function doubtGroups(series: readonly PromSeries[], label: string): string | undefined {
  if (series.length === 0) return undefined;
  const doubt = doubtLabels(series, [label]);
  if (doubt !== undefined) return doubt;
  const values = new Set(series.map(({ labels }) => labels[label] ?? ''));
  return values.size === series.length
    ? undefined
    : `the query has ${series.length} series for ${values.size} values of ${label}. Fix: sum them up by ${label}`;
}

async function lastBeat(
  place: PromPlace,
  selector: string,
  { to, maxAgeMs }: { to: number; maxAgeMs: number },
  signal?: AbortSignal,
): Promise<{ ok: true } | { ok: false; is: 'error' | 'stale'; why: string }> {
  const answer = await queryInstant(place, `${selector}[${Math.ceil(maxAgeMs / 1_000)}s]`, to, signal);
  if (!answer.ok) return { ok: false, is: 'error', why: answer.why };
  const newest = Math.max(...answer.series.map(({ points }) => points.at(-1)?.at ?? -Infinity));
  return newest > to - maxAgeMs
    ? { ok: true }
    : {
        ok: false,
        is: 'stale',
        why: `${selector} has no sample younger than ${Math.round(maxAgeMs / 1_000)} s`,
      };
}
