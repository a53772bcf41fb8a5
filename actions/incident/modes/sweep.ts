import type { ReportedIncident } from '../../../shared/contracts/reports/incident-report.js';
import { listIncidents, type Incident } from '../../../shared/ledger/incidents.js';
import { isoInstant } from '../../../shared/time/instant.js';
import { dutyOf } from '../config/schema.js';
import { decideSweep, type SweepAct, type SweptFact } from '../decide/sweep.js';
import { changeIncident, comment, isRefusal, prove, reported, writeIncident } from '../keep.js';
import { openedIssues } from '../../../shared/ledger/incident-lock.js';
import { lockPorts, type Done, type IncidentPorts } from '../ports.js';
import { mentions } from '../text.js';
import { lookAtPostMortem } from './close.js';

/**
 * Looks at all open incidents: who has not answered in time is escalated once, and who owes a post-mortem is reminded
 * once. A backstop: what must not wait for a schedule is armed in the pager when it is opened.
 */
export async function sweep(ports: IncidentPorts): Promise<Done> {
  const { github, writers, read } = ports;
  const labelled = await labelAgain(ports);
  const { incidents } = await listIncidents(github, { states: ['OPEN'], writers });
  const facts = await Promise.all(incidents.map((incident) => factOf(ports, incident)));
  const now = github.now();
  const remindAfterMs = read.rules['post-mortem']['remind-after'];
  const acts = decideSweep(facts, now, remindAfterMs);
  const done: ReportedIncident[] = [];
  const unproved = incidents
    .filter(({ marker }) => !marker)
    .map(
      ({ number }) =>
        `#${number} is labelled incident, and its record does not count: run mode triage on it.`,
    );
  const notes = [...labelled, ...unproved];
  for (const act of acts) {
    const acted = await actOn(ports, act, now);
    if (typeof acted === 'string') notes.push(acted);
    else if (acted) done.push(acted);
  }
  const tell = (change: ReportedIncident['change']) =>
    done.filter((one) => one.change === change).map(({ number }) => `#${number}`);
  const words = [
    ...(tell('escalated').length > 0 ? [`escalated ${tell('escalated').join(', ')}`] : []),
    ...(tell('reminded').length > 0 ? [`reminded of the post-mortem of ${tell('reminded').join(', ')}`] : []),
  ];
  const looked = `Looked at ${incidents.length} open ${incidents.length === 1 ? 'incident' : 'incidents'}`;
  return {
    result: 'swept',
    ok: true,
    message: `${looked}${words.length > 0 ? `: ${words.join('; ')}` : '; nothing was due'}.`,
    incidents: done,
    notes,
    question: { kind: 'sweep', nowMs: now, remindAfterMs, facts, acts },
  };
}

/**
 * Incidents that are open and lost their label: the gate would not see them any more. Those that have it are found by it,
 * so only the others are looked at one by one.
 */
async function labelAgain(ports: IncidentPorts): Promise<string[]> {
  const { github, writers, store } = ports;
  const told: string[] = [];
  const { incidents } = await listIncidents(github, { states: ['OPEN'], writers });
  const seen = new Set(incidents.map(({ number }) => number));
  for (const number of (await openedIssues(github, store)).filter((one) => !seen.has(one))) {
    const found = await prove(ports, number);
    if (isRefusal(found) || !found.incident.open) continue;
    await writeIncident(ports, found, { marker: found.marker });
    await comment(ports, number, 'Labelled again: an incident that is open keeps its labels.');
    told.push(`#${number} had lost its label incident, and has it again.`);
  }
  return told;
}

async function factOf(ports: IncidentPorts, { number, marker }: Incident): Promise<SweptFact> {
  if (!marker) return { number, marker: null, owesPostMortem: false };
  // Only what is resolved can be reminded of, and each look costs requests.
  const owes =
    marker.resolvedAt !== undefined &&
    marker.remindedAt === undefined &&
    (await lookAtPostMortem(ports, number, marker)).missing.length > 0;
  const { deadline, acknowledged, resolvedAt, escalatedAt, remindedAt } = marker;
  return {
    number,
    owesPostMortem: owes,
    marker: {
      ...(deadline && { deadline }),
      ...(acknowledged && { acknowledged }),
      ...(resolvedAt && { resolvedAt }),
      ...(escalatedAt && { escalatedAt }),
      ...(remindedAt && { remindedAt }),
    },
  };
}

async function actOn(
  ports: IncidentPorts,
  { number, act }: SweepAct,
  now: number,
): Promise<ReportedIncident | string | undefined> {
  const acted = await changeIncident({ ...ports, lock: lockPorts(ports) }, number, async (proved) => {
    const { marker, incident } = proved;
    const duty = dutyOf(ports.read.rules, marker.service);
    if (act === 'escalate') {
      // Two sweeps at once, or an answer meanwhile: once is enough.
      if (marker.escalatedAt || marker.acknowledged || !incident.open) return undefined;
      const next = { ...marker, escalatedAt: isoInstant(now) };
      await writeIncident(ports, proved, { marker: next });
      const who = mentions([...duty.escalate, ...duty.mention]) || 'Nobody is named for this service';
      await comment(
        ports,
        number,
        `**Nobody answered in time**: somebody had to by ${marker.deadline}. ${who}: run mode triage or note, which answers it.`,
      );
      return reported(incident, next, 'escalated');
    }
    if (marker.remindedAt || !incident.open) return undefined;
    const next = { ...marker, remindedAt: isoInstant(now) };
    await writeIncident(ports, proved, { marker: next });
    const who = mentions(duty.mention);
    await comment(
      ports,
      number,
      `**The post-mortem is still missing**: the incident was resolved at ${marker.resolvedAt}. ${who}`.trim(),
    );
    return reported(incident, next, 'reminded');
  });
  return 'done' in acted ? acted.done : acted.refused;
}
