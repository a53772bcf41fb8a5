import type { Bucket, DoraReport } from '../../../shared/contracts/dora-report.js';
import {
  spreadLine,
  stackedColumns,
  type ChartText,
  type SpreadPoint,
} from '../../../shared/report/charts.js';
import { ticksTo } from '../../../shared/report/charts-axis.js';
import { dataTable, element, type Child, type Markup } from '../../../shared/report/html.js';
import { noData, sayHours, sayShare } from '../render/words.js';

/** The charts over time, each with the same numbers as a table. */
export function renderCharts({ total }: DoraReport): Markup {
  const { weeks } = total;
  return element(
    'section',
    { 'aria-labelledby': 'over-time' },
    element('h2', { id: 'over-time' }, 'Week by week'),
    element(
      'div',
      { class: 'charts' },
      perWeek(weeks),
      leadTimes(weeks),
      failRates(weeks),
      recoveries(weeks),
    ),
  );
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const labelOf = ({ day }: Bucket) => `${Number(day.slice(8))} ${months[Number(day.slice(5, 7)) - 1]!}`;
const weekOf = (week: Bucket) => `Week of ${week.day}${week.partial ? ' (part of it)' : ''}`;

function perWeek(weeks: readonly Bucket[]): Markup {
  const failed = weeks.reduce((sum, week) => sum + week.failed, 0);
  const all = weeks.reduce((sum, week) => sum + week.deployments, 0);
  const text = {
    id: 'deployments',
    title: 'Deployments per week',
    description: `${all} deployments in ${weeks.length} calendar weeks, ${failed} of them failed.`,
  };
  const chart = stackedColumns(
    text,
    weeks.map((week) => ({
      label: labelOf(week),
      message: `${weekOf(week)}: ${week.deployments} deployments, ${week.failed} failed`,
      parts: [
        { value: week.deployments - week.failed, class: 'ok' },
        { value: week.failed, class: 'bad' },
      ],
    })),
  );
  const rows = weeks.map((week) => [week.day, week.deployments, week.failed, week.rework]);
  return figure(
    text,
    chart,
    [
      ['ok', 'succeeded'],
      ['bad', 'failed'],
    ],
    ['Week of', 'Deployments', 'Failed', 'Rework'],
    rows,
  );
}

function leadTimes(weeks: readonly Bucket[]): Markup {
  const n = weeks.reduce((sum, week) => sum + week.leadTime.n, 0);
  const text = {
    id: 'lead-time',
    title: 'Change lead time',
    description: `Median and 90th percentile of ${n} commits, by the week they went live.`,
  };
  return spreads(text, weeks, 'leadTime');
}

function recoveries(weeks: readonly Bucket[]): Markup {
  const n = weeks.reduce((sum, week) => sum + week.recovery.n, 0);
  const text = {
    id: 'recovery',
    title: 'Failed deployment recovery time',
    description: `Median and 90th percentile of ${n} recoveries, by the week of the recovery.`,
  };
  return spreads(text, weeks, 'recovery');
}

function spreads(text: ChartText, weeks: readonly Bucket[], metric: 'leadTime' | 'recovery'): Markup {
  const points = weeks.map((week): SpreadPoint => {
    const { n, p50, p90 } = week[metric];
    const message = `${weekOf(week)}: median ${sayHours(p50)}, p90 ${sayHours(p90)}, n ${n}`;
    return { label: labelOf(week), message, middle: p50, high: p90 };
  });
  const unit = unitFor(Math.max(0, ...points.map((point) => point.high ?? 0)));
  const scaled = points.map((point) => ({
    ...point,
    middle: point.middle === null ? null : point.middle / unit.hours,
    high: point.high === null ? null : point.high / unit.hours,
  }));
  const chart = spreadLine(text, scaled, (value) => `${value} ${unit.name}`);
  const rows = weeks.map((week) => {
    const { n, p50, p75, p90 } = week[metric];
    return [week.day, sayHours(p50), sayHours(p75), sayHours(p90), n];
  });
  return figure(
    text,
    chart,
    [
      ['ok', 'median'],
      ['band', 'up to p90'],
    ],
    ['Week of', 'Median', 'p75', 'p90', 'n'],
    rows,
  );
}

/** The unit in which an axis up to this many hours reads best. */
function unitFor(hours: number): { name: string; hours: number } {
  if (hours <= 2 / 60) return { name: 's', hours: 1 / 3_600 };
  if (hours <= 2) return { name: 'min', hours: 1 / 60 };
  return hours <= 72 ? { name: 'h', hours: 1 } : { name: 'd', hours: 24 };
}

function failRates(weeks: readonly Bucket[]): Markup {
  const text = {
    id: 'fail-rate',
    title: 'Change fail rate',
    description: 'Share of the deployments of each week that failed. Weeks without deployments have no rate.',
  };
  const points = weeks.map((week) => ({
    label: labelOf(week),
    message: `${weekOf(week)}: ${sayShare(week.changeFailRate)} (${week.failed} of ${week.deployments})`,
    middle: week.changeFailRate === null ? null : week.changeFailRate * 100,
    high: null,
  }));
  const highest = Math.max(10, ...points.map((point) => point.middle ?? 0));
  const chart = spreadLine(text, points, (value) => `${value} %`, ticksTo(highest));
  const rows = weeks.map((week) => [
    week.day,
    sayShare(week.changeFailRate),
    `${week.failed} of ${week.deployments}`,
  ]);
  return figure(text, chart, [['ok', 'failed share']], ['Week of', 'Rate', 'Failed'], rows);
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
  return element(
    'div',
    { class: 'card' },
    element('h3', {}, text.title),
    element('p', { class: 'soft small' }, empty ? 'No data in this window.' : text.description),
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
      element('div', { class: 'scroll figures' }, dataTable(text.title, head, rows)),
    ),
  );
}
