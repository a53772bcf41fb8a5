import { isoInstant } from '../../time/instant.js';
import { defineChannel, json } from '../channel.js';
import { cut, inert } from '../text.js';

/** Limits of the Events API v2, in characters. https://developer.pagerduty.com/docs/send-alert-event */
const limits = { summary: 1_024, source: 255, detail: 2_000 };

const plain = (text: string, most: number) => cut(text, most, inert);

/** PagerDuty, by the Events API v2. */
export const pagerduty = defineChannel({
  name: 'pagerduty',
  inputs: ['pagerduty-key', 'pagerduty-url'],
  pagesOnly: true,
  spacingMs: 1_000,
  form: (message, settings, { now, repository }) => {
    const { title, tone, body, facts, next, links, page } = message;
    if (!page) throw new Error('there is nothing to tell an on-call service');
    const details = [['What', body], ...facts.map(({ name, value }) => [name, value]), ['Next', next]];
    const event = {
      routing_key: settings['pagerduty-key'],
      event_action: page.action,
      dedup_key: page.key,
      payload: {
        summary: plain(title, limits.summary),
        source: plain(repository, limits.source),
        severity: page.severity,
        timestamp: isoInstant(now),
        class: tone,
        custom_details: Object.fromEntries(
          details.map(([name, value]) => [name, plain(value!, limits.detail)]),
        ),
      },
      client: 'devops-actions',
      ...(links[0] ? { client_url: links[0].url } : {}),
      links: links.map(({ text, url }) => ({ href: url, text: inert(text) })),
    };
    return { url: settings['pagerduty-url']!, headers: json, body: JSON.stringify(event) };
  },
  doubt: (status) => (status === 202 ? undefined : 'PagerDuty confirms an event with 202'),
});
