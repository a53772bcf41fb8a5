import { coded, type Refusal } from '../../../shared/contracts/refusal-codes.js';
import type {
  IncidentQuestion,
  ReportedIncident,
} from '../../../shared/contracts/reports/incident-report.js';
import { isAtLeast, type Role } from '../../../shared/github/role.js';
import { underIncidentLock } from '../../../shared/ledger/incident-lock.js';
import type { IncidentMarker } from '../../../shared/ledger/incident-marker.js';
import { isOurs, worst } from '../../../shared/ledger/incident-node.js';
import { readIncident, type ReadIncident } from '../../../shared/ledger/incidents.js';
import { isoInstant } from '../../../shared/time/instant.js';
import { doubtAsker, roleOfAsker } from '../actor.js';
import { decideSeverity } from '../decide/severity.js';
import { acknowledge, asLabelled, comment, reported, withSeverity, writeIncident } from '../keep.js';
import { lockPorts, refused, type Done, type IncidentPorts } from '../ports.js';
import { code } from '../../../shared/report/markdown.js';
import { quote, scopeText } from '../text.js';
import { takeOver, type Triage } from './take-over.js';

const scopeOf = (tenants: readonly string[]): IncidentMarker['scope'] => {
  if (tenants.length === 0) return undefined;
  return tenants.some((tenant) => tenant.toLowerCase() === 'all') ? 'everybody' : [...tenants];
};

/** Says where an incident belongs, whom it meets and how bad it is, on the word of a member. */
export async function triage(ports: IncidentPorts): Promise<Done> {
  const { input } = ports;
  return triageIssue(ports, input.issue!, {
    service: input.service,
    environment: input.environment,
    severity: input.severity,
    scope: scopeOf(input.tenants),
    reason: input.text ?? '',
  });
}

/**
 * The same for any issue. One of somebody else becomes an incident of the suite that names it; one whose record does not
 * count any more gets a new one.
 */
export async function triageIssue(ports: IncidentPorts, number: number, said: Triage): Promise<Done> {
  const { github, writers, by } = ports;
  const role = await roleOfAsker(ports);
  const doubt = doubtAsker(by, role);
  if (doubt) return refused([doubt]);
  const read = await readIncident(github, number, writers);
  if (!read) return refused([coded('incident-not-proved', `there is no issue #${number}`)]);
  if (!read.incident.open)
    return refused([coded('incident-over', `issue #${number} is closed: open it again if it is not over`)]);
  if (!isOurs({ ...read.node, lastEditedAt: null }, writers)) return takeOver(ports, read, said);
  const fingerprint = read.incident.marker?.fingerprint ?? `issue:${number}`;
  const { done } = await underIncidentLock(lockPorts(ports), fingerprint, async (_, keep) => {
    const again = (await readIncident(github, number, writers)) ?? read;
    await keep();
    return { number, done: await write(ports, again, said, role) };
  });
  return done;
}

async function write(
  ports: IncidentPorts,
  read: ReadIncident,
  said: Triage,
  role: Role | null,
): Promise<Done> {
  const { by, github } = ports;
  const { rules } = ports.read;
  const { number } = read.incident;
  const known =
    read.incident.marker ?? anew(read, said, isAtLeast(role ?? undefined, rules.triage['lower-role']));
  if (typeof known === 'string') return refused([known]);
  const labelled = asLabelled(known, read.incident);
  const facts = {
    current: labelled.severity,
    asked: said.severity ?? null,
    by,
    role,
    lowerRole: rules.triage['lower-role'],
    reason: said.reason,
  };
  const answer = decideSeverity(facts);
  const question: IncidentQuestion = { kind: 'severity', ...facts, answer: answer.is };
  if (answer.is === 'refused')
    return { ...refused([answer.why], [reported(read.incident, known, 'none')]), question };
  const now = github.now();
  const placed: IncidentMarker = {
    ...withSeverity(acknowledge(known, by, now), answer.severity, rules, now),
    ...(labelled.worst === undefined
      ? {}
      : { worst: worst(labelled.worst, answer.severity) ?? answer.severity }),
    ...(said.service === undefined ? {} : { service: said.service }),
    // Alone it is what a form has by default, and no word about this incident.
    ...(said.service === undefined || said.environment === undefined
      ? {}
      : { environment: said.environment }),
    ...(said.scope === undefined ? {} : { scope: said.scope }),
  };
  const { untriaged, ...rest } = placed;
  const marker: IncidentMarker = said.service === undefined && untriaged ? placed : rest;
  await writeIncident(ports, read, { marker });
  await comment(ports, number, toldText(labelled, marker, said));
  const incident: ReportedIncident = reported(read.incident, marker, 'triaged');
  return {
    result: 'triaged',
    ok: true,
    message: `Incident #${number} is triaged: ${marker.severity}, ${marker.service} in ${marker.environment}.`,
    incidents: [incident],
    notes: marker.untriaged
      ? [`#${number} is untriaged until somebody says its service: run mode triage with service.`]
      : [],
    question,
  };
}

/** A record for an issue of ours whose own does not count any more; nothing of the old one is believed. */
function anew({ incident, node }: ReadIncident, said: Triage, mayLower: boolean): IncidentMarker | Refusal {
  const { service, environment, severity } = said;
  if (service === undefined || environment === undefined || severity === undefined)
    return coded(
      'incident-not-proved',
      `the record of #${incident.number} does not count any more, since ${node.editor?.login ?? 'somebody'} edited its text. Fix: under "with:" give service, environment and severity, and it is written anew`,
    );
  return {
    schema: 'devops-actions/incident@1',
    service,
    environment,
    // Nobody knows how bad it was, since labels can be changed as its text was: less than the worst takes the right to
    // lower it, and what the labels say is not lowered without a reason.
    severity: mayLower ? (incident.severity ?? severity) : 'critical',
    fingerprint: `issue:${incident.number}`,
    openedAt: isoInstant(incident.createdAt),
    origin: 'person',
  };
}

function toldText(before: IncidentMarker, after: IncidentMarker, { reason }: Triage): string {
  const lines = [
    before.severity === after.severity
      ? `Severity: ${after.severity}.`
      : `Severity: ${before.severity} → **${after.severity}**.`,
    ...(before.service === after.service && before.environment === after.environment
      ? []
      : [
          `It was in ${code(before.service)} in ${code(before.environment)}, and is in **${code(after.service)} in ${code(after.environment)}** now: releases of that one are held.`,
        ]),
    `It meets ${scopeText(after.scope)}.`,
  ];
  return [`**Triage.** ${lines.join(' ')}`, ...(reason === '' ? [] : [quote(reason)])].join('\n\n');
}
