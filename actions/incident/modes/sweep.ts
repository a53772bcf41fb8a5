import type { ReportedIncident } from '../../../shared/contracts/reports/incident-report.js';
import { listIncidents, type Incident } from '../../../shared/ledger/incidents.js';
import { GitHubError } from '../../../shared/github/problem.js';
import { isoInstant } from '../../../shared/time/instant.js';
import { dutyOf } from '../config/schema.js';
import { decideSweep, type SweepAct, type SweptFact } from '../decide/sweep.js';
import { changeIncident, comment, reported, writeIncident } from '../keep.js';
import { lockPorts, type Done, type IncidentPorts } from '../ports.js';
import { mentions } from '../text.js';
import { lookAtPostMortem } from './close.js';
import { findLost } from './find-lost.js';

/**
 * Looks at all open incidents: who has not answered in time is escalated once, and who owes a post-mortem is reminded
 * once. A backstop: what must not wait for a schedule is armed in the pager when it is opened.
 */
export async function sweep(ports: IncidentPorts): Promise<Done> {
  const { github, writers, read } = ports;
  const failures: string[] = [];
  /** One incident that cannot be looked at must not silence the others. */
  const attempt = async <T>(number: number, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof GitHubError)) throw error;
      failures.push(`#${number}: ${error.message}`);
      return undefined;
    }
  };
  const lost = await findLost(ports, attempt);
  const { incidents } = await listIncidents(github, { states: ['OPEN'], writers });
  const facts: SweptFact[] = [];
  for (const incident of incidents)
    facts.push(
      (await attempt(incident.number, () => factOf(ports, incident))) ?? factWithoutLook(incident, false),
    );
  const now = github.now();
  const remindAfterMs = read.rules['post-mortem']['remind-after'];
  const acts = decideSweep(facts, now, remindAfterMs);
  const done: ReportedIncident[] = [...lost.incidents];
  const unproved = incidents
    .filter(({ marker }) => !marker)
    .map(
      ({ number }) =>
        `#${number} is labelled incident, and its record does not count: run mode triage on it.`,
    );
  const notes = [...lost.notes, ...unproved];
  for (const act of acts) {
    const acted = await attempt(act.number, () => actOn(ports, act, now));
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
  const failed = failures.length > 0 ? ` It failed for ${failures.join('; ')}. Fix: run this job again` : '';
  return {
    result: 'swept',
    ok: failures.length === 0,
    message: `${looked}${words.length > 0 ? `: ${words.join('; ')}` : failed ? '' : '; nothing was due'}.${failed}`,
    incidents: done,
    notes,
    question: { kind: 'sweep', nowMs: now, remindAfterMs, facts, acts },
  };
}

async function factOf(ports: IncidentPorts, incident: Incident): Promise<SweptFact> {
  const { number, marker } = incident;
  if (!marker) return factWithoutLook(incident, false);
  // Only what is resolved can be reminded of, and each look costs requests.
  const owes =
    marker.resolvedAt !== undefined &&
    marker.remindedAt === undefined &&
    (await lookAtPostMortem(ports, number, marker)).missing.length > 0;
  return factWithoutLook(incident, owes);
}

function factWithoutLook({ number, marker }: Incident, owes: boolean): SweptFact {
  if (!marker) return { number, marker: null, owesPostMortem: false };
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
      const who = mentions([...duty.escalate, ...duty.mention]) || 'Nobody is named for this service';
      await comment(
        ports,
        number,
        `**Nobody answered in time**: somebody had to by ${marker.deadline}. ${who}: run mode triage or note, which answers it.`,
      );
      // Afterwards: told twice by a run that died is better than told never.
      await writeIncident(ports, proved, { marker: next });
      return reported(incident, next, 'escalated');
    }
    if (marker.remindedAt || !incident.open) return undefined;
    const next = { ...marker, remindedAt: isoInstant(now) };
    const who = mentions(duty.mention);
    await comment(
      ports,
      number,
      `**The post-mortem is still missing**: the incident was resolved at ${marker.resolvedAt}. ${who}`.trim(),
    );
    await writeIncident(ports, proved, { marker: next });
    return reported(incident, next, 'reminded');
  });
  return 'done' in acted ? acted.done : acted.refused;
}
