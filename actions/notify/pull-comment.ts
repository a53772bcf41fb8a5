import type { Notification } from '../../shared/contracts/notification.js';
import { code, escapeMarkdown, link } from '../../shared/report/markdown.js';

const signs: Record<Notification['tone'], string> = {
  success: '✅',
  hold: '✋',
  failure: '❌',
  rollback: '⏪',
  incident: '🚨',
};

/** The message as markdown for a pull request. Addresses of reports become links: a reader is to follow them. */
export function commentText({ tone, title, body, facts, next }: Notification): string {
  const rows = facts.map(({ name, value }) => {
    const isAddress = /^https?:\/\/\S+$/.test(value);
    return `- ${escapeMarkdown(name)}: ${isAddress ? link(value, value) : code(value)}`;
  });
  return [
    `### ${signs[tone]} ${escapeMarkdown(title)}`,
    escapeMarkdown(body),
    rows.join('\n'),
    `**Now:** ${escapeMarkdown(next)}`,
  ].join('\n\n');
}
