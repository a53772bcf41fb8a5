import type { IncidentReport, ReportedIncident } from '../../contracts/reports/incident-report.js';
import type { Page } from '../../contracts/notification.js';
import { formatDuration } from '../../time/duration.js';
import { parseInstant } from '../../time/instant.js';
import type { News } from '../message.js';

const severities: Record<ReportedIncident['severity'], Page['severity']> = {
  critical: 'critical',
  high: 'error',
  medium: 'warning',
  low: 'info',
};

const readable = (instant: string) => `${instant.slice(0, 16).replace('T', ' ')} UTC`;

/** Tone, and what an on-call service is told, by what the step did. */
const kinds: Record<
  IncidentReport['result'],
  { tone: News['tone']; page?: Page['action']; changed: boolean }
> = {
  opened: { tone: 'incident', page: 'trigger', changed: true },
  updated: { tone: 'incident', page: 'trigger', changed: true },
  reopened: { tone: 'incident', page: 'trigger', changed: true },
  triaged: { tone: 'incident', page: 'acknowledge', changed: true },
  contained: { tone: 'incident', page: 'acknowledge', changed: true },
  'not-contained': { tone: 'failure', changed: true },
  noted: { tone: 'success', changed: false },
  resolved: { tone: 'success', page: 'resolve', changed: true },
  closed: { tone: 'success', page: 'resolve', changed: true },
  refused: { tone: 'failure', changed: true },
  swept: { tone: 'success', changed: false },
  nothing: { tone: 'success', changed: false },
};

/**
 * What people are told of an incident. The event of an on-call service has its severity and the instant by which
 * somebody has to have answered; each incident has a key of its own there, from its opening to its end.
 */
export function tellIncident(report: IncidentReport): News {
  const { result, message, incidents, by, at, run, notes } = report;
  const [first] = incidents;
  const late = incidents.filter(({ change }) => change === 'escalated');
  const kind =
    result === 'swept' && late.length > 0 ? { tone: 'incident' as const, changed: true } : kinds[result];
  const page = result === 'swept' && late.length > 0 ? 'trigger' : kinds[result].page;
  // A person is at it: an alert that comes again wakes nobody, and the key of its page is acknowledged already.
  const silent = page === 'acknowledge' && !first?.acknowledged;
  return {
    tone: kind.tone,
    title: first ? titleOf(first, result) : message,
    body: [message, ...notes, ...incidents.slice(1).map((one) => titleOf(one, one.change))].join('\n'),
    next: nextOf(report),
    changed: kind.changed,
    environment: first?.environment,
    service: first?.service,
    since: first?.openedAt ?? at,
    who: by,
    facts: {
      Severity: first?.severity,
      'Answer by': first && (first.deadline ? readable(first.deadline) : 'the next cycle'),
      'Time to answer': first?.deadline
        ? formatDuration((parseInstant(first.deadline) ?? 0) - (parseInstant(first.openedAt) ?? 0))
        : undefined,
      Answered: first?.acknowledged?.by,
      'Time to restore':
        first?.timeToRestoreMs === null || first === undefined
          ? undefined
          : formatDuration(first.timeToRestoreMs),
    },
    run,
    links: incidents.slice(0, 3).map(({ number, url }) => ({ text: `Incident #${number}`, url })),
    ...(first && page && !silent
      ? { page: { action: page, severity: severities[first.severity], of: { incident: first.number } } }
      : {}),
  };
}

function titleOf(
  { number, title, severity, service, environment, untriaged }: ReportedIncident,
  did: string,
) {
  const where = untriaged.length > 0 ? 'untriaged' : `${service} in ${environment}`;
  return `Incident #${number} ${did} (${severity}, ${where}): ${title}`;
}

function nextOf({ incidents: [first], result }: IncidentReport): string {
  if (!first) return result === 'refused' ? 'Open the run: it says what to change.' : 'Nothing to do.';
  if (result === 'closed') return 'Nothing to do.';
  if (result === 'resolved') return 'Write the post-mortem as a comment of the issue, then run mode close.';
  if (result === 'refused' || result === 'not-contained') return 'Open the run: it says what to change.';
  return first.acknowledged
    ? 'Contain or fix it, then run mode resolve.'
    : 'Answer it: run mode triage of the workflow of incidents.';
}
