import { createHmac } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { createAuthority } from './certificates.js';
import { serveRecording, type Asked, type RecordingServer } from './recording.js';

/** Secrets of the stand-ins, of the form that the services give out. */
export const secrets = {
  slackPath: '/services/T0AB12CD3/B0EF45GH6/qWeRtYuIoPaSdFgHjKlZxCvB',
  teamsPath: '/workflows/4f6e1c0b9a8d/triggers/manual/paths/invoke',
  teamsSignature: 'sUpErSeCrEtSiGnAtUrE0123456789',
  pagerdutyKey: 'a1b2c3d4e5f60718293a4b5c6d7e8f90',
  webhookPath: '/hooks/release-news-58213',
  webhookSecret: 'hmac-key-of-the-receiver-4711',
};

export type ChannelName = 'slack' | 'teams' | 'pagerduty' | 'webhook';

/** How a service answers instead of judging what came; undefined lets it judge. */
export type Mood = (response: ServerResponse) => void;

/**
 * Stand-ins of the four services on one server: each refuses what the published format of the service does not allow,
 * as the service does.
 */
export interface NotifyServer {
  ca: string;
  inputs: Record<string, string>;
  /** What each service took or refused, newest last. */
  received(channel: ChannelName): { body: unknown; text: string; problems: string[] }[];
  /** Answers of the next requests to a service, one each; after them it is well again. */
  moods: Record<ChannelName, Mood[]>;
  reset(): void;
  close(): Promise<void>;
}

type Json = Record<string, unknown>;

export async function serveNotifyChannels(now: () => number): Promise<NotifyServer> {
  const authority = createAuthority();
  const server: RecordingServer = await serveRecording(authority.issue({ names: ['127.0.0.1'] }));
  const taken = new Map<ChannelName, { body: unknown; text: string; problems: string[] }[]>();
  const moods: NotifyServer['moods'] = { slack: [], teams: [], pagerduty: [], webhook: [] };
  const services = {
    slack: { path: secrets.slackPath, judge: (body: Json) => slackProblems(body), status: 200, answer: 'ok' },
    teams: { path: secrets.teamsPath, judge: teamsProblems, status: 202, answer: '' },
    pagerduty: { path: '/v2/enqueue', judge: pagerdutyProblems, status: 202, answer: '{"status":"success"}' },
    webhook: {
      path: secrets.webhookPath,
      judge: (_: Json, asked: Asked) => webhookProblems(asked, now()),
      status: 204,
      answer: '',
    },
  };
  const answer = (asked: Asked, response: ServerResponse) => {
    const path = asked.url?.split('?')[0];
    const found = Object.entries(services).find(([, service]) => service.path === path);
    if (!found || asked.method !== 'POST') return void response.writeHead(404).end('no_service');
    const [name, service] = found as [ChannelName, (typeof services)[ChannelName]];
    const mood = moods[name].shift();
    if (mood) return mood(response);
    const text = asked.body.toString('utf8');
    const body = JSON.parse(text) as Json;
    const problems = service.judge(body, asked);
    if (!/^application\/json/.test(asked.headers['content-type'] ?? '')) problems.push('content-type');
    taken.set(name, [...(taken.get(name) ?? []), { body, text, problems }]);
    if (problems.length > 0) response.writeHead(400).end('invalid_payload');
    else response.writeHead(service.status).end(service.answer);
  };
  server.answer = answer;
  return {
    ca: authority.ca,
    inputs: {
      'slack-webhook': `${server.url}${secrets.slackPath}`,
      'teams-webhook': `${server.url}${secrets.teamsPath}?api-version=1&sig=${secrets.teamsSignature}`,
      'pagerduty-key': secrets.pagerdutyKey,
      'pagerduty-url': `${server.url}/v2/enqueue`,
      'webhook-url': `${server.url}${secrets.webhookPath}`,
      'webhook-secret': secrets.webhookSecret,
    },
    received: (channel) => taken.get(channel) ?? [],
    moods,
    reset() {
      taken.clear();
      for (const name of Object.keys(moods) as ChannelName[]) moods[name] = [];
    },
    close: () => server.close(),
  };
}

const isText = (value: unknown, most: number) =>
  typeof value === 'string' && value !== '' && value.length <= most;
const only = (value: object, ...keys: string[]) => Object.keys(value).filter((key) => !keys.includes(key));

/** Block Kit: https://docs.slack.dev/reference/block-kit/blocks */
function slackProblems(body: Json): string[] {
  const problems = only(body, 'text', 'blocks', 'unfurl_links', 'unfurl_media').map(
    (key) => `unknown ${key}`,
  );
  const text = (value: unknown, most: number, kinds: string[], place: string) => {
    const { type, text, ...rest } = value as Json;
    if (!kinds.includes(String(type))) problems.push(`${place} is ${String(type)}`);
    if (!isText(text, most)) problems.push(`${place} is empty or longer than ${most}`);
    problems.push(
      ...only(rest, type === 'mrkdwn' ? 'verbatim' : 'emoji').map((key) => `${place} has ${key}`),
    );
  };
  if (!isText(body['text'], 40_000)) problems.push('text');
  const blocks = body['blocks'] as Json[];
  if (!Array.isArray(blocks) || blocks.length === 0 || blocks.length > 50) return [...problems, 'blocks'];
  blocks.forEach((block, index) => {
    const place = `blocks[${index}]`;
    if (block['type'] === 'header') text(block['text'], 150, ['plain_text'], place);
    else if (block['type'] === 'section') {
      const fields = block['fields'] as Json[] | undefined;
      if (!block['text'] && !fields) problems.push(`${place} has neither text nor fields`);
      if (block['text']) text(block['text'], 3_000, ['plain_text', 'mrkdwn'], place);
      if (fields && (fields.length === 0 || fields.length > 10))
        problems.push(`${place} has ${fields.length} fields`);
      fields?.forEach((field) => text(field, 2_000, ['plain_text', 'mrkdwn'], `${place} field`));
    } else problems.push(`${place} is ${String(block['type'])}`);
  });
  return problems;
}

/** Messages of 28 KB with an Adaptive Card 1.4: https://adaptivecards.io/explorer/ */
function teamsProblems(body: Json, asked: Asked): string[] {
  const problems = asked.body.length > 28 * 1_024 ? [`${asked.body.length} bytes`] : [];
  const [attachment, ...others] = (body['attachments'] ?? []) as Json[];
  if (body['type'] !== 'message' || others.length > 0) problems.push('not one message with one card');
  if (attachment?.['contentType'] !== 'application/vnd.microsoft.card.adaptive')
    return [...problems, 'contentType'];
  const card = attachment['content'] as Json;
  if (card['type'] !== 'AdaptiveCard' || card['version'] !== '1.4')
    problems.push('type or version of the card');
  if (card['$schema'] !== 'http://adaptivecards.io/schemas/adaptive-card.json') problems.push('$schema');
  const colours = ['default', 'dark', 'light', 'accent', 'good', 'warning', 'attention', undefined];
  for (const element of card['body'] as Json[]) {
    // Only text runs: a TextBlock and a FactSet read markdown, and text of others stands here.
    if (element['type'] === 'RichTextBlock') {
      for (const run of element['inlines'] as Json[]) {
        if (run['type'] !== 'TextRun' || !isText(run['text'], 28_000))
          problems.push('no TextRun, or an empty one');
        if (!colours.includes(run['color'] as string)) problems.push(`colour ${String(run['color'])}`);
        problems.push(...only(run, 'type', 'text', 'weight', 'size', 'color').map((key) => `unknown ${key}`));
      }
    } else problems.push(`element ${String(element['type'])}`);
  }
  for (const action of (card['actions'] ?? []) as Json[])
    if (
      action['type'] !== 'Action.OpenUrl' ||
      !isText(action['title'], 100) ||
      !String(action['url']).startsWith('https://')
    )
      problems.push('action');
  return problems;
}

/** Events API v2: https://developer.pagerduty.com/docs/send-alert-event */
function pagerdutyProblems(body: Json, asked: Asked): string[] {
  const problems = only(
    body,
    'routing_key',
    'event_action',
    'dedup_key',
    'payload',
    'client',
    'client_url',
    'links',
    'images',
  ).map((key) => `unknown ${key}`);
  if (!/^[0-9a-f]{32}$/.test(String(body['routing_key']))) problems.push('routing_key');
  if (!['trigger', 'acknowledge', 'resolve'].includes(String(body['event_action'])))
    problems.push('event_action');
  if (!isText(body['dedup_key'], 255)) problems.push('dedup_key');
  const payload = body['payload'] as Json;
  if (!isText(payload['summary'], 1_024)) problems.push('summary');
  if (!isText(payload['source'], 255)) problems.push('source');
  if (!['critical', 'error', 'warning', 'info'].includes(String(payload['severity'])))
    problems.push('severity');
  if (Number.isNaN(Date.parse(String(payload['timestamp'])))) problems.push('timestamp');
  for (const link of (body['links'] ?? []) as Json[])
    if (!String(link['href']).startsWith('https://')) problems.push('link');
  if (asked.body.length > 512 * 1_024) problems.push('larger than 512 KB');
  return problems;
}

function webhookProblems(asked: Asked, now: number): string[] {
  const timestamp = String(asked.headers['x-devops-actions-timestamp']);
  const hmac = createHmac('sha256', secrets.webhookSecret)
    .update(`${timestamp}.`)
    .update(asked.body)
    .digest('hex');
  return [
    ...(asked.headers['x-devops-actions-signature'] === `sha256=${hmac}` ? [] : ['signature']),
    ...(Math.abs(now / 1_000 - Number(timestamp)) <= 300 ? [] : ['timestamp']),
  ];
}
