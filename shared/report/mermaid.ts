import { codeBlock } from './markdown.js';

/** A bar chart for a job summary. Mermaid's grammar has no escaping that can be relied on, so labels keep only letters, digits, dot, dash, slash and space. */
export function mermaidBars(chart: {
  title: string;
  yAxis: string;
  labels: readonly string[];
  values: readonly number[];
}): string {
  const plain = (text: string) => `"${text.replace(/[^\p{L}\p{N}.\-/ ]/gu, '').slice(0, 60)}"`;
  const top = Math.max(1, ...chart.values);
  return codeBlock(
    [
      'xychart-beta',
      `  title ${plain(chart.title)}`,
      `  x-axis [${chart.labels.map(plain).join(', ')}]`,
      `  y-axis ${plain(chart.yAxis)} 0 --> ${top}`,
      `  bar [${chart.values.join(', ')}]`,
    ].join('\n'),
    'mermaid',
  );
}
