import { linear, round, shownLabels, ticksTo, type Scale } from './charts-axis.js';
import { element, type Child, type Markup } from './html.js';

/** What every chart says of itself to those who cannot see it; `id` is unique in the page. */
export interface ChartText {
  id: string;
  title: string;
  description: string;
}

const size = { width: 460, height: 220, left: 56, right: 10, top: 14, bottom: 30 };

interface Plot {
  /** Middle of a column. */
  x(index: number): number;
  y: Scale;
  columnWidth: number;
}

/**
 * Axes, grid and labels around a body. Colours come from the page's style by class, so that a dark page has dark
 * charts.
 */
function plot(
  text: ChartText,
  labels: readonly string[],
  ticks: readonly number[],
  format: (value: number) => string,
  body: (plot: Plot) => Child,
): Markup {
  const { width, height, left, right, top, bottom } = size;
  const columnWidth = (width - left - right) / Math.max(1, labels.length);
  const x = (index: number) => round(left + columnWidth * (index + 0.5));
  const y = linear(ticks.at(-1)!, height - bottom, top);
  const shown = shownLabels(labels.length, 6);
  return element(
    'svg',
    {
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-labelledby': `${text.id}-title ${text.id}-description`,
      class: 'chart',
    },
    element('title', { id: `${text.id}-title` }, text.title),
    element('desc', { id: `${text.id}-description` }, text.description),
    ticks.map((tick) => [
      element('line', { class: 'grid', x1: left, x2: width - right, y1: y(tick), y2: y(tick) }),
      element(
        'text',
        { class: 'axis', x: left - 7, y: round(y(tick) + 4), 'text-anchor': 'end' },
        format(tick),
      ),
    ]),
    labels.map((label, i) =>
      shown.has(i)
        ? element('text', { class: 'axis', x: x(i), y: height - 9, 'text-anchor': 'middle' }, label)
        : undefined,
    ),
    body({ x, y, columnWidth }),
  );
}

export interface StackedColumn {
  label: string;
  /** Said when the pointer rests on the column. */
  message: string;
  /** From the bottom up; the class names the colour. */
  parts: readonly { value: number; class: string }[];
}

/** Columns of stacked counts. */
export function stackedColumns(text: ChartText, columns: readonly StackedColumn[]): Markup {
  const total = (column: StackedColumn) => column.parts.reduce((sum, part) => sum + part.value, 0);
  const ticks = ticksTo(Math.max(0, ...columns.map(total)), 4, true);
  const labels = columns.map((column) => column.label);
  return plot(text, labels, ticks, String, ({ x, y, columnWidth }) =>
    columns.map((column, i) => {
      const width = round(Math.min(26, columnWidth * 0.62));
      let base = 0;
      const bars = column.parts.map((part) => {
        const low = y(base);
        base += part.value;
        const height = round(Math.max(0, low - y(base) - 1));
        const place = { x: round(x(i) - width / 2), y: y(base), width, height, rx: Math.min(3, height / 2) };
        return part.value > 0 ? element('rect', { class: part.class, ...place }) : undefined;
      });
      return element('g', {}, element('title', {}, column.message), bars);
    }),
  );
}

export interface SpreadPoint {
  label: string;
  message: string;
  /** Null where there was nothing to measure: the line has a gap there. */
  middle: number | null;
  /** Upper edge of the band above the line. */
  high: number | null;
}

/** A line of middles with a band up to the high values; gaps stay gaps. */
export function spreadLine(
  text: ChartText,
  points: readonly SpreadPoint[],
  format: (value: number) => string,
  ticks: readonly number[] = ticksTo(Math.max(0, ...points.map((point) => point.high ?? point.middle ?? 0))),
): Markup {
  const labels = points.map((point) => point.label);
  return plot(text, labels, ticks, format, ({ x, y }) => [
    runsOf(points).map((run) => {
      const upper = run.map((i) => `${x(i)},${y(points[i]!.high ?? points[i]!.middle!)}`);
      const lower = run.map((i) => `${x(i)},${y(points[i]!.middle!)}`);
      return [
        element('polygon', { class: 'band', points: [...upper, ...lower.toReversed()].join(' ') }),
        element('polyline', { class: 'line', points: lower.join(' ') }),
      ];
    }),
    points.map((point, i) =>
      point.middle === null
        ? undefined
        : element(
            'g',
            {},
            element('title', {}, point.message),
            element('line', {
              class: 'whisker',
              x1: x(i),
              x2: x(i),
              y1: y(point.middle),
              y2: y(point.high ?? point.middle),
            }),
            element('circle', { class: 'dot', cx: x(i), cy: y(point.middle), r: 3.5 }),
          ),
    ),
  ]);
}

/** Stretches of neighbouring points that have a value. */
function runsOf(points: readonly SpreadPoint[]): number[][] {
  const runs: number[][] = [];
  points.forEach((point, i) => {
    if (point.middle === null) return;
    const last = runs.at(-1);
    if (last?.at(-1) === i - 1) last.push(i);
    else runs.push([i]);
  });
  return runs;
}

/**
 * A line as small as a word, without axes; null is a gap. Decoration beside a figure, so hidden from screen readers.
 */
export function sparkline(values: readonly (number | null)[]): Markup {
  const width = 120;
  const height = 30;
  const known = values.filter((value) => value !== null);
  const y = linear(Math.max(0, ...known), height - 4, 4);
  const x = (i: number) => round(4 + (i * (width - 8)) / Math.max(1, values.length - 1));
  const points = values.map((middle) => ({ label: '', message: '', middle, high: null }));
  return element(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, class: 'spark', 'aria-hidden': 'true' },
    element('line', { class: 'grid', x1: 4, x2: width - 4, y1: height - 4, y2: height - 4 }),
    runsOf(points).map((run) =>
      run.length === 1
        ? element('circle', { class: 'dot', cx: x(run[0]!), cy: y(values[run[0]!]!), r: 1.8 })
        : element('polyline', {
            class: 'line',
            points: run.map((i) => `${x(i)},${y(values[i]!)}`).join(' '),
          }),
    ),
    values.length > 0 && (values.at(-1) ?? null) !== null
      ? element('circle', { class: 'dot', cx: x(values.length - 1), cy: y(values.at(-1)!), r: 2.8 })
      : undefined,
  );
}
