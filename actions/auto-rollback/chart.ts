import { percent } from '../../shared/analysis/condition.js';
import type { Criterion, Measurement, Tick } from '../../shared/contracts/analysis-report.js';
import { code, codeBlock } from '../../shared/report/markdown.js';

/** As many points as stay legible in a job summary. */
const mostPoints = 40;

/** Mermaid's text is not markdown: only what cannot end a string or a line is let through. */
const plain = (text: string) => text.replace(/[^\w .:/-]/g, ' ');

interface Point {
  seconds: number;
  rate: number;
}

/** The error rate of a criterion over time with its threshold, as a Mermaid chart; undefined when it was never measured on requests. */
export function rateChart(
  criterion: Criterion,
  startedAt: number,
  ticks: readonly Tick[],
  measurements: readonly (readonly Measurement[])[],
): string | undefined {
  const points = ticks.flatMap((tick, index): Point[] => {
    const rate = measurements[index]?.find((one) => one.criterion === criterion.name)?.rate;
    return rate === undefined ? [] : [{ seconds: Math.round((tick.at - startedAt) / 1_000), rate }];
  });
  if (points.length < 2) return undefined;
  const shown = thin(points);
  const threshold = (criterion.failWhen ?? criterion.successWhen)!.value;
  const values = shown.map(({ rate }) => number(rate));
  const top = Math.min(
    100,
    Math.max(1, Math.ceil(Math.max(threshold, ...shown.map(({ rate }) => rate)) * 120)),
  );
  const chart = codeBlock(
    [
      'xychart-beta',
      `  title "${plain(criterion.name)}: error rate in percent, by seconds of the watch"`,
      `  x-axis [${shown.map(({ seconds }) => seconds).join(', ')}]`,
      `  y-axis "percent" 0 --> ${top}`,
      `  line [${values.join(', ')}]`,
      `  line [${shown.map(() => number(threshold)).join(', ')}]`,
    ].join('\n'),
    'mermaid',
  );
  return `${chart}\n\n${sparkline(shown)} from ${percent(shown[0]!.rate)} to ${percent(shown.at(-1)!.rate)}, threshold ${percent(threshold)}`;
}

const number = (share: number) => Number((share * 100).toFixed(2));

/** The rate as a line of text, for readers whose viewer draws no Mermaid. */
function sparkline(points: readonly Point[]): string {
  const bars = '▁▂▃▄▅▆▇█';
  const top = Math.max(...points.map(({ rate }) => rate), Number.EPSILON);
  return code(points.map(({ rate }) => bars[Math.min(7, Math.floor((rate / top) * 8))]).join(''));
}

/** At most `mostPoints` points; of those that fall together the worst stays, so that no peak is hidden. */
function thin(points: readonly Point[]): Point[] {
  const size = Math.ceil(points.length / mostPoints);
  const kept: Point[] = [];
  for (let start = 0; start < points.length; start += size) {
    kept.push(
      points.slice(start, start + size).reduce((worst, point) => (point.rate > worst.rate ? point : worst)),
    );
  }
  return kept;
}
