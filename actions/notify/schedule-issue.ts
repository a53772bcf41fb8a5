import * as z from 'zod';
import { instantSchema } from '../../shared/contracts/formats.js';
import type { Notification, NotifyReport } from '../../shared/contracts/notification.js';
import type { GitHub } from '../../shared/github/client.js';
import { code, escapeMarkdown, link } from '../../shared/report/markdown.js';

/** The workflow that runs on a schedule, and what it is about. */
export interface Schedule {
  workflow: string;
  environment: string | undefined;
  service: string | undefined;
  /** Page of this run. */
  run: string;
  /** ISO instant. */
  now: string;
}

const label = 'schedule-failed';
const [open, close] = ['<!-- devops-actions:schedule ', ' -->'];

const markerSchema = z.strictObject({ key: z.string(), since: instantSchema, times: z.int().positive() });
type Marker = z.output<typeof markerSchema>;

const keyOf = ({ workflow, environment, service }: Schedule) =>
  [workflow, environment ?? '', service ?? ''].join(' ').toLowerCase();

function readMarker(body: string): Marker | undefined {
  const start = body.lastIndexOf(open);
  const end = body.indexOf(close, start);
  if (start < 0 || end < 0) return undefined;
  try {
    return markerSchema.safeParse(JSON.parse(body.slice(start + open.length, end))).data;
  } catch {
    return undefined;
  }
}

const writeMarker = (marker: Marker) =>
  `${open}${JSON.stringify(marker).replace(/[<>-]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}${close}`;

/**
 * Keeps one issue for a workflow that runs on a schedule: opens it at the first failure, brings it up to date at the next
 * ones without telling anybody again, and closes it once a run succeeds. Needs `issues: write`.
 */
export async function keepIssue(
  github: GitHub,
  schedule: Schedule,
  succeeded: boolean,
  news: Pick<Notification, 'title' | 'body' | 'next'>,
): Promise<NonNullable<NotifyReport['issue']> | undefined> {
  const key = keyOf(schedule);
  const { items } = await github.pages(
    'GET /repos/{owner}/{repo}/issues',
    { labels: label, state: 'open', per_page: 100 },
    (page) => page,
  );
  // Anybody may write such a line: only what a bot wrote is ours.
  const known = items.find(({ user, body }) => user?.type === 'Bot' && readMarker(body ?? '')?.key === key);
  const marker = known && readMarker(known.body ?? '');
  if (succeeded) {
    if (!known) return undefined;
    const issue_number = known.number;
    const body = `${link('This run', schedule.run)} succeeded.`;
    await github.rest('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', { issue_number, body });
    await github.rest('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
      issue_number,
      state: 'closed',
      state_reason: 'completed',
    });
    return { is: 'closed', number: known.number, url: known.html_url };
  }
  const next: Marker = { key, since: marker?.since ?? schedule.now, times: (marker?.times ?? 0) + 1 };
  const body = textOf(schedule, next, news);
  if (known) {
    await github.rest('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
      issue_number: known.number,
      body,
    });
    return { is: 'updated', number: known.number, url: known.html_url };
  }
  const place = [schedule.service, schedule.environment].filter(Boolean).join(' in ');
  const created = await github.rest('POST /repos/{owner}/{repo}/issues', {
    title: `${schedule.workflow.split('/').at(-1)} fails${place ? ` for ${place}` : ''}`.slice(0, 256),
    body,
    labels: [label],
  });
  return { is: 'opened', number: created.number, url: created.html_url };
}

function textOf(
  { run, workflow }: Schedule,
  marker: Marker,
  { title, body, next }: Pick<Notification, 'title' | 'body' | 'next'>,
): string {
  const times = marker.times === 1 ? 'once' : `${marker.times} times`;
  return [
    `**${escapeMarkdown(title)}**`,
    escapeMarkdown(body).slice(0, 20_000),
    `**Now:** ${escapeMarkdown(next)}`,
    `${code(workflow)} failed ${times} since ${code(marker.since)}; ${link('the newest run', run)}. The next run that succeeds closes this issue.`,
    writeMarker(marker),
  ].join('\n\n');
}
