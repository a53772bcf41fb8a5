import { isAtLeast } from '../../../shared/github/role.js';
import { forgetIncident } from '../../../shared/ledger/incident-lock.js';
import { roleOfAsker } from '../actor.js';
import { changeIncident, comment, reported } from '../keep.js';
import { lockPorts, type Done, type IncidentPorts } from '../ports.js';
import { describeMissing, lookAtPostMortem, reopenedText, writeClosed } from './close.js';

/**
 * Ends an incident that was closed by hand, or opens it again with what its post-mortem lacks. One `asFalseAlarm` needs
 * none if who did it may lower a severity.
 */
export async function settleClosed(
  ports: IncidentPorts,
  number: number,
  asFalseAlarm: boolean,
): Promise<Done> {
  const { rules } = ports.read;
  const done = await changeIncident({ ...ports, lock: lockPorts(ports) }, number, async (proved) => {
    // Another run looked at it meanwhile.
    if (proved.incident.open) return undefined;
    const falseAlarm =
      asFalseAlarm && isAtLeast((await roleOfAsker(ports)) ?? undefined, rules.triage['lower-role']);
    const looked = falseAlarm
      ? { missing: [], url: undefined, notes: [], question: null }
      : await lookAtPostMortem(ports, number, proved.marker);
    if (looked.missing.length === 0) {
      const marker = await writeClosed(ports, proved, looked.url, falseAlarm);
      return {
        incident: reported(proved.incident, marker, 'closed'),
        looked,
        fingerprint: marker.fingerprint,
      };
    }
    await reopen(ports, number);
    await comment(ports, number, reopenedText(looked.missing, rules['post-mortem'].sections));
    return { incident: reported(proved.incident, proved.marker, 'reopened'), looked, fingerprint: undefined };
  });
  if ('refused' in done) return { result: 'nothing', ok: true, message: done.refused };
  if (done.done === undefined)
    return { result: 'nothing', ok: true, message: `#${number} is open again already.` };
  const { incident, looked, fingerprint } = done.done;
  if (fingerprint !== undefined) await forgetIncident(ports.store, fingerprint);
  return {
    result: fingerprint === undefined ? 'reopened' : 'closed',
    ok: true,
    message:
      fingerprint === undefined
        ? `Incident #${number} was opened again: ${describeMissing(number, looked.missing)}`
        : `Incident #${number} is closed.`,
    incidents: [incident],
    notes: looked.notes,
    question: looked.question,
  };
}

/** Opens an incident again whose text a person edited: nobody knows how bad it was. */
export async function reopenUnproved(ports: IncidentPorts, number: number): Promise<Done> {
  await reopen(ports, number);
  await comment(
    ports,
    number,
    '**Opened again:** somebody edited the text of this issue, so its record does not count and nobody knows how bad it is. Run mode triage with service, environment and severity, then close it.',
  );
  return {
    result: 'reopened',
    ok: true,
    message: `#${number} was opened again: its record does not count.`,
  };
}

const reopen = ({ github }: IncidentPorts, number: number) =>
  github.rest('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
    issue_number: number,
    state: 'open',
    state_reason: 'reopened',
  });
