import type { Bucket, Measures } from '../../../shared/contracts/reports/dora-report.js';
import {
  spreadLine,
  stackedColumns,
  type ChartText,
  type SpreadPoint,
} from '../../../shared/report/charts.js';
import { ticksTo } from '../../../shared/report/charts-axis.js';
import { dataTable, element, type Child, type Markup } from '../../../shared/report/html.js';
import { count, noData, sayHours, sayShare } from '../render/words.js';

/** How long the buckets of a chart are. */
export type Step = 'day' | 'week' | 'month';
export const steps: readonly Step[] = ['day', 'week', 'month'];

/** The buckets of one length, with the words for them. `id` begins the names of the charts in the page. */
interface Trend {
  id: string;
  step: Step;
  buckets: readonly Bucket[];
}

/** The charts over time, each with the same numbers as a table. */
export function renderCharts(measures: Measures, step: Step, panel: string): Markup {
  const buckets = { day: measures.days, week: measures.weeks, month: measures.months }[step];
  const trend = { id: `${panel}-${step}`, step, buckets };
  return element(
    'div',
    { class: `charts by-${step}` },
    deployed(trend),
    leadTimes(trend),
    failRates(trend),
    recoveries(trend),
  );
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function labelOf(step: Step, { day }: Bucket): string {
  const month = months[Number(day.slice(5, 7)) - 1]!;
  return step === 'month' ? `${month} ${day.slice(0, 4)}` : `${Number(day.slice(8))} ${month}`;
}

function nameOf(step: Step, { day, partial }: Bucket): string {
  const name = step === 'day' ? day : step === 'week' ? `Week of ${day}` : day.slice(0, 7);
  return partial ? `${name} (part of it)` : name;
}

const heads: Record<Step, string> = { day: 'Day', week: 'Week of', month: 'Month' };

function deployed({ id, step, buckets }: Trend): Markup {
  const failed = buckets.reduce((sum, bucket) => sum + bucket.failed, 0);
  const all = buckets.reduce((sum, bucket) => sum + bucket.deployments, 0);
  const text = {
    id: `${id}-deployments`,
    title: `Deployments per ${step}`,
    description: `${count(all, 'deployment')} in ${count(buckets.length, step)}; ${failed} of them failed.`,
  };
  const chart = stackedColumns(
    text,
    buckets.map((bucket) => ({
      label: labelOf(step, bucket),
      message: `${nameOf(step, bucket)}: ${count(bucket.deployments, 'deployment')}, ${bucket.failed} failed`,
      parts: [
        { value: bucket.deployments - bucket.failed, class: 'ok' },
        { value: bucket.failed, class: 'bad' },
      ],
    })),
  );
  const rows = buckets.map((bucket) => [
    nameOf(step, bucket),
    bucket.deployments,
    bucket.failed,
    bucket.rework,
  ]);
  return figure(
    text,
    chart,
    [
      ['ok', 'succeeded'],
      ['bad', 'failed'],
    ],
    [heads[step], 'Deployments', 'Failed', 'Rework'],
    rows,
  );
}

function leadTimes(trend: Trend): Markup {
  const n = trend.buckets.reduce((sum, bucket) => sum + bucket.leadTime.n, 0);
  const text = {
    id: `${trend.id}-lead-time`,
    title: 'Change lead time',
    description: `Median and 90th percentile of ${count(n, 'change')}, by the ${trend.step} they went live.`,
  };
  return spreads(text, trend, 'leadTime');
}

function recoveries(trend: Trend): Markup {
  const n = trend.buckets.reduce((sum, bucket) => sum + bucket.recovery.n, 0);
  const text = {
    id: `${trend.id}-recovery`,
    title: 'Failed deployment recovery time',
    description: `Median and 90th percentile of ${count(n, 'recovery', 'recoveries')}, by the ${trend.step} of the recovery.`,
  };
  return spreads(text, trend, 'recovery');
}

function spreads(text: ChartText, { step, buckets }: Trend, metric: 'leadTime' | 'recovery'): Markup {
  const points = buckets.map((bucket): SpreadPoint => {
    const { n, p50, p90 } = bucket[metric];
    const message = `${nameOf(step, bucket)}: median ${sayHours(p50)}, p90 ${sayHours(p90)}, n ${n}`;
    return { label: labelOf(step, bucket), message, middle: p50, high: p90 };
  });
  const unit = unitFor(Math.max(0, ...points.map((point) => point.high ?? 0)));
  const scaled = points.map((point) => ({
    ...point,
    middle: point.middle === null ? null : point.middle / unit.hours,
    high: point.high === null ? null : point.high / unit.hours,
  }));
  const chart = spreadLine(text, scaled, (value) => `${value} ${unit.name}`);
  const rows = buckets.map((bucket) => {
    const { n, p50, p75, p90, p95 } = bucket[metric];
    return [nameOf(step, bucket), ...[p50, p75, p90, p95].map(sayHours), n];
  });
  return figure(
    text,
    chart,
    [
      ['ok', 'median'],
      ['band', 'up to p90'],
    ],
    [heads[step], 'Median', 'p75', 'p90', 'p95', 'n'],
    rows,
  );
}

/** The unit in which an axis up to this many hours reads best. */
function unitFor(hours: number): { name: string; hours: number } {
  if (hours <= 2 / 60) return { name: 's', hours: 1 / 3_600 };
  if (hours <= 2) return { name: 'min', hours: 1 / 60 };
  return hours <= 72 ? { name: 'h', hours: 1 } : { name: 'd', hours: 24 };
}

function failRates({ id, step, buckets }: Trend): Markup {
  const text = {
    id: `${id}-fail-rate`,
    title: 'Change fail rate',
    description: `Share of the deployments of each ${step} that failed. Without deployments there is no rate.`,
  };
  const points = buckets.map((bucket) => ({
    label: labelOf(step, bucket),
    message: `${nameOf(step, bucket)}: ${sayShare(bucket.changeFailRate)} (${bucket.failed} of ${bucket.deployments})`,
    middle: bucket.changeFailRate === null ? null : bucket.changeFailRate * 100,
    high: null,
  }));
  const highest = Math.max(10, ...points.map((point) => point.middle ?? 0));
  const chart = spreadLine(text, points, (value) => `${value} %`, ticksTo(highest));
  const rows = buckets.map((bucket) => [
    nameOf(step, bucket),
    sayShare(bucket.changeFailRate),
    `${bucket.failed} of ${bucket.deployments}`,
  ]);
  return figure(text, chart, [['ok', 'failed share']], [heads[step], 'Rate', 'Failed'], rows);
}

function figure(
  text: ChartText,
  chart: Markup,
  key: readonly (readonly [string, string])[],
  head: readonly string[],
  rows: readonly (readonly Child[])[],
): Markup {
  const empty = rows.every((row) =>
    row.slice(1).every((cell) => cell === 0 || cell === noData || cell === '0 of 0'),
  );
  if (empty)
    return element(
      'div',
      { class: 'card' },
      element('h3', {}, text.title),
      element('p', { class: 'soft small' }, 'No data in this window.'),
    );
  return element(
    'div',
    { class: 'card' },
    element('h3', {}, text.title),
    element('p', { class: 'soft small' }, text.description),
    chart,
    element(
      'p',
      { class: 'key' },
      key.map(([style, name]) => element('span', {}, element('i', { class: style }), name)),
    ),
    element(
      'details',
      {},
      element('summary', {}, 'Numbers'),
      element('div', { class: 'scroll figures', tabindex: 0 }, dataTable(text.title, head, rows)),
    ),
  );
}
