import * as z from 'zod';
import { readWorkspaceFile } from '../../../shared/config/load.js';
import { ConfigurationError } from '../../../shared/config/problem.js';
import { nameSchema } from '../../../shared/contracts/formats.js';
import { severitySchema } from '../../../shared/contracts/severity.js';
import { coded } from '../../../shared/contracts/refusal-codes.js';
import { isAtLeast, readAccess, type Role } from '../../../shared/github/role.js';
import { isOurs } from '../../../shared/ledger/incident-node.js';
import { readIncident, type ReadIncident } from '../../../shared/ledger/incidents.js';
import { isWriter } from '../../../shared/ledger/proof/trust.js';
import { changeIncident, reported, writeIncident } from '../keep.js';
import { lockPorts, refused, type Done, type IncidentPorts } from '../ports.js';
import { reopenUnproved, settleClosed } from './settle-closed.js';
import { triageIssue } from './triage.js';

/** What GitHub tells of an event of an issue; the file comes from the runner and not from the issue. */
const eventSchema = z.looseObject({
  action: z.enum(['labeled', 'closed', 'reopened']),
  issue: z.looseObject({ number: z.int().positive(), state_reason: z.string().nullable().optional() }),
  label: z.looseObject({ name: z.string() }).optional(),
  sender: z.looseObject({ login: z.string(), type: z.string().optional() }),
});

type Event = z.output<typeof eventSchema>;

/** The role of who did it; undefined where GitHub does not tell that of a person, as opposed to one who has none. */
async function roleOfSender(
  { github, by }: IncidentPorts,
  { sender }: Event,
): Promise<Role | null | undefined> {
  const access = await readAccess(github, by);
  return access === null && sender.type !== 'Bot' ? undefined : (access?.level ?? null);
}

/** An event comes once: a member's must not be lost silently because GitHub was away. */
function unread({ by }: IncidentPorts, number: number): Done {
  return refused([
    coded(
      'triage-not-allowed',
      `the role of ${by} could not be read, so what they did to #${number} was not followed. Fix: run this job again`,
    ),
  ]);
}

const nothing = (message: string): Done => ({ result: 'nothing', ok: true, message });

/** Reads the event of this run. Throws ConfigurationError when it is none of an issue. */
async function readEvent({ host }: Pick<IncidentPorts, 'host'>): Promise<Event> {
  const { eventName, eventPath, workspace } = host.context;
  const text =
    eventName === 'issues' && eventPath
      ? await readWorkspaceFile(workspace, eventPath, 'mode', 33_554_432)
      : '{}';
  const parsed = eventSchema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new ConfigurationError([
    {
      file: 'the event of this run',
      path: 'action',
      got: eventName,
      allowed: 'issues: labeled, closed or reopened',
      fix: 'run mode follow in a workflow with  on: issues: types: [labeled, closed, reopened]',
    },
  ]);
}

/** Follows what a person did to an issue by hand. What the suite itself did is left alone. */
export async function follow(given: Omit<IncidentPorts, 'by'>): Promise<Done & { by: string }> {
  const event = await readEvent(given);
  const by = event.sender.login;
  const ports: IncidentPorts = { ...given, by };
  if (isWriter({ login: by, bot: event.sender.type === 'Bot' }, ports.writers))
    return { ...nothing('The suite did that itself.'), by };
  const read = await readIncident(ports.github, event.issue.number, ports.writers);
  if (!read) return { ...nothing(`#${event.issue.number} is no issue.`), by };
  const ways = { labeled, closed, reopened };
  return { ...(await ways[event.action](ports, read, event)), by };
}

/** A label of a member is a triage; one that a form put there for an outsider is none. */
async function labeled(ports: IncidentPorts, { incident, node }: ReadIncident, event: Event): Promise<Done> {
  const { number, labels } = incident;
  const named = (prefix: string) =>
    labels
      .filter((label) => label.toLowerCase().startsWith(prefix))
      .map((label) => label.slice(prefix.length).trim());
  if (!labels.some((label) => label.toLowerCase() === 'incident'))
    return nothing(`#${number} is not labelled incident.`);
  const role = await roleOfSender(ports, event);
  if (role === undefined) return unread(ports, number);
  if (!isAtLeast(role ?? undefined, 'triage'))
    return nothing(`#${number} stays untriaged: ${ports.by} may not triage.`);
  const added = severitySchema.safeParse(event.label?.name.toLowerCase().replace(/^severity:\s*/, '')).data;
  const empty = { scope: undefined, reason: '' };
  if (isOurs(node, ports.writers)) {
    const { marker } = incident;
    // Labels that say less change nothing: the worse of label and record counts, until mode triage lowers it.
    const rank = severitySchema.options;
    if (!marker || added === undefined || rank.indexOf(added) >= rank.indexOf(marker.severity))
      return nothing(`The label changes nothing about #${number}.`);
    return triageIssue(ports, number, {
      ...empty,
      service: undefined,
      environment: undefined,
      // What another label says is not lowered by this one.
      severity: incident.severity ?? added,
    });
  }
  const severity = severitySchema.options.find((level) =>
    named('severity:').some((name) => name.toLowerCase() === level),
  );
  const service = nameSchema.safeParse(named('service:')[0]).data;
  if (severity === undefined || service === undefined)
    return nothing(
      `#${number} stays untriaged until it has the labels severity:<level> and service:<name>, or mode triage is run on it.`,
    );
  const environment = ports.read.rules.alerts['default-environment'];
  return triageIssue(ports, number, { ...empty, service, environment, severity });
}

/** An incident that was closed by hand without its post-mortem is opened again, with what it lacks. */
async function closed(ports: IncidentPorts, { incident, node }: ReadIncident, event: Event): Promise<Done> {
  const { number } = incident;
  if (!isOurs({ ...node, lastEditedAt: null }, ports.writers) || incident.open)
    return nothing(`#${number} is no closed incident of the suite.`);
  if (!incident.marker) {
    if (!incident.labels.some((label) => label.toLowerCase() === 'incident'))
      return nothing(`#${number} is no incident.`);
    return reopenUnproved(ports, number);
  }
  return settleClosed(ports, number, event.issue.state_reason === 'not_planned');
}

/** It is not over after all: since when users were well does not count any more. */
async function reopened(ports: IncidentPorts, { incident }: ReadIncident, event: Event): Promise<Done> {
  const { number } = incident;
  if (!incident.marker || !incident.open) return nothing(`#${number} is no open incident of the suite.`);
  const role = await roleOfSender(ports, event);
  if (role === undefined) return unread(ports, number);
  if (!isAtLeast(role ?? undefined, 'triage'))
    return nothing(`#${number} keeps its record: ${ports.by} may not triage.`);
  const done = await changeIncident({ ...ports, lock: lockPorts(ports) }, number, async (proved) => {
    const { resolvedAt: _, postMortem: __, remindedAt: ___, endedAt: ____, ...marker } = proved.marker;
    await writeIncident(ports, proved, { marker });
    return reported(proved.incident, marker, 'reopened');
  });
  if ('refused' in done) return nothing(done.refused);
  return {
    result: 'reopened',
    ok: true,
    message: `Incident #${number} is open again.`,
    incidents: [done.done],
  };
}
