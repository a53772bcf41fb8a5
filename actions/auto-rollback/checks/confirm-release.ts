import { setDeploymentStatus } from '../../../shared/ledger/deployments.js';
import { blocks } from '../../../shared/ledger/incident-rule.js';
import { listIncidents } from '../../../shared/ledger/incidents.js';
import type { DeploymentRecord } from '../../../shared/ledger/record.js';
import type { Held } from '../../../shared/ledger/refs/state.js';
import type { Watch } from '../../../shared/ledger/refs/watch.js';
import type { TrafficControl } from '../../../shared/traffic/control.js';

/** How the status of a release begins that scheduled checks confirmed. */
export const confirmedWord = 'confirmed: it held';

/** Why a release that held its criteria is not confirmed: a major incident of its service is open. */
export async function whyUnconfirmed(
  control: Pick<TrafficControl, 'github' | 'writers' | 'service' | 'environment'>,
  { id }: Pick<DeploymentRecord, 'id'>,
): Promise<string | undefined> {
  const { github, writers, service, environment } = control;
  const { incidents } = await listIncidents(github, { states: ['OPEN'], writers });
  const open = incidents.find(
    (incident) =>
      incident.marker?.causedBy === id || blocks(incident, { service, environment, blockAt: 'high' }),
  );
  return open && `incident #${open.number} is open (${open.severity ?? 'no severity'})`;
}

/** Says in the ledger that the release was well for long enough; later checks find it there and end at once. */
export async function confirmRelease(
  control: Pick<TrafficControl, 'github' | 'watch' | 'clock' | 'runUrl'>,
  live: DeploymentRecord,
  held: Held<Watch>,
): Promise<void> {
  const { version } = live.payload;
  const message = `${confirmedWord} its criteria (${version}), and no major incident is open`;
  await setDeploymentStatus(control.github, live.id, 'success', message, { log: control.runUrl });
  const check = { ...held.state.check!, confirmedAt: control.clock.now() };
  await control.watch.replace(held, { ...held.state, check }, message);
}
