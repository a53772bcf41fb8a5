import type { IncidentReport, ReportedIncident } from '../../shared/contracts/reports/incident-report.js';
import { code, escapeMarkdown, link, table } from '../../shared/report/markdown.js';
import { formatDuration } from '../../shared/time/duration.js';
import { scopeText, signs } from './text.js';

const marks: Record<IncidentReport['result'], string> = {
  opened: '🚨',
  updated: '🚨',
  triaged: '🔎',
  contained: '🧯',
  'not-contained': '❌',
  noted: '📝',
  resolved: '✅',
  closed: '✅',
  reopened: '↩️',
  refused: '❌',
  swept: '🧹',
  nothing: '➖',
};

const readable = (instant: string | null, none: string) =>
  instant === null ? none : `${instant.slice(0, 16).replace('T', ' ')}`;

/** The job summary: what was done, the incidents as they stand, and what a person does now. Times in UTC. */
export function render(report: IncidentReport): string {
  const { result, message, reasons, notes, incidents, contained, hooks, rules } = report;
  const more = reasons.filter((reason) => reason !== message);
  return [
    `## ${marks[result]} ${escapeMarkdown(message)}`,
    ...more.map((reason) => `- ${escapeMarkdown(reason)}`),
    ...(incidents.length === 0 ? [] : [incidentTable(incidents)]),
    ...(contained.length === 0
      ? []
      : [
          table(
            ['', 'Hook', 'For', 'What it said'],
            contained.map(({ hook, tenant, ok, message: said }) => [
              ok ? '✅' : '❌',
              code(hook),
              tenant === null ? 'everybody' : code(tenant),
              escapeMarkdown(said),
            ]),
          ),
        ]),
    ...(hooks.length === 0
      ? []
      : [
          `Hooks that these alerts want: ${hooks.map(({ hook, issue }) => `${code(hook)} for #${issue}`).join(', ')}`,
        ]),
    ...nextOf(report),
    ...notes.map((note) => `ℹ️ ${escapeMarkdown(note)}`),
    `Rules: ${code(rules.path)}${rules.commit === null ? ', the defaults' : ` at ${code(rules.commit.slice(0, 12))}`}`,
    '',
  ].join('\n\n');
}

function incidentTable(incidents: readonly ReportedIncident[]): string {
  return table(
    ['', 'Incident', 'Where', 'Whom', 'Answer by (UTC)', 'Answered', 'Resolved'],
    incidents.map((one) => [
      `${signs[one.severity]} ${one.severity}`,
      `${link(`#${one.number}`, one.url)} ${escapeMarkdown(one.title)}`,
      one.untriaged.length > 0 ? 'untriaged' : escapeMarkdown(`${one.service} in ${one.environment}`),
      scopeText(one.scope),
      readable(one.deadline, 'next cycle'),
      one.acknowledged ? code(one.acknowledged.by) : 'nobody yet',
      one.timeToRestoreMs === null ? 'no' : `after ${formatDuration(one.timeToRestoreMs)}`,
    ]),
  );
}

/** What a person does now; pure. */
function nextOf({ incidents: [first], result }: IncidentReport): string[] {
  if (!first || result === 'closed' || result === 'refused') return [];
  if (first.untriaged.length > 0)
    return [
      `**Now:** run mode triage on #${first.number} with its service: ${escapeMarkdown(first.untriaged.join('; '))}.`,
    ];
  if (first.resolvedAt !== null)
    return [`**Now:** write the post-mortem as a comment of #${first.number}, then run mode close.`];
  if (first.acknowledged === null)
    return [`**Now:** answer it: run mode triage on #${first.number}, and say whom it meets.`];
  return [`**Now:** contain or fix it; run mode resolve on #${first.number} when users are well again.`];
}
