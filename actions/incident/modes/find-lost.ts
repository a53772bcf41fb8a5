import type { ReportedIncident } from '../../../shared/contracts/reports/incident-report.js';
import { forgetIncident, openedIssues } from '../../../shared/ledger/incident-lock.js';
import { isOurs } from '../../../shared/ledger/incident-node.js';
import { listIncidents, readIncident } from '../../../shared/ledger/incidents.js';
import { changeIncident, comment, writeIncident } from '../keep.js';
import { lockPorts, type IncidentPorts } from '../ports.js';
import { reopenUnproved, settleClosed } from './settle-closed.js';

/** An incident closed by hand is left to the run of that event for this long, in milliseconds. */
const eventMs = 10 * 60_000;

/** Does the work for an issue; undefined where GitHub did not let it. */
type Attempt = <T>(number: number, work: () => Promise<T>) => Promise<T | undefined>;

/**
 * Incidents that the states of the lock name and the list does not: the gate does not see them. Open ones get their
 * labels again. Ones closed by hand, whose event no run followed (without the label the workflow does not begin), are
 * ended or opened again as that run would have done.
 */
export async function findLost(
  ports: IncidentPorts,
  attempt: Attempt,
): Promise<{ notes: string[]; incidents: ReportedIncident[] }> {
  const { github, writers, store } = ports;
  const notes: string[] = [];
  const found: ReportedIncident[] = [];
  const { incidents } = await listIncidents(github, { states: ['OPEN'], writers });
  const seen = new Set(incidents.map(({ number }) => number));
  for (const number of (await openedIssues(github, store)).filter((one) => !seen.has(one)))
    await attempt(number, async () => {
      const read = await readIncident(github, number, writers);
      if (!read) return void notes.push(`#${number} was an incident, and is gone: deleted or moved.`);
      const { marker, open, closedAt } = read.incident;
      if (open && marker) return void notes.push(await labelAgain(ports, number));
      if (open)
        return void notes.push(
          `#${number} lost its label, and its record does not count: run mode triage on it.`,
        );
      if (github.now() - (closedAt ?? 0) < eventMs) return;
      if (marker?.endedAt !== undefined) return forgetIncident(store, marker.fingerprint);
      if (!isOurs({ ...read.node, lastEditedAt: null }, writers)) return;
      const done = marker ? await settleClosed(ports, number, false) : await reopenUnproved(ports, number);
      if (marker && done.result === 'reopened') await labelAgain(ports, number);
      found.push(...(done.incidents ?? []));
      notes.push(done.message);
    });
  return { notes, incidents: found };
}

async function labelAgain(ports: IncidentPorts, number: number): Promise<string> {
  const done = await changeIncident({ ...ports, lock: lockPorts(ports) }, number, async (proved) => {
    await writeIncident(ports, proved, { marker: proved.marker });
    await comment(ports, number, 'Labelled again: an incident that is open keeps its labels.');
  });
  return 'refused' in done ? done.refused : `#${number} had lost its label incident, and has it again.`;
}
