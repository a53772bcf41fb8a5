import { createHash } from 'node:crypto';
import type { Notification, Page } from '../contracts/notification.js';
import { isoInstant, parseInstant } from '../time/instant.js';
import { characters } from './text.js';

/** Where and by whom a report was made, as the run that tells it knows. */
export interface Setting {
  /** Such as `acme/shop`. */
  repository: string;
  /** Origin of GitHub's pages; links lead nowhere else. */
  serverUrl: string;
  runUrl: string;
  actor: string;
  /** Of reports that do not name them. */
  environment: string | undefined;
  service: string | undefined;
  /** ISO instant at which the message is made. */
  now: string;
}

/** What a kind of report says; the rest is the same for all of them. */
export interface News {
  tone: Notification['tone'];
  title: string;
  body: string;
  next: string;
  changed: boolean;
  environment?: string | undefined;
  service?: string | undefined;
  since: string;
  who?: string | undefined;
  facts?: Record<string, string | undefined>;
  /** The run that made the report, when it says so. */
  run?: string | undefined;
  links?: { text: string; url: string | undefined }[];
  page?: Omit<Page, 'key'> & { of: 'release' | 'smoke-test' | 'migration' | { incident: number } };
}

/** An instant as people read it, to the second; a text that is none stays. */
function readable(instant: string): string {
  const at = parseInstant(instant);
  return at === undefined ? instant : `${isoInstant(at).slice(0, 19).replace('T', ' ')} UTC`;
}

/** Longest texts of a message, in characters; every channel cuts further at its own limits. */
const longest = { title: 200, body: 2_000, value: 300, next: 1_500 };

/**
 * A message in the one form that every channel formats. Text of others is made plain, links lead to the GitHub server
 * only.
 */
export function compose(news: News, setting: Setting): Notification {
  const environment = news.environment ?? setting.environment;
  const service = news.service ?? setting.service;
  const run = onServer(news.run, setting.serverUrl) ?? onServer(setting.runUrl, setting.serverUrl);
  const links = [{ text: 'Run', url: run }, ...(news.links ?? [])].flatMap(({ text, url }) => {
    const safe = onServer(url, setting.serverUrl);
    return safe === undefined ? [] : [{ text: characters(text, 60), url: safe }];
  });
  const facts = {
    Service: service,
    Environment: environment,
    Repository: setting.repository,
    'Started by': news.who ?? setting.actor,
    Since: readable(news.since),
    ...news.facts,
  };
  return {
    schema: 'devops-actions/notification@1',
    tone: news.tone,
    title: characters(news.title, longest.title),
    body: characters(news.body, longest.body),
    facts: Object.entries(facts).flatMap(([name, value]) =>
      value ? [{ name, value: characters(value, longest.value) }] : [],
    ),
    next: characters(news.next, longest.next),
    links,
    changed: news.changed,
    ...(news.page
      ? {
          page: {
            action: news.page.action,
            severity: news.page.severity,
            key:
              typeof news.page.of === 'string'
                ? pageKey(setting.repository, environment, service, news.page.of)
                : // A triage may move it to another service; the number stays.
                  pageKey(setting.repository, undefined, undefined, `incident-${news.page.of.incident}`),
          },
        }
      : {}),
  };
}

/**
 * Names of service and environment meet here as GitHub and labels see them: without regard to case. Long ones are
 * shortened by their hash.
 */
function pageKey(repository: string, environment = '', service = '', of: string): string {
  const key = ['devops-actions', repository, environment, service, of]
    .map((part) => encodeURIComponent(part.toLowerCase()).replaceAll('%2F', '/'))
    .join(':');
  return key.length <= 255 ? key : `devops-actions:${createHash('sha256').update(key).digest('hex')}`;
}

/** The URL, when it is an https page of the server; anything else that a report names is no link. */
function onServer(url: string | undefined, serverUrl: string): string | undefined {
  if (url === undefined || !URL.canParse(url) || !URL.canParse(serverUrl)) return undefined;
  const parsed = new URL(url);
  const safe = parsed.protocol === 'https:' && parsed.origin === new URL(serverUrl).origin;
  return safe && parsed.username === '' && parsed.password === '' && parsed.href.length <= 2_000
    ? parsed.href.replace(/[()|<>'"\\`*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    : undefined;
}
