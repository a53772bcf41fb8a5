import type { IncidentEvidence } from '../../../shared/contracts/gate-evidence.js';
import type { GitHub } from '../../../shared/github/client.js';
import { listIncidents } from '../../../shared/ledger/incidents.js';

/** Open incidents; labels say what they are, and our own marker fills in what they leave out. Needs `issues: read`. */
export async function readIncidents(github: GitHub, writers: readonly string[]): Promise<IncidentEvidence[]> {
  const { incidents } = await listIncidents(github, { states: ['OPEN'], writers });
  return incidents.map(({ number, url, title, severity, services, environment, marker }) => ({
    number,
    url,
    title,
    severity: severity ?? null,
    services: [...services],
    environment: environment ?? null,
    trusted: marker !== undefined,
  }));
}
