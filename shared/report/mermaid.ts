import { codeBlock } from './markdown.js';

/**
 * A bar chart for a job summary. Mermaid's grammar has no escaping that can be relied on, so labels keep only letters,
 * digits, dot, dash, slash and space; and it draws bars of the same label over each other, so a label that comes again
 * is numbered. `top` ends the y axis, by default at the highest bar.
 */
export function mermaidBars(chart: {
  title: string;
  yAxis: string;
  top?: number;
  labels: readonly string[];
  values: readonly number[];
}): string {
  const taken = new Set<string>();
  const distinct = (label: string) => {
    let name = label;
    for (let again = 2; taken.has(name); again++) name = `${label} - ${again}`;
    taken.add(name);
    return name;
  };
  const top = chart.top ?? Math.max(1, ...chart.values);
  return codeBlock(
    [
      palette(['#2f6fde']),
      'xychart-beta',
      `  title ${quoted(plain(chart.title))}`,
      `  x-axis [${chart.labels.map((label) => quoted(distinct(plain(label)))).join(', ')}]`,
      `  y-axis ${quoted(plain(chart.yAxis))} 0 --> ${top}`,
      `  bar [${chart.values.join(', ')}]`,
    ].join('\n'),
    'mermaid',
  );
}

/** Colours that show on a light and on a dark page; the theme's own first colour nearly vanishes on a light one. */
const palette = (colours: readonly string[]) =>
  `%%{init: {"themeVariables": {"xyChart": {"plotColorPalette": "${colours.join(', ')}"}}}}%%`;

const plain = (text: string) => text.replace(/[^\p{L}\p{N}.\-/ ]/gu, '').slice(0, 60);
const quoted = (text: string) => `"${text}"`;

/**
 * Lines over a numeric axis: the values of each stand at even steps from one end of the x axis to the other. The first
 * is orange, the second blue.
 */
export function mermaidLines(chart: {
  title: string;
  xAxis: { title: string; from: number; to: number };
  yAxis: { title: string; top: number };
  lines: readonly (readonly number[])[];
}): string {
  const { title, xAxis, yAxis, lines } = chart;
  return codeBlock(
    [
      palette(['#d1552b', '#2f6fde']),
      'xychart-beta',
      `  title ${quoted(plain(title))}`,
      `  x-axis ${quoted(plain(xAxis.title))} ${xAxis.from} --> ${xAxis.to}`,
      `  y-axis ${quoted(plain(yAxis.title))} 0 --> ${yAxis.top}`,
      ...lines.map((values) => `  line [${values.join(', ')}]`),
    ].join('\n'),
    'mermaid',
  );
}

/**
 * Values at `count` even steps from `from` to `to`. A step has the highest of its points, so that no peak is hidden,
 * and without any the last value before it. `points` are in order, at least one, the first at `from`.
 */
export function evenSteps(
  points: readonly { at: number; value: number }[],
  { from, to, count }: { from: number; to: number; count: number },
): number[] {
  const size = (to - from) / (count - 1);
  let last = points[0]!.value;
  return Array.from({ length: count }, (_, i) => {
    const own = points.filter(({ at }) => Math.round((at - from) / size) === i);
    const highest = Math.max(...(own.length > 0 ? own.map(({ value }) => value) : [last]));
    last = own.at(-1)?.value ?? last;
    return highest;
  });
}
