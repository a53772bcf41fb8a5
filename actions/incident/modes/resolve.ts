import { coded } from '../../../shared/contracts/refusal-codes.js';
import { worst } from '../../../shared/ledger/incident-node.js';
import type { IncidentMarker } from '../../../shared/ledger/incident-marker.js';
import { codeBlock } from '../../../shared/report/markdown.js';
import { formatDuration } from '../../../shared/time/duration.js';
import { isoInstant, parseInstant } from '../../../shared/time/instant.js';
import { doubtAsker, roleOfAsker } from '../actor.js';
import type { IncidentRules } from '../config/schema.js';
import { postMortemTemplate } from '../decide/post-mortem.js';
import { acknowledge, changeIncident, comment, reported, writeIncident } from '../keep.js';
import { lockPorts, refused, type Done, type IncidentPorts } from '../ports.js';
import { quote } from '../text.js';

/** Whether an incident is closed only with a post-mortem: the worst that it ever was counts. Pure. */
export function owesPostMortem(
  { severity, worst: ever }: Pick<IncidentMarker, 'severity' | 'worst'>,
  rules: IncidentRules,
): boolean {
  const from = rules['post-mortem']['required-from'];
  const most = worst(severity, ever) ?? severity;
  return worst(most, from) === most;
}

/** Users are well again: notes since when, and asks for the post-mortem. The issue stays open until that is there. */
export async function resolve(ports: IncidentPorts): Promise<Done> {
  const { github, input, by, read } = ports;
  const doubt = doubtAsker(by, await roleOfAsker(ports));
  if (doubt) return refused([doubt]);
  const number = input.issue!;
  const now = github.now();
  const resolved = await changeIncident({ ...ports, lock: lockPorts(ports) }, number, async (proved) => {
    const { marker, incident } = proved;
    if (!incident.open)
      return coded('incident-over', `incident #${number} is closed: open it again if it is not over`);
    const openedAt = parseInstant(marker.openedAt) ?? now;
    // GitHub's clock is read to the second: right after the opening it may seem to be before it.
    const latest = Math.max(now, openedAt);
    const at = input['resolved-at'] === undefined ? latest : (parseInstant(input['resolved-at']) ?? latest);
    if (at < openedAt || at > latest)
      return coded(
        'incident-over',
        `resolved-at ${isoInstant(at)} is not between the opening of #${number} at ${marker.openedAt} and now, ${isoInstant(now)}`,
      );
    const next = { ...acknowledge(marker, by, now), resolvedAt: isoInstant(at) };
    await writeIncident(ports, proved, { marker: next });
    const owed = owesPostMortem(next, read.rules);
    await comment(
      ports,
      number,
      [
        `**Resolved** after ${formatDuration(at - openedAt)}.`,
        ...(input.text ? [quote(input.text)] : []),
        owed
          ? `Now the post-mortem: copy this into a comment, fill in each heading, then run mode close. Until then the issue stays open.\n\n${codeBlock(postMortemTemplate(read.rules['post-mortem'].sections), 'markdown')}`
          : 'It needs no post-mortem by its severity: run mode close.',
      ].join('\n\n'),
    );
    return reported(incident, next, 'resolved');
  });
  if ('refused' in resolved) return refused([resolved.refused]);
  if (typeof resolved.done === 'string') return refused([resolved.done]);
  const { timeToRestoreMs } = resolved.done;
  return {
    result: 'resolved',
    ok: true,
    message: `Incident #${number} is resolved after ${formatDuration(timeToRestoreMs ?? 0)}.`,
    incidents: [resolved.done],
  };
}
