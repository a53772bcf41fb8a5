import type { NotifyReport } from '../../shared/contracts/notification.js';
import { code, escapeMarkdown, link, table } from '../../shared/report/markdown.js';

const signs = {
  delivered: '📣',
  'partly-delivered': '⚠️',
  'not-delivered': '⚠️',
  'not-configured': '🔕',
  'not-needed': '🔕',
} as const;
const marks = { delivered: '✅', failed: '❌', skipped: '➖' } as const;

/** The job summary: who was told, what, and who could not be reached and why. */
export function render({ result, message, refused, notification, deliveries, empty }: NotifyReport): string {
  const { title, body, links } = notification;
  return [
    `## ${signs[result]} ${escapeMarkdown(message)}`,
    ...(refused === undefined ? [] : [`⚠️ The report was refused: ${escapeMarkdown(refused)}`]),
    `**${escapeMarkdown(title)}** ${links.map(({ text, url }) => link(text, url)).join(' · ')}`,
    ...(body === refused ? [] : [escapeMarkdown(body)]),
    ...(deliveries.length === 0
      ? []
      : [
          table(
            ['', 'Channel', 'Answer', 'Tries'],
            deliveries.map(({ channel, result, message, tries }) => [
              marks[result],
              code(channel),
              escapeMarkdown(message),
              String(tries),
            ]),
          ),
        ]),
    ...(empty.length === 0 ? [] : [`Off, since they are empty: ${empty.map(code).join(', ')}.`]),
    '',
  ].join('\n\n');
}
