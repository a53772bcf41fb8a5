import type { Annotation } from './annotation.js';

/** GitHub drops a step summary over 1 MiB whole, so it is cut below that (bytes of UTF-8). */
const summaryBytes = 1_000_000;

/** The summary, cut at a line with a note when it would be dropped for its size. */
export function fitSummary(markdown: string): string {
  const bytes = new TextEncoder().encode(markdown);
  if (bytes.length <= summaryBytes) return markdown.endsWith('\n') ? markdown : `${markdown}\n`;
  const kept = new TextDecoder().decode(bytes.slice(0, summaryBytes));
  const lastLine = kept.lastIndexOf('\n');
  return `${kept.slice(0, lastLine > 0 ? lastLine : kept.length)}\n\n> ✂️ Cut here: the whole would be ${bytes.length} bytes and GitHub shows at most 1 MiB. The report file has everything.\n`;
}

/**
 * The most severe annotations, errors first, otherwise in the order given; the last one says how many were left out.
 * GitHub shows at most ten of a kind for a step.
 */
export function mostSevere(annotations: readonly Annotation[], most = 10): Annotation[] {
  const rank = { error: 0, warning: 1, notice: 2 };
  const sorted = [...annotations].sort((a, b) => rank[a.level] - rank[b.level]);
  if (sorted.length <= most) return sorted;
  const shown = sorted.slice(0, most - 1);
  const rest = sorted.slice(most - 1);
  return [
    ...shown,
    { level: rest[0]!.level, message: `${rest.length} more; the report file lists all of them.` },
  ];
}
