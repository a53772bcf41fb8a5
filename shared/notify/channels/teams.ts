import type { Notification } from '../../contracts/notification.js';
import { escapeMarkdown } from '../../report/markdown.js';
import { defineChannel, json } from '../channel.js';
import { cut } from '../text.js';

/**
 * Teams takes messages of at most 28 KB, in bytes of what is sent.
 * https://learn.microsoft.com/microsoftteams/limits-specifications-teams
 */
const mostBytes = 28_000;

/** Characters of a text before it is escaped for its place; the next smaller row where the card is too large. */
const sizes = [2_000, 1_000, 500, 250, 100];

const looks = {
  success: ['✅', 'good'],
  hold: ['⏳', 'warning'],
  failure: ['❌', 'attention'],
  rollback: ['⏪', 'warning'],
  incident: ['🚨', 'attention'],
} as const;

/** Microsoft Teams, by the webhook of a workflow ("Post to a channel when a webhook request is received"). */
export const teams = defineChannel({
  name: 'teams',
  inputs: ['teams-webhook'],
  spacingMs: 1_000,
  form: (message, settings) => ({
    url: settings['teams-webhook']!,
    headers: json,
    body: fitting(message),
  }),
  // The older connectors answer 200 whatever became of the message, and name the failure in the text.
  doubt: (status, answer) =>
    status === 202 || (status === 200 && ['', '1'].includes(answer.trim()))
      ? undefined
      : 'a workflow confirms a message with 202',
});

function fitting(message: Notification): string {
  const bodies = sizes.map((size) => JSON.stringify(payload(message, size)));
  return bodies.find((body) => new TextEncoder().encode(body).length <= mostBytes) ?? bodies.at(-1)!;
}

function payload({ tone, title, body, facts, next, links }: Notification, size: number) {
  const [sign, colour] = looks[tone];
  const text = (value: string) =>
    // Lines of their own are paragraphs in markdown; escaping makes one line of them.
    value
      .slice(0, size * 2)
      .split('\n')
      .reduce<string[]>(
        (lines, line) => (lines.join('').length > size ? lines : [...lines, cut(line, size, escapeMarkdown)]),
        [],
      )
      .filter((line) => line.trim() !== '')
      .join('\n\n');
  const block = (value: string, more: object = {}) => ({
    type: 'TextBlock',
    text: text(value),
    wrap: true,
    ...more,
  });
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          msteams: { width: 'Full' },
          body: [
            block(`${sign} ${title}`, { size: 'Large', weight: 'Bolder', color: colour }),
            ...(body ? [block(body)] : []),
            {
              type: 'FactSet',
              facts: facts
                .slice(0, 20)
                .map(({ name, value }) => ({ title: name, value: cut(value, size, escapeMarkdown) })),
            },
            block(`Next: ${next}`, { weight: 'Bolder' }),
          ],
          actions: links.slice(0, 6).map(({ text, url }) => ({ type: 'Action.OpenUrl', title: text, url })),
        },
      },
    ],
  };
}
