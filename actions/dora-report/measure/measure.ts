import type { DoraQuestion, Measures } from '../../../shared/contracts/dora-report.js';
import { isoInstant } from '../../../shared/time/instant.js';
import { fill, type Calendar } from './buckets.js';
import type { Evidences } from './evidence.js';
import type { IncidentFact } from '../metrics/failures.js';
import type { Judged } from './judge.js';
import { durations } from '../metrics/durations.js';
import { frequencyOf } from '../metrics/frequency.js';
import { rateOf } from '../metrics/rates.js';
import { hoursBetween } from '../metrics/statistics.js';
import { tierOf } from '../metrics/tiers.js';
import { at } from '../metrics/units.js';

/** The window in epoch milliseconds, half-open. */
export interface Window {
  from: number;
  to: number;
  timezone: string;
}

export function windowOf({ from, to, timezone }: DoraQuestion): Window {
  return { from: at(from), to: at(to), timezone };
}

/** Whether an instant lies in the half-open window. */
export function within(window: Window, instant: number): boolean {
  return instant >= window.from && instant < window.to;
}

/** Whether a deployment is one of those that frequency and the rates count, wherever the window lies. */
export function isCounted(deployment: Judged, countRollbacks: boolean): boolean {
  return countRollbacks || !deployment.rollback;
}

/** What all measurements of a report share. */
export interface Measuring {
  question: DoraQuestion;
  calendar: Calendar;
  say: Evidences;
  /** Whether anything ever said that a deployment failed: without, a change fail rate of 0 would be a guess. */
  failuresKnown: boolean;
}

/** The metrics of some services' deployments and incidents, taken together. */
export function measure(
  service: string,
  deployments: readonly Judged[],
  incidents: readonly IncidentFact[],
  { question, calendar, say, failuresKnown }: Measuring,
): Measures {
  const window = windowOf(question);
  const counted = deployments.filter((d) => isCounted(d, question.countRollbacks));
  const inWindow = counted.filter((d) => within(window, d.at));
  const failed = inWindow.filter((d) => d.failures.length > 0);
  const reworked = inWindow.filter((d) => d.rework.length > 0);
  const failRate = rateOf(
    failed.map((d) => ({
      of: say.deployment(d),
      at: isoInstant(d.at),
      because: d.failures.map((failure) => say.failure(failure, d)),
    })),
    inWindow.length,
  );
  const changeFailRate = failuresKnown ? failRate : { ...failRate, value: null };
  const reworkRate = rateOf(
    reworked.map((d) => ({
      of: say.deployment(d),
      at: isoInstant(d.at),
      because: d.rework.map((reason) => say.rework(reason, d)),
    })),
    inWindow.length,
  );
  return {
    service,
    leadTime: leadTime(deployments, window, question, say),
    frequency: frequencyOf(
      inWindow.map((d) => d.at),
      window,
      question.tiers,
    ),
    changeFailRate: {
      ...changeFailRate,
      tier: tierOf(question.tiers, 'changeFailRate', changeFailRate.value),
    },
    recovery: recovery(counted, window, question, say),
    timeToRestore: timeToRestore(incidents, window, question, say),
    reworkRate: { ...reworkRate, tier: null },
    weeks: fill(calendar.weeks, counted),
    days: fill(calendar.days, counted),
  };
}

function leadTime(deployments: readonly Judged[], window: Window, { tiers }: DoraQuestion, say: Evidences) {
  const events = deployments
    .filter((d) => within(window, d.at))
    .flatMap((d) =>
      d.leadTimes.samples.map(({ commit, hours }) => ({
        hours,
        of: say.commit(commit),
        until: say.deployment(d),
        at: isoInstant(d.at),
      })),
    );
  return durations(tiers, 'leadTime', events);
}

function recovery(counted: readonly Judged[], window: Window, { tiers }: DoraQuestion, say: Evidences) {
  const failed = counted.filter((d) => d.failures.length > 0 && d.at < window.to);
  const events = failed.flatMap((d) => {
    if (!d.recovery || !within(window, d.recovery.at)) return [];
    const until =
      d.recovery.by === 'deployment'
        ? say.deployment(d.recovery.unit)
        : { text: `incident ${d.recovery.number} closed`, url: d.recovery.url };
    const hours = hoursBetween(d.at, d.recovery.at);
    return [{ hours, of: say.deployment(d), until, at: isoInstant(d.recovery.at) }];
  });
  const open = failed
    .filter((d) => !d.recovery || d.recovery.at >= window.to)
    .map((d) => ({ hours: hoursBetween(d.at, window.to), of: say.deployment(d) }));
  return durations(tiers, 'recovery', events, open);
}

function timeToRestore(
  incidents: readonly IncidentFact[],
  window: Window,
  { tiers }: DoraQuestion,
  say: Evidences,
) {
  const events = incidents.flatMap((incident) => {
    const hours = restoreHours(incident);
    if (hours === undefined || hours < 0 || !within(window, at(incident.closedAt!))) return [];
    const of = say.incident(incident);
    return [{ hours, of, until: { text: 'closed', url: incident.url }, at: incident.closedAt! }];
  });
  const open = incidents
    .filter(({ openedAt, closedAt }) => at(openedAt) < window.to && !(closedAt && at(closedAt) < window.to))
    .map((incident) => ({
      hours: hoursBetween(at(incident.openedAt), window.to),
      of: say.incident(incident),
    }));
  return durations(tiers, 'recovery', events, open);
}

/** Hours an incident was open; undefined while it is, negative where its instants contradict each other. */
export function restoreHours({ openedAt, closedAt }: IncidentFact): number | undefined {
  return closedAt === undefined ? undefined : hoursBetween(at(openedAt), at(closedAt));
}
