import type { ReportedIncident } from '../../../shared/contracts/reports/incident-report.js';
import type { Incident } from '../../../shared/ledger/incidents.js';
import { listIncidents } from '../../../shared/ledger/incidents.js';
import { GitHubError } from '../../../shared/github/problem.js';
import { isoInstant, parseInstant } from '../../../shared/time/instant.js';
import { groupAlerts, hooksFor, type AlertGroup } from '../alerts/map.js';
import { readAlerts } from '../alerts/payload.js';
import { changeIncident, comment, reported, writeIncident } from '../keep.js';
import { lockPorts, type Done, type IncidentPorts } from '../ports.js';
import { alertText } from '../text.js';
import { openOne } from './open-one.js';

/** Incidents that one body opens; what is beyond goes into one more, so that nothing is dropped. */
const mostGroups = 20;

/** Opens, or adds to, an incident for each trouble in a body of alerts; alerts that are over are told to theirs. */
export async function openAlerts(ports: IncidentPorts, text: string, file: string): Promise<Done> {
  const { alerts, truncated } = readAlerts(text, file, ports.input['alert-status']);
  const rules = ports.read.rules.alerts;
  const all = groupAlerts(alerts, rules);
  const groups = [...all.slice(0, mostGroups), ...overflow(all.slice(mostGroups))];
  const incidents: ReportedIncident[] = [];
  const notes: string[] = truncated > 0 ? [`The sender left out ${truncated} alerts.`] : [];
  const hooks: NonNullable<Done['hooks']> = [];
  // One after the other: GitHub asks for that where issues are written.
  const failures: GitHubError[] = [];
  const tell = async (group: AlertGroup): Promise<void> => {
    if (group.status === 'resolved') {
      const ended = await endAlert(ports, group, truncated);
      if (typeof ended === 'string') notes.push(ended);
      else incidents.push(ended);
      return;
    }
    const opened = await openOne(ports, {
      title: `${group.name}${group.untriaged.length > 0 ? '' : `: ${group.service} in ${group.environment}`}`,
      what: alertText(group.alerts, 0),
      place: { service: group.service, environment: group.environment, severity: group.severity },
      fingerprint: group.fingerprint,
      origin: 'alert',
      untriaged: group.untriaged,
      alert: group.name,
    });
    incidents.push(opened.incident);
    notes.push(...opened.notes);
    // Nobody knows yet where an untriaged one belongs, so nothing is done about it.
    if (group.untriaged.length > 0) return;
    const { number: issue, environment } = opened.incident;
    hooks.push(
      ...hooksFor(ports.read.rules.contain, group.name).map((hook) => ({ hook, issue, environment })),
    );
  };
  for (const group of groups)
    await tell(group).catch((error: unknown) => {
      // The sender does not come again, so one trouble that GitHub did not take must not silence the others.
      if (!(error instanceof GitHubError)) throw error;
      failures.push(error);
    });
  const done = { ...oneOfAlerts(incidents, notes), hooks };
  const [first] = failures;
  if (!first) return done;
  if (incidents.length === 0) throw first;
  const failed = `${failures.length} of ${groups.length} troubles of this body could not be told: ${failures.map(({ message }) => message).join('; ')}. Fix: run this job again; what is open already is added to, and not opened twice`;
  return { ...done, ok: false, message: `${done.message} ${failed}`, reasons: [failed] };
}

/** What a body has beyond what is opened one by one, as one incident of the worst. */
function overflow(rest: readonly AlertGroup[]): AlertGroup[] {
  const [first] = rest;
  if (!first) return [];
  return [
    {
      ...first,
      name: `${rest.length} more alerts`,
      fingerprint: `${first.fingerprint}:more`,
      status: rest.some(({ status }) => status === 'firing') ? 'firing' : 'resolved',
      alerts: rest.flatMap(({ alerts }) => alerts),
    },
  ];
}

/** Tells an incident that its alerts are over; whether that resolves it is the file's to say. */
async function endAlert(
  ports: IncidentPorts,
  group: AlertGroup,
  truncated: number,
): Promise<ReportedIncident | string> {
  const { github, writers, read } = ports;
  const { incidents } = await listIncidents(github, { states: ['OPEN'], writers });
  const known = incidents.find(({ marker }) => marker?.fingerprint === group.fingerprint);
  if (!known) return 'Alerts are over for which no incident is open.';
  const how = read.rules.alerts['on-resolved'];
  const ended = await changeIncident({ ...ports, lock: lockPorts(ports) }, known.number, async (proved) => {
    const { marker } = proved;
    const why =
      keepsOpen(marker, how) ??
      (truncated > 0 ? `The sender left out ${truncated} alerts, which may be of it and firing.` : undefined);
    await comment(
      ports,
      known.number,
      `The alerts are over, says the sender. ${why ?? 'The incident is resolved by that, as the file of incidents wants it.'}\n\n${alertText(group.alerts, 0)}`,
    );
    if (why !== undefined) return reported(known, marker, 'noted');
    const next = { ...marker, resolvedAt: isoInstant(endOf(group, marker.openedAt, github.now())) };
    await writeIncident(ports, proved, { marker: next });
    return reported(known, next, 'resolved');
  });
  return 'done' in ended ? ended.done : ended.refused;
}

/** Why alerts that are over leave an incident as it is; undefined when they resolve it. */
function keepsOpen(
  { resolvedAt, origin, acknowledged }: NonNullable<Incident['marker']>,
  how: 'note' | 'resolve' | 'resolve-any',
): string | undefined {
  if (resolvedAt) return 'It was resolved before.';
  if (how === 'resolve-any') return undefined;
  if (how === 'note') return 'Somebody has to look and run mode resolve.';
  if (origin !== 'alert') return 'A person or the suite opened it, so a person resolves it.';
  return acknowledged ? 'A person is at it, and resolves it.' : undefined;
}

/** When the last alert ended, by its sender, within what can be. */
function endOf({ alerts }: AlertGroup, openedAt: string, now: number): number {
  const last = Math.max(...alerts.map(({ endsAt }) => endsAt ?? now));
  return Math.min(now, Math.max(last, parseInstant(openedAt) ?? now));
}

/** The outcome of what was opened or added to, the worst first. */
export function oneOfAlerts(incidents: readonly ReportedIncident[], notes: readonly string[]): Done {
  const has = (change: ReportedIncident['change']) => incidents.some((one) => one.change === change);
  const told = (change: ReportedIncident['change']) =>
    incidents.filter((one) => one.change === change).map(({ number }) => `#${number}`);
  const words = (['opened', 'updated', 'resolved', 'noted'] as const)
    .filter(has)
    .map((change) => `${told(change).join(', ')} ${change}`);
  const result = (['opened', 'updated', 'resolved', 'noted'] as const).find(has) ?? 'nothing';
  const message = words.length > 0 ? `Incident ${words.join('; ')}.` : 'There was no incident to open.';
  return { result, ok: true, message, incidents, notes };
}
