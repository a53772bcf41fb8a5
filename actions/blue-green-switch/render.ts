import { code, details, escapeMarkdown, link, table } from '../../shared/report/markdown.js';
import { formatDuration } from '../../shared/time/duration.js';
import { describeWeights } from '../../shared/traffic/router.js';
import type { SwitchReport } from './inputs.js';

const good = new Set([
  'reserved',
  'switched',
  'confirmed',
  'reverted',
  'ok',
  'nothing',
  'released',
  'completed',
  'busy',
  'locked',
  'paused',
  'dry-run',
  'kept',
  'retired',
]);

/** The job summary of a switch: verdict, before and after, what the entry showed, timeline. */
export function render(report: SwitchReport): string {
  const failedSwitch = report.mode === 'switch' && !['switched', 'paused', 'dry-run'].includes(report.result);
  const icon =
    report.result === 'drift' || report.result === 'held'
      ? '⚠️'
      : good.has(report.result) && !failedSwitch
        ? '✅'
        : '❌';
  const title = `## ${icon} ${escapeMarkdown(report.service)} in ${escapeMarkdown(report.environment)}: ${escapeMarkdown(report.result)}`;
  const traffic = (weights: SwitchReport['before']) =>
    weights ? escapeMarkdown(describeWeights(weights)) : 'could not be read';
  const rows: string[][] = [
    ['Traffic before', traffic(report.before)],
    ['Traffic after', traffic(report.after)],
  ];
  if (report.target) rows.push(['Target', code(report.target)]);
  if (report.version)
    rows.push([
      'Version',
      `${code(report.version)}${report.digest ? ` (${code(report.digest.slice(0, 19))})` : ''}`,
    ]);
  if (report.deployment) rows.push(['Deployment', String(report.deployment)]);
  if (report.switchMs !== undefined)
    rows.push(['Switched', `in ${formatDuration(report.switchMs)}, at ${report.switchedAt ?? ''}`]);
  if (report.entry)
    rows.push([
      'New connections',
      `${report.entry.seen} of ${report.entry.connections} reached the expected version`,
    ]);
  rows.push(['Router', escapeMarkdown(report.router)]);
  const parts = [title, escapeMarkdown(report.said), table(['', report.mode], rows)];
  if (report.reasons.length > 0)
    parts.push(report.reasons.map((reason) => `- ${escapeMarkdown(reason)}`).join('\n'));
  const events = report.timeline.map(({ at, said }) => [code(at.slice(11, 23)), escapeMarkdown(said)]);
  if (events.length > 0) parts.push(details(`Timeline (${events.length})`, table(['UTC', ''], events)));
  parts.push(link('This run', report.run));
  return `${parts.join('\n\n')}\n`;
}
