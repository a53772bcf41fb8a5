import type { HotfixReport } from '../../shared/contracts/reports/hotfix-report.js';
import { escapeMarkdown, link, table } from '../../shared/report/markdown.js';
import { formatDuration } from '../../shared/time/duration.js';

const signs = {
  proved: '✅',
  refused: '❌',
  'in-time': '⏱️',
  late: '⚠️',
  hotfix: '🚑',
  release: '📦',
  'not-delivered': '❔',
};

/** The job summary: the answer, then the pieces of evidence or the stages. */
export function render({ result, message, evidence, stages, missing }: HotfixReport): string {
  const pieces = evidence.map(({ text, is, detail }) => [
    is === 'ok' ? '✅' : '❌',
    escapeMarkdown(text),
    escapeMarkdown(detail),
  ]);
  const rows = stages.map(({ name, seconds, target, note }) => [
    escapeMarkdown(name),
    seconds === null ? '–' : seconds === 0 ? 'under 1 s' : formatDuration(seconds * 1000),
    target === null ? '' : formatDuration(Math.round(target * 60) * 1000),
    escapeMarkdown(note),
  ]);
  return [
    `## ${signs[result]} Hotfix: ${escapeMarkdown(message)}`,
    ...(pieces.length > 0 ? [table(['', 'evidence', 'what it is'], pieces)] : []),
    ...(rows.length > 0 ? [table(['stage', 'took', 'planned', ''], rows)] : []),
    ...missing.map(
      ({ branch, what, url }) =>
        `⚠️ **${escapeMarkdown(branch)} does not have the fix.** Next: ${link(what, url)}`,
    ),
    '',
  ].join('\n\n');
}
