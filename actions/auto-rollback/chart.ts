import { percent } from '../../shared/analysis/condition.js';
import type { Criterion, Measurement, Tick } from '../../shared/contracts/reports/analysis-report.js';
import { code } from '../../shared/report/markdown.js';
import { evenSteps, mermaidLines } from '../../shared/report/mermaid.js';

/** As many points as stay legible in a job summary. */
const mostPoints = 40;

interface Point {
  /** Seconds of the watch. */
  at: number;
  /** Percent. */
  value: number;
}

/**
 * The error rate of a criterion over time with its threshold, as a Mermaid chart; undefined when it was never measured
 * on requests.
 */
export function rateChart(
  criterion: Criterion,
  startedAt: number,
  ticks: readonly Tick[],
  measurements: readonly (readonly Measurement[])[],
): string | undefined {
  const points = ticks.flatMap((tick, index): Point[] => {
    const rate = measurements[index]?.find((one) => one.criterion === criterion.name)?.rate;
    return rate === undefined ? [] : [{ at: (tick.at - startedAt) / 1_000, value: number(rate) }];
  });
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || first.at === last.at) return undefined;
  const range = { from: first.at, to: last.at, count: Math.min(mostPoints, Math.max(2, points.length)) };
  const values = evenSteps(points, range);
  const threshold = (criterion.failWhen ?? criterion.successWhen)!.value;
  const top = Math.min(100, Math.max(1, Math.ceil(Math.max(number(threshold), ...values) * 1.2)));
  const chart = mermaidLines({
    title: `Error rate and threshold - ${criterion.name}`,
    xAxis: { title: 'seconds of the watch', from: tenth(first.at), to: tenth(last.at) },
    yAxis: { title: 'percent', top },
    lines: [values, values.map(() => number(threshold))],
  });
  return `${chart}\n\n${sparkline(values)} error rate from ${percent(first.value / 100)} to ${percent(last.value / 100)} (orange); threshold ${percent(threshold)} (blue)`;
}

const number = (share: number) => Number((share * 100).toFixed(2));

const tenth = (seconds: number) => Math.round(seconds * 10) / 10;

/** The rate as a line of text, for readers whose viewer draws no Mermaid. */
function sparkline(values: readonly number[]): string {
  const bars = '▁▂▃▄▅▆▇█';
  const top = Math.max(...values, Number.EPSILON);
  return code(values.map((value) => bars[Math.min(7, Math.floor((value / top) * 8))]).join(''));
}
