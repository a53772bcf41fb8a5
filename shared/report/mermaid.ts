import { codeBlock } from './markdown.js';

/**
 * A bar chart for a job summary. Mermaid's grammar has no escaping that can be relied on, so labels keep only letters, digits, dot, dash, slash and
 * space; and it draws bars of the same label over each other, so a label that comes again is numbered. `top` ends the y axis, by default at the
 * highest bar.
 */
export function mermaidBars(chart: {
  title: string;
  yAxis: string;
  top?: number;
  labels: readonly string[];
  values: readonly number[];
}): string {
  const plain = (text: string) => text.replace(/[^\p{L}\p{N}.\-/ ]/gu, '').slice(0, 60);
  const taken = new Set<string>();
  const distinct = (label: string) => {
    let name = label;
    for (let again = 2; taken.has(name); again++) name = `${label} - ${again}`;
    taken.add(name);
    return name;
  };
  const quoted = (text: string) => `"${text}"`;
  const top = chart.top ?? Math.max(1, ...chart.values);
  return codeBlock(
    [
      'xychart-beta',
      `  title ${quoted(plain(chart.title))}`,
      `  x-axis [${chart.labels.map((label) => quoted(distinct(plain(label)))).join(', ')}]`,
      `  y-axis ${quoted(plain(chart.yAxis))} 0 --> ${top}`,
      `  bar [${chart.values.join(', ')}]`,
    ].join('\n'),
    'mermaid',
  );
}
