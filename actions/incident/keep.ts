import { coded, type Refusal } from '../../shared/contracts/refusal-codes.js';
import type { ReportedIncident } from '../../shared/contracts/reports/incident-report.js';
import { underIncidentLock } from '../../shared/ledger/incident-lock.js';
import {
  incidentLabels,
  issueBody,
  textBefore,
  writeMarker,
  type IncidentMarker,
} from '../../shared/ledger/incident-marker.js';
import { isOurs, worst, type Incident } from '../../shared/ledger/incident-node.js';
import { readIncident, type ReadIncident } from '../../shared/ledger/incidents.js';
import { isoInstant, parseInstant } from '../../shared/time/instant.js';
import { deadlineOf, type IncidentRules } from './config/schema.js';
import type { IncidentPorts } from './ports.js';
import { labelsOf, noteText, statusText } from './text.js';

/** An incident whose record counts. */
export interface Proved extends ReadIncident {
  marker: IncidentMarker;
}

/** Reads an incident, or says why its record does not count. */
export async function prove(
  { github, writers }: Pick<IncidentPorts, 'github' | 'writers'>,
  number: number,
): Promise<Proved | Refusal> {
  const read = await readIncident(github, number, writers);
  if (!read) return coded('incident-not-proved', `there is no issue #${number}`);
  const { marker } = read.incident;
  if (marker) return { ...read, marker: asLabelled(marker, read.incident) };
  const { author, editor, lastEditedAt } = read.node;
  const why = !isOurs({ ...read.node, lastEditedAt: null }, writers)
    ? `${author?.login ?? 'a deleted account'} opened it`
    : lastEditedAt && !isOurs(read.node, writers)
      ? `${editor?.login ?? 'a deleted account'} edited its text`
      : 'it has no record of the suite';
  return coded(
    'incident-not-proved',
    `#${number} is no incident whose record counts: ${why}. Fix: run mode triage on it with service, environment and severity, which writes the record anew`,
  );
}

/** The record, as bad as the labels say where they say worse: writing it anew must not lower what a label raised. Pure. */
export function asLabelled(marker: IncidentMarker, { severity }: Pick<Incident, 'severity'>): IncidentMarker {
  if (severity === undefined || worst(severity, marker.severity) === marker.severity) return marker;
  return { ...marker, severity, worst: worst(marker.worst, severity) ?? severity };
}

export const isRefusal = (found: Proved | Refusal): found is Refusal => typeof found === 'string';

/**
 * Changes an incident while no other run does: it is read again under the lock, so that no two changes lose each other.
 * Answers why it was not changed, or what `change` gave.
 */
export async function changeIncident<T>(
  ports: IncidentPorts & { lock: Parameters<typeof underIncidentLock>[0] },
  number: number,
  change: (proved: Proved) => Promise<T>,
): Promise<{ refused: Refusal } | { done: T }> {
  const first = await prove(ports, number);
  if (isRefusal(first)) return { refused: first };
  const { result } = await underIncidentLock(ports.lock, first.marker.fingerprint, async (_, keep) => {
    const proved = await prove(ports, number);
    if (isRefusal(proved)) return { number, result: { refused: proved } };
    await keep();
    return { number, result: { done: await change(proved) } };
  });
  return result;
}

interface Write {
  marker: IncidentMarker;
  state?: 'open' | 'closed';
  stateReason?: 'completed' | 'not_planned' | 'reopened';
}

/** Writes the record, its status and labels; the text of the issue before them stays. */
export async function writeIncident(
  { github }: Pick<IncidentPorts, 'github'>,
  { incident, node }: ReadIncident,
  { marker, state, stateReason }: Write,
): Promise<void> {
  await github.rest('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
    issue_number: incident.number,
    body: issueBody(textBefore(node.body), `${statusText(marker)}\n\n${writeMarker(marker)}\n`),
    labels: labelsOf(incident.labels, incidentLabels(marker), marker),
    ...(state ? { state } : {}),
    ...(stateReason ? { state_reason: stateReason } : {}),
  });
}

/** Adds a line to the timeline, which is the row of comments. */
export async function comment(
  { github, by, run }: Pick<IncidentPorts, 'github' | 'by' | 'run'>,
  number: number,
  text: string,
): Promise<void> {
  await github.rest('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
    issue_number: number,
    body: noteText(text, { by, at: github.now(), run }),
  });
}

/** The record with somebody's answer, unless there is one. Pure. */
export function acknowledge(marker: IncidentMarker, by: string, at: number): IncidentMarker {
  return marker.acknowledged ? marker : { ...marker, acknowledged: { by, at: isoInstant(at) } };
}

/** The record with another severity: worse, the deadline is never later than it was. Pure. */
export function withSeverity(
  marker: IncidentMarker,
  severity: IncidentMarker['severity'],
  rules: IncidentRules,
  now: number,
): IncidentMarker {
  if (severity === marker.severity) return marker;
  const worse = worst(severity, marker.severity) === severity;
  const fresh = deadlineOf(rules, severity, worse ? now : (parseInstant(marker.openedAt) ?? now));
  const old = marker.deadline === undefined ? undefined : parseInstant(marker.deadline);
  const deadline = worse && old !== undefined && fresh !== undefined ? Math.min(old, fresh) : fresh;
  const { deadline: _, ...rest } = marker;
  return {
    ...rest,
    severity,
    worst: worst(marker.worst, worst(marker.severity, severity)) ?? severity,
    ...(deadline === undefined ? {} : { deadline: isoInstant(deadline) }),
  };
}

/** The incident as the report has it. Pure. */
export function reported(
  { number, url, title }: Pick<ReportedIncident, 'number' | 'url' | 'title'>,
  marker: IncidentMarker,
  change: ReportedIncident['change'],
): ReportedIncident {
  const { resolvedAt, openedAt } = marker;
  const restored =
    resolvedAt === undefined ? null : (parseInstant(resolvedAt) ?? 0) - (parseInstant(openedAt) ?? 0);
  return {
    number,
    url,
    title,
    change,
    service: marker.service,
    environment: marker.environment,
    severity: marker.severity,
    untriaged: marker.untriaged ?? [],
    scope: marker.scope ?? null,
    openedAt,
    deadline: marker.deadline ?? null,
    acknowledged: marker.acknowledged ?? null,
    resolvedAt: resolvedAt ?? null,
    timeToRestoreMs: restored === null ? null : Math.max(0, restored),
    postMortem: marker.postMortem ?? null,
  };
}
