import { coded } from '../../../shared/contracts/refusal-codes.js';
import type { Severity } from '../../../shared/contracts/severity.js';
import type { IncidentMarker } from '../../../shared/ledger/incident-marker.js';
import type { ReadIncident } from '../../../shared/ledger/incidents.js';
import { changeIncident, comment, reported, writeIncident } from '../keep.js';
import { lockPorts, refused, type Done, type IncidentPorts } from '../ports.js';
import { quote } from '../text.js';
import { openOne } from './open-one.js';

/** What a member says of an incident. */
export interface Triage {
  service: string | undefined;
  environment: string | undefined;
  severity: Severity | undefined;
  scope: IncidentMarker['scope'];
  reason: string;
}

/** Label of an issue of somebody else for which there is an incident of the suite. */
const reportLabel = 'incident-report';

/**
 * Makes an incident of the suite of what somebody else reported. The report stays as it is and counts for nothing; its
 * text is quoted.
 */
export async function takeOver(
  ports: IncidentPorts,
  { incident: report, node }: ReadIncident,
  { service, environment, severity, scope, reason }: Triage,
): Promise<Done> {
  const { github } = ports;
  if (service === undefined || environment === undefined || severity === undefined)
    return refused([
      coded(
        'incident-not-proved',
        `${node.author?.login ?? 'a deleted account'} opened #${report.number}, so its text counts for nothing. Fix: under "with:" give service, environment and severity, and an incident is opened that names it`,
      ),
    ]);
  const { incident, notes } = await openOne(ports, {
    title: report.title,
    what: [
      `Reported in #${report.number}:`,
      quote(node.body.slice(0, 5_000)),
      ...(reason ? [quote(reason)] : []),
    ].join('\n\n'),
    place: { service, environment, severity },
    fingerprint: `issue:${report.number}`,
    origin: 'person',
    reportedIn: report.number,
  });
  // Running it again ends what a run that died began.
  if (incident.change === 'opened' || report.labels.some((label) => label.toLowerCase() === 'incident')) {
    await comment(ports, report.number, `This is incident #${incident.number} now. Go on there.`);
    await github.rest('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
      issue_number: report.number,
      labels: [
        ...report.labels.filter((label) => !/^(?:incident$|severity:|service:)/i.test(label)),
        reportLabel,
      ],
    });
  }
  const scoped =
    scope === undefined
      ? undefined
      : await changeIncident({ ...ports, lock: lockPorts(ports) }, incident.number, async (proved) => {
          const marker = { ...proved.marker, scope };
          await writeIncident(ports, proved, { marker });
          return reported(proved.incident, marker, incident.change);
        });
  return {
    result: incident.change === 'opened' ? 'opened' : 'updated',
    ok: true,
    message: `#${report.number} is incident #${incident.number} now.`,
    incidents: [scoped && 'done' in scoped ? scoped.done : incident],
    notes,
  };
}
