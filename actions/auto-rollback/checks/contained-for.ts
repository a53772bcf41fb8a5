import type { CheckState } from '../../../shared/contracts/check-state.js';
import { listIncidents, readIncident } from '../../../shared/ledger/incidents.js';
import type { DeploymentRecord } from '../../../shared/ledger/record.js';
import { isWriter } from '../../../shared/ledger/proof/trust.js';
import { code } from '../../../shared/report/markdown.js';
import type { TrafficControl } from '../../../shared/traffic/control.js';
import { containedFingerprint } from '../incident.js';

type Ports = Pick<TrafficControl, 'github' | 'writers' | 'service' | 'environment'>;

/**
 * Why the values that a state says were contained do not count: each must stand in an incident about this Deployment that
 * the suite wrote, open or closed. Whoever may push could hide a failing tenant otherwise.
 */
export async function doubtContained(
  ports: Ports,
  live: Pick<DeploymentRecord, 'id'>,
  contained: NonNullable<CheckState['contained']>,
): Promise<string | undefined> {
  const { github, writers } = ports;
  const { incidents } = await listIncidents(github, { states: ['OPEN', 'CLOSED'], writers });
  const fingerprint = containedFingerprint(ports, live.id);
  const about = incidents.filter(
    ({ marker }) => marker?.fingerprint === fingerprint && marker.causedBy === live.id,
  );
  const what = `it says that ${contained.values.join(', ')} were contained`;
  if (about.length === 0) return `${what}, and no incident of Deployment ${live.id} does`;
  const told = (await Promise.all(about.map(({ number }) => textOf(ports, number)))).join('\n');
  const untold = contained.values.filter((value) => !told.includes(code(value)));
  return untold.length === 0
    ? undefined
    : `${what}, and the incident of Deployment ${live.id} does not name ${untold.join(', ')}`;
}

/** What the suite itself wrote into an incident, and nobody changed. */
async function textOf({ github, writers }: Ports, number: number): Promise<string> {
  const [issue, comments] = await Promise.all([
    readIncident(github, number, writers),
    github.pages(
      'GET /repos/{owner}/{repo}/issues/{issue_number}/comments',
      { issue_number: number, per_page: 100 },
      (page) => page,
    ),
  ]);
  const ours = comments.items.filter(
    ({ user, created_at: created, updated_at: updated }) =>
      user !== null &&
      user !== undefined &&
      created === updated &&
      isWriter({ login: user.login, bot: user.type === 'Bot' }, writers),
  );
  return [issue?.incident.marker ? issue.node.body : '', ...ours.map(({ body }) => body ?? '')].join('\n');
}
