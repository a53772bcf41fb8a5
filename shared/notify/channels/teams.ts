import type { Notification } from '../../contracts/notification.js';
import { defineChannel, json } from '../channel.js';
import { cut, inert } from '../text.js';

/**
 * Teams takes messages of at most 28 KB, in bytes of what is sent.
 * https://learn.microsoft.com/microsoftteams/limits-specifications-teams
 */
const mostBytes = 28_000;

/** Lines of the body; each is a block of its own. */
const mostLines = 40;

/** Characters of a text; the next smaller row where the card is too large. */
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

/** Text runs show their text as it is: markdown has no meaning in them, so nothing has to be escaped. */
interface TextRun {
  type: 'TextRun';
  text: string;
  weight?: 'Bolder';
  size?: 'Large';
  color?: string;
}

function payload({ tone, title, body, facts, next, links }: Notification, size: number) {
  const [sign, colour] = looks[tone];
  const text = (value: string, look: Partial<TextRun> = {}): TextRun => ({
    type: 'TextRun',
    text: cut(inert(value), size),
    ...look,
  });
  const block = (...inlines: TextRun[]) => ({ type: 'RichTextBlock', inlines });
  const facing = facts.slice(0, 20).filter(({ value }) => value.trim() !== '');
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
            block(text(`${sign} ${title}`, { size: 'Large', weight: 'Bolder', color: colour })),
            ...linesOf(body, size).map((line) => block(text(line))),
            ...facing.map(({ name, value }) => block(text(`${name}  `, { weight: 'Bolder' }), text(value))),
            block(text(`Next: ${next}`, { weight: 'Bolder' })),
          ],
          actions: links.slice(0, 6).map(({ text, url }) => ({ type: 'Action.OpenUrl', title: text, url })),
        },
      },
    ],
  };
}

/** The lines of a text that say something, `size` characters altogether: a text run has none of its own. */
function linesOf(value: string, size: number): string[] {
  const lines = cut(value, size).split('\n');
  return lines.filter((line) => line.trim() !== '').slice(0, mostLines);
}
