import type { DoraQuestion, Measures } from '../../../shared/contracts/reports/dora-report.js';
import { isoInstant } from '../../../shared/time/instant.js';
import { durations } from '../metrics/figures/durations.js';
import type { IncidentFact } from '../metrics/failures.js';
import { frequencyOf } from '../metrics/figures/frequency.js';
import { rateOf } from '../metrics/figures/rates.js';
import { hoursCovered, type Interval } from '../metrics/figures/open-time.js';
import { hoursBetween } from '../metrics/figures/statistics.js';
import { tierOf } from '../metrics/figures/tiers.js';
import { at } from '../metrics/units.js';
import { fill, type Calendar } from './buckets.js';
import type { Said } from './evidence.js';
import type { Judged } from './judge.js';

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

/** Whether a deployment is one of those that the rates count, wherever the window lies. */
export function isCounted(deployment: Judged, countRollbacks: boolean): boolean {
  return countRollbacks || !deployment.rollback;
}

/** The deployments and incidents that are measured together. */
export interface Measured {
  service: string;
  deployments: readonly Judged[];
  incidents: readonly IncidentFact[];
  /** When their first record was written, epoch milliseconds; undefined without one. */
  since: number | undefined;
}

/** What all measurements of a report share. */
export interface Measuring {
  question: DoraQuestion;
  say: Said;
  /**
   * Whether anything in its repository ever said that a deployment failed: without, a change fail rate of 0 would be a
   * guess.
   */
  failuresKnown(deployment: Judged): boolean;
}

/** The figures of a window: everything but what is told of more than one. */
export type Figures = Omit<Measures, 'before' | 'valueStream' | 'hotfixes' | 'weeks' | 'days' | 'months'>;

/** The metrics of some deployments and incidents in a window. */
export function figuresIn(
  window: Window,
  { service, deployments, incidents, since }: Measured,
  { question, say, failuresKnown }: Measuring,
): Figures {
  const counted = deployments.filter((d) => isCounted(d, question.countRollbacks));
  const inWindow = counted.filter((d) => within(window, d.at));
  const known = inWindow.filter(failuresKnown);
  const failed = known.filter((d) => d.failures.length > 0);
  const reworked = inWindow.filter((d) => d.rework.length > 0);
  const failRate = rateOf(
    failed.map((d) => ({
      of: say.deployment(d),
      at: isoInstant(d.at),
      because: d.failures.map((failure) => say.failure(failure, d)),
    })),
    known.length,
  );
  const changeFailRate = known.length > 0 ? failRate : { ...failRate, n: inWindow.length };
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
      inWindow.filter((d) => d.live).map((d) => d.at),
      window,
      question.tiers,
      since,
    ),
    changeFailRate: {
      ...changeFailRate,
      tier: tierOf(question.tiers, 'changeFailRate', changeFailRate.value),
    },
    recovery: recovery(counted, window, question, say),
    timeToRestore: timeToRestore(incidents, window, question, say),
    incidentOpen: incidentOpen(incidents, window, question),
    reworkRate: { ...reworkRate, tier: null },
  };
}

/** What happened in each day, week and month. */
export function trendOf(
  { months, weeks, days }: Calendar,
  deployments: readonly Judged[],
  { question: { countRollbacks }, failuresKnown }: Measuring,
): Pick<Measures, 'months' | 'weeks' | 'days'> {
  const counted = deployments.filter((d) => isCounted(d, countRollbacks));
  const filled = (spans: Calendar['days']) => fill(spans, counted, failuresKnown);
  return { months: filled(months), weeks: filled(weeks), days: filled(days) };
}

function leadTime(deployments: readonly Judged[], window: Window, { tiers }: DoraQuestion, say: Said) {
  const events = deployments.filter((d) => within(window, d.at)).flatMap((d) => say.leadTimes(d));
  return durations(tiers, 'leadTime', events);
}

function recovery(counted: readonly Judged[], window: Window, { tiers }: DoraQuestion, say: Said) {
  const failed = counted.filter((d) => d.failures.length > 0 && d.at < window.to);
  const events = failed.flatMap((d) => {
    if (!d.recovery || !within(window, d.recovery.at)) return [];
    const hours = hoursBetween(d.at, d.recovery.at);
    return [
      { hours, of: say.deployment(d), until: say.recovery(d.recovery, d), at: isoInstant(d.recovery.at) },
    ];
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
  say: Said,
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

/** How long any incident was open in the window, so that two at once are one outage. */
function incidentOpen(
  incidents: readonly IncidentFact[],
  window: Window,
  { incidentSource }: DoraQuestion,
): NonNullable<Measures['incidentOpen']> {
  const intervals = incidents
    .map(({ openedAt, closedAt }): Interval => [at(openedAt), closedAt ? at(closedAt) : window.to])
    .filter(([from, to]) => from < to && from < window.to && to > window.from);
  const known = incidentSource || incidents.length > 0;
  return { hours: known ? hoursCovered(intervals, window) : null, incidents: intervals.length };
}

/** Hours an incident was open; undefined while it is, negative where its instants contradict each other. */
export function restoreHours({ openedAt, closedAt }: IncidentFact): number | undefined {
  return closedAt === undefined ? undefined : hoursBetween(at(openedAt), at(closedAt));
}
