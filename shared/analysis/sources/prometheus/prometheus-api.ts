import * as z from 'zod';
import type { HttpClient } from '../../../http/types.js';
import { isoInstant } from '../../../time/instant.js';
import { askJson, withoutQuery } from '../ask-json.js';

/** One series of an answer: its labels and its points, oldest first; times are epoch milliseconds. */
export interface PromSeries {
  labels: Readonly<Record<string, string>>;
  points: readonly { at: number; value: number }[];
}

export type PromAnswer = { ok: true; series: PromSeries[] } | { ok: false; why: string };

/** Where Prometheus' API is and how it is asked. */
export interface PromPlace {
  http: HttpClient;
  /** Address without /api/v1. */
  url: string;
  headers: Record<string, string>;
  timeoutMs: number;
}

/** A value as the API writes it; what else JavaScript takes for a number (" ", "0x1") is none. */
const written = z.string().regex(/^(NaN|[+-]?Inf|[+-]?\d+(\.\d+)?(e[+-]?\d+)?)$/i);
const point = z.tuple([z.number(), written]);
const labels = z.record(z.string(), z.string());
const success = z.object({
  status: z.literal('success'),
  warnings: z.array(z.string()).optional(),
  data: z.discriminatedUnion('resultType', [
    z.object({
      resultType: z.literal('matrix'),
      result: z.array(
        z.object({
          metric: labels,
          values: z.array(point).default([]),
          histograms: z.array(z.unknown()).optional(),
        }),
      ),
    }),
    z.object({
      resultType: z.literal('vector'),
      result: z.array(
        z.object({ metric: labels, value: point.optional(), histogram: z.unknown().optional() }),
      ),
    }),
    z.object({ resultType: z.literal('scalar'), result: point }),
  ]),
});
const failure = z.object({ status: z.literal('error'), errorType: z.string().optional(), error: z.string() });

/** An instant query: what the expression, or the range in it, is at `at` (epoch milliseconds). */
export const queryInstant = (place: PromPlace, query: string, at: number, signal?: AbortSignal) =>
  ask(place, 'query', { query, time: seconds(at) }, at + 1_000, signal);

/** A range query at `from`, `from + step` … `to` (epoch milliseconds). */
export const queryRange = (
  place: PromPlace,
  query: string,
  { from, to, stepMs }: { from: number; to: number; stepMs: number },
  signal?: AbortSignal,
) =>
  ask(
    place,
    'query_range',
    { query, start: seconds(from), end: seconds(to), step: seconds(stepMs) },
    // Some servers of this API (VictoriaMetrics) move the points of a range to multiples of its step.
    to + stepMs + 1_000,
    signal,
  );

const seconds = (ms: number) => (ms / 1_000).toFixed(3);

/**
 * Asks the API (prometheus.io/docs/prometheus/latest/querying/api). Warnings are a refusal: they say that the answer is
 * not whole.
 */
async function ask(
  { http, url, headers, timeoutMs }: PromPlace,
  endpoint: 'query' | 'query_range',
  parameters: Record<string, string>,
  latest: number,
  signal?: AbortSignal,
): Promise<PromAnswer> {
  const address = `${url.replace(/\/+$/, '')}/api/v1/${endpoint}`;
  const query = new URLSearchParams({ ...parameters, timeout: `${timeoutMs}ms` });
  const answered = await askJson(http, { url: `${address}?${query}`, headers, timeoutMs }, signal);
  if (!answered.ok) return answered;
  const where = withoutQuery(address);
  const failed = failure.safeParse(answered.json);
  if (failed.success) {
    const { errorType = 'error', error } = failed.data;
    return { ok: false, why: `${where}: ${errorType}: ${cut(error)}` };
  }
  if (answered.status !== 200)
    return { ok: false, why: `${where} answers ${answered.status} instead of 200` };
  const parsed = success.safeParse(answered.json);
  if (!parsed.success) return { ok: false, why: `${where} does not answer as Prometheus does` };
  const { warnings = [], data } = parsed.data;
  if (warnings.length > 0)
    return { ok: false, why: `${where} warns that the answer is not whole: ${cut(warnings.join('; '))}` };
  const histogram = {
    ok: false as const,
    why: `${where} answers a native histogram. Fix: ask for a number, by histogram_quantile or histogram_count`,
  };
  const series: PromSeries[] = [];
  const take = (of: PromSeries['labels'], values: readonly z.output<typeof point>[]) =>
    void series.push({
      labels: of,
      points: values.map(([at, value]) => ({ at: Math.round(at * 1_000), value: numberOf(value) })),
    });
  if (data.resultType === 'scalar') take({}, [data.result]);
  else if (data.resultType === 'matrix')
    for (const { metric, values, histograms = [] } of data.result) {
      if (histograms.length > 0) return histogram;
      take(metric, values);
    }
  else
    for (const { metric, value } of data.result) {
      if (value === undefined) return histogram;
      take(metric, [value]);
    }
  const doubt = doubtSeries(series, latest);
  return doubt === undefined ? { ok: true, series } : { ok: false, why: `${where} ${doubt}` };
}

/** What no server of this API answers: a series twice, points out of their order, or of a time to come. */
function doubtSeries(series: readonly PromSeries[], latest: number): string | undefined {
  const known = new Set<string>();
  for (const { labels: own, points } of series) {
    const key = JSON.stringify(Object.entries(own).sort());
    if (known.has(key)) return `answers the series ${cut(key)} twice`;
    known.add(key);
    if (points.some(({ at }, index) => index > 0 && at <= points[index - 1]!.at))
      return `answers points of ${cut(key)} that are not in the order of their times`;
    if ((points.at(-1)?.at ?? 0) > latest)
      return `answers a sample of ${isoInstant(points.at(-1)!.at)}, which is in the future`;
  }
  return undefined;
}

const numberOf = (text: string) =>
  /^[+-]?inf$/i.test(text) ? (text.startsWith('-') ? -Infinity : Infinity) : Number(text);

const cut = (text: string) => (text.length > 300 ? `${text.slice(0, 297)}...` : text);

/** A text as a quoted string of PromQL. */
export const promString = (text: string) => `"${text.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n')}"`;

/** The series with these labels, as a selector of PromQL. */
export const selectorOf = (metric: string, match: Readonly<Record<string, string>>) =>
  `${metric}{${Object.entries(match)
    .map(([label, value]) => `${label}=${promString(value)}`)
    .join(',')}}`;
