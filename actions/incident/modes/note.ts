import { coded } from '../../../shared/contracts/refusal-codes.js';
import { doubtAsker, roleOfAsker } from '../actor.js';
import { acknowledge, changeIncident, comment, reported, writeIncident } from '../keep.js';
import { lockPorts, refused, type Done, type IncidentPorts } from '../ports.js';
import { quote } from '../text.js';

/** Adds to the timeline of an incident; the first note of a person answers it. */
export async function note(ports: IncidentPorts): Promise<Done> {
  const { input, by, github } = ports;
  const doubt = doubtAsker(by, await roleOfAsker(ports));
  if (doubt) return refused([doubt]);
  const number = input.issue!;
  const noted = await changeIncident({ ...ports, lock: lockPorts(ports) }, number, async (proved) => {
    if (!proved.incident.open)
      return coded('incident-over', `incident #${number} is closed: open it again if it is not over`);
    const marker = acknowledge(proved.marker, by, github.now());
    if (marker !== proved.marker) await writeIncident(ports, proved, { marker });
    await comment(ports, number, quote(input.text!));
    return reported(proved.incident, marker, 'noted');
  });
  if ('refused' in noted) return refused([noted.refused]);
  if (typeof noted.done === 'string') return refused([noted.done]);
  return { result: 'noted', ok: true, message: `Noted in incident #${number}.`, incidents: [noted.done] };
}
