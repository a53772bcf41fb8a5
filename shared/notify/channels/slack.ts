import type { Notification } from '../../contracts/notification.js';
import { defineChannel, json } from '../channel.js';
import { cut, inert } from '../text.js';

/** Limits of Block Kit, in characters of what is sent. https://docs.slack.dev/reference/block-kit/blocks */
const limits = { header: 150, section: 3_000, field: 2_000, fieldsInBlock: 10 };

const signs = { success: '✅', hold: '⏳', failure: '❌', rollback: '⏪', incident: '🚨' } as const;

/**
 * Slack reads mentions and links between < and >, and entities after &; wherever it reads text, these three are its
 * only control characters.
 */
const escape = (text: string) =>
  inert(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

/** Text of others is plain text: nothing in it is formatted, looked up or linked. */
const plain = (text: string, most: number) => ({
  type: 'plain_text',
  text: cut(text, most, escape) || '–',
  emoji: false,
});

/** Slack, by an incoming webhook. */
export const slack = defineChannel({
  name: 'slack',
  inputs: ['slack-webhook'],
  spacingMs: 1_000,
  form: (message, settings) => ({
    url: settings['slack-webhook']!,
    headers: json,
    body: JSON.stringify(payload(message)),
  }),
  doubt: (status, answer) =>
    status === 200 && answer.trim() === 'ok' ? undefined : 'Slack confirms a message with 200 and "ok"',
});

function payload({ tone, title, body, facts, next, links }: Notification) {
  const head = `${signs[tone]} ${title}`;
  const fields = facts.map(({ name, value }) => plain(`${name}\n${value}`, limits.field));
  const pages = Array.from({ length: Math.ceil(fields.length / limits.fieldsInBlock) }, (_, page) =>
    fields.slice(page * limits.fieldsInBlock, (page + 1) * limits.fieldsInBlock),
  );
  const linked = links
    .slice(0, 10)
    .map(({ text, url }) => `<${url.replaceAll('&', '&amp;')}|${escape(text)}>`);
  return {
    text: cut(head, limits.section, escape),
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: 'header', text: plain(head, limits.header) },
      ...(body ? [{ type: 'section', text: plain(body, limits.section) }] : []),
      ...pages.slice(0, 5).map((fields) => ({ type: 'section', fields })),
      { type: 'section', text: plain(`Next: ${next}`, limits.section) },
      ...(linked.length === 0 ? [] : [linkBlock(linked)]),
    ],
  };
}

/**
 * Our own links, as many as fit whole: a link that was cut leads elsewhere. `verbatim` keeps Slack from looking for
 * more.
 */
function linkBlock(linked: readonly string[]) {
  const fitting = linked.filter((_, at) => linked.slice(0, at + 1).join(' · ').length <= limits.section);
  return { type: 'section', text: { type: 'mrkdwn', text: fitting.join(' · '), verbatim: true } };
}
