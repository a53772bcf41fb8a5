import { coded, type Refusal } from '../../../shared/contracts/refusal-codes.js';
import type { IncidentQuestion } from '../../../shared/contracts/reports/incident-report.js';
import { forgetIncident } from '../../../shared/ledger/incident-lock.js';
import type { IncidentMarker } from '../../../shared/ledger/incident-marker.js';
import { codeBlock } from '../../../shared/report/markdown.js';
import { isoInstant, parseInstant } from '../../../shared/time/instant.js';
import { doubtAsker, roleOfAsker } from '../actor.js';
import { missingSections, postMortemTemplate, type Missing } from '../decide/post-mortem.js';
import { acknowledge, changeIncident, comment, reported, writeIncident, type Proved } from '../keep.js';
import { lockPorts, refused, type Done, type IncidentPorts } from '../ports.js';
import { readPostMortem } from '../read-post-mortem.js';
import { quote } from '../text.js';
import { owesPostMortem } from './resolve.js';

/** What was found of a post-mortem, and what lacks. */
export interface Looked {
  missing: Missing[];
  url: string | undefined;
  notes: string[];
  question: IncidentQuestion | null;
}

/** Looks at the post-mortem that an incident needs; nothing is missing where it needs none. */
export async function lookAtPostMortem(
  ports: IncidentPorts,
  number: number,
  marker: IncidentMarker,
): Promise<Looked> {
  const { rules } = ports.read;
  if (!owesPostMortem(marker, rules)) return { missing: [], url: undefined, notes: [], question: null };
  const { sections } = rules['post-mortem'];
  const { text, url, notes } = await readPostMortem(ports, number);
  const missing = missingSections(text, sections);
  return { missing, url, notes, question: { kind: 'close', text, sections, missing } };
}

/** What lacks, with the exact headings. */
export function describeMissing(number: number, missing: readonly Missing[]): Refusal {
  const each = missing.map(({ heading, why }) => `"### ${heading}": ${why}`).join('; ');
  return coded('post-mortem-missing', `the post-mortem of #${number} lacks ${each}`);
}

/** Closes an incident whose post-mortem is there, or that was a false alarm. */
export async function close(ports: IncidentPorts): Promise<Done> {
  const { input, by, read } = ports;
  const number = input.issue!;
  const least = input['false-alarm'] ? read.rules.triage['lower-role'] : 'triage';
  const doubt = doubtAsker(by, await roleOfAsker(ports), least);
  if (doubt) return refused([doubt]);
  if (input['false-alarm'] && (input.text ?? '').trim().length < 10)
    return refused([
      coded('triage-not-allowed', 'a false alarm needs a reason of at least 10 characters in the input text'),
    ]);
  const closed = await changeIncident({ ...ports, lock: lockPorts(ports) }, number, async (proved) => {
    if (!proved.incident.open)
      return { no: coded('incident-over', `incident #${number} is closed already`), looked: undefined };
    const looked = input['false-alarm'] ? undefined : await lookAtPostMortem(ports, number, proved.marker);
    if (looked && looked.missing.length > 0) return { no: describeMissing(number, looked.missing), looked };
    if (input['false-alarm']) await comment(ports, number, `**A false alarm.**\n\n${quote(input.text!)}`);
    const marker = await writeClosed(ports, proved, looked?.url, input['false-alarm']);
    return { incident: reported(proved.incident, marker, 'closed'), looked, fingerprint: marker.fingerprint };
  });
  if ('refused' in closed) return refused([closed.refused]);
  const { looked } = closed.done;
  const more = { notes: looked?.notes ?? [], question: looked?.question ?? null };
  if (closed.done.incident === undefined) return { ...refused([closed.done.no]), ...more };
  await forgetIncident(ports.store, closed.done.fingerprint);
  const message = input['false-alarm']
    ? `Incident #${number} is closed as a false alarm.`
    : `Incident #${number} is closed.`;
  return { result: 'closed', ok: true, message, incidents: [closed.done.incident], ...more };
}

/** Writes the end of an incident; once its fingerprint is forgotten, the same trouble is a new one. */
export async function writeClosed(
  ports: IncidentPorts,
  proved: Proved,
  postMortem: string | undefined,
  falseAlarm: boolean,
): Promise<IncidentMarker> {
  const now = ports.github.now();
  const ended = Math.max(proved.incident.closedAt ?? now, parseInstant(proved.marker.openedAt) ?? 0);
  const marker: IncidentMarker = {
    ...acknowledge(proved.marker, ports.by, now),
    resolvedAt: proved.marker.resolvedAt ?? isoInstant(ended),
    endedAt: isoInstant(now),
    ...(postMortem === undefined ? {} : { postMortem }),
  };
  await writeIncident(ports, proved, {
    marker,
    state: 'closed',
    stateReason: falseAlarm ? 'not_planned' : 'completed',
  });
  return marker;
}

/** The comment on an incident that was closed by hand too early. */
export function reopenedText(
  missing: readonly Missing[],
  sections: Parameters<typeof postMortemTemplate>[0],
): string {
  const list = missing.map(({ heading, why }) => `- \`### ${heading}\`: ${why}`).join('\n');
  return `**Opened again:** an incident is closed when its post-mortem is there. It lacks\n\n${list}\n\nCopy this into a comment, fill in each heading, then close the issue:\n\n${codeBlock(postMortemTemplate(sections), 'markdown')}`;
}
