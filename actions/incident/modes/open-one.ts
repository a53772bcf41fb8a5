import type { ReportedIncident } from '../../../shared/contracts/reports/incident-report.js';
import { GitHubError } from '../../../shared/github/problem.js';
import type { IncidentMarker } from '../../../shared/ledger/incident-marker.js';
import { worst } from '../../../shared/ledger/incident-node.js';
import { openIncident } from '../../../shared/ledger/incidents.js';
import { isoInstant } from '../../../shared/time/instant.js';
import { deadlineOf, dutyOf } from '../config/schema.js';
import { changeIncident, comment, isRefusal, prove, reported, withSeverity, writeIncident } from '../keep.js';
import { lockPorts, type IncidentPorts } from '../ports.js';
import { noteText, oneLine, openingText, statusText } from '../text.js';

/** What an incident is opened about. */
export interface NewTrouble {
  title: string;
  /** Markdown, texts of others escaped. */
  what: string;
  place: Pick<IncidentMarker, 'service' | 'environment' | 'severity'>;
  fingerprint: string;
  origin: NonNullable<IncidentMarker['origin']>;
  untriaged?: readonly string[];
  alert?: string;
  causedBy?: number;
  reportedIn?: number;
}

/**
 * Opens one incident, or adds to the open one of the same fingerprint and raises it where this is worse. Any number of
 * runs at the same time open one.
 */
export async function openOne(
  ports: IncidentPorts,
  trouble: NewTrouble,
): Promise<{ incident: ReportedIncident; notes: string[] }> {
  const { github, read, writers, by, run } = ports;
  const { rules } = read;
  const { place, fingerprint, origin, what, untriaged = [] } = trouble;
  const now = github.now();
  const deadline = deadlineOf(rules, place.severity, now);
  const marker: IncidentMarker = {
    schema: 'devops-actions/incident@1',
    ...place,
    fingerprint,
    openedAt: isoInstant(now),
    origin,
    ...(deadline === undefined ? {} : { deadline: isoInstant(deadline) }),
    ...(untriaged.length > 0 ? { untriaged: [...untriaged] } : {}),
    ...(trouble.alert === undefined ? {} : { alert: oneLine(trouble.alert) }),
    ...(trouble.causedBy === undefined ? {} : { causedBy: trouble.causedBy }),
    ...(trouble.reportedIn === undefined ? {} : { reportedIn: trouble.reportedIn }),
  };
  const title = oneLine(trouble.title);
  const opened = await openIncident(
    github,
    {
      title,
      body: `${openingText(what, place, rules, { untriaged, run })}\n\n${statusText(marker)}`,
      again: noteText(what, { by, at: now, run }),
      marker,
      labels: untriaged.length > 0 ? ['untriaged'] : [],
    },
    writers,
    lockPorts(ports),
  );
  const notes =
    opened.doubt === undefined
      ? []
      : [`Another run at the same moment may have opened the same incident: ${opened.doubt}`];
  const issue = { number: opened.number, url: opened.url, title };
  if (opened.fresh) {
    notes.push(...(await assign(ports, opened.number, place.service)));
    return { incident: reported(issue, marker, 'opened'), notes };
  }
  return { incident: await raise(ports, issue, marker), notes };
}

/** The open incident of the same trouble; worse than it was, its severity goes up, and never down. */
async function raise(
  ports: IncidentPorts,
  issue: Pick<ReportedIncident, 'number' | 'url' | 'title'>,
  fresh: IncidentMarker,
): Promise<ReportedIncident> {
  const found = await prove(ports, issue.number);
  if (isRefusal(found)) return reported(issue, fresh, 'updated');
  const { title } = found.incident;
  if (worst(found.marker.severity, fresh.severity) === found.marker.severity)
    return reported({ ...issue, title }, found.marker, 'updated');
  const raised = await changeIncident({ ...ports, lock: lockPorts(ports) }, issue.number, async (proved) => {
    const marker = withSeverity(proved.marker, fresh.severity, ports.read.rules, ports.github.now());
    await writeIncident(ports, proved, { marker });
    await comment(ports, issue.number, `It got worse: ${proved.marker.severity} → ${marker.severity}.`);
    return marker;
  });
  return reported({ ...issue, title }, 'done' in raised ? raised.done : found.marker, 'updated');
}

/** Assigns who is on call; a name that GitHub does not take keeps no incident from being opened. */
async function assign({ github, read }: IncidentPorts, number: number, service: string): Promise<string[]> {
  const { assign: assignees } = dutyOf(read.rules, service);
  if (assignees.length === 0) return [];
  try {
    await github.rest('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
      issue_number: number,
      assignees,
    });
    return [];
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    return [`Nobody was assigned to #${number}: ${error.message}`];
  }
}
