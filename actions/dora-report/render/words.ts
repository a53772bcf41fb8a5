import type { DoraReport, Durations, Measures, Rate, Tier } from '../../../shared/contracts/dora-report.js';
import { formatDuration } from '../../../shared/time/duration.js';

/** Shown where there is no value; never 0. */
export const noData = 'no data';

export function sayHours(hours: number | null): string {
  return hours === null ? noData : formatDuration(hours * 3_600_000);
}

export function sayShare(share: number | null): string {
  return share === null ? noData : `${trim(share * 100)} %`;
}

/** A rate as people say it: a day, a week or a month, whichever gives a number of one or more. */
export function sayFrequency(perDay: number): string {
  if (perDay === 0) return 'none';
  if (perDay >= 1) return `${trim(perDay)} a day`;
  if (perDay * 7 >= 1) return `${trim(perDay * 7)} a week`;
  return `${trim(perDay * 30)} in 30 days`;
}

export function sayTier(tier: Tier | null): string {
  return tier ?? '–';
}

function trim(value: number): string {
  return String(Number(value.toFixed(value >= 10 ? 1 : 2)));
}

/** One metric as a row or card: all of them in the order they are always shown. */
export interface Figure {
  key: 'leadTime' | 'frequency' | 'changeFailRate' | 'recovery' | 'timeToRestore' | 'reworkRate';
  title: string;
  value: string;
  tier: Tier | null;
  /** What the value is made of. */
  detail: string;
  p75: string;
  p90: string;
  n: number;
  definition: string;
}

export function figuresOf(measures: Measures): Figure[] {
  const { leadTime, frequency, changeFailRate, recovery, timeToRestore, reworkRate } = measures;
  const rate = (r: Rate) => ({
    value: sayShare(r.value),
    tier: r.tier,
    p75: '',
    p90: '',
    n: r.n,
    detail: `${r.hits} of ${r.n} deployments`,
  });
  const durations = (d: Durations, what: string) => ({
    value: sayHours(d.p50),
    tier: d.tier,
    p75: sayHours(d.p75),
    p90: sayHours(d.p90),
    n: d.n,
    detail: d.n === 0 ? `no ${what} measured` : `median of ${d.n} ${what}; mean ${sayHours(d.mean)}`,
  });
  return [
    {
      key: 'leadTime',
      title: 'Change lead time',
      ...durations(leadTime, leadTime.n === 1 ? 'commit' : 'commits'),
      definition:
        'From the date of a commit to the first success of the first deployment that contains it. Merge commits have none of their own.',
    },
    {
      key: 'frequency',
      title: 'Deployment frequency',
      value: sayFrequency(frequency.perDay),
      tier: frequency.tier,
      p75: '',
      p90: '',
      n: frequency.n,
      detail: `${frequency.n} in ${trim(frequency.days)} days, on ${frequency.daysWithDeployment} of them`,
      definition: 'Deployments that became successful, per calendar day of the window.',
    },
    {
      key: 'changeFailRate',
      title: 'Change fail rate',
      ...rate(changeFailRate),
      definition:
        'Share of the deployments that were taken back after their success, undone by a rollback, named as the cause of an incident, or had a commit reverted. Each counts once.',
    },
    {
      key: 'recovery',
      title: 'Failed deployment recovery time',
      ...durations(recovery, recovery.n === 1 ? 'recovery' : 'recoveries'),
      definition:
        'From the first success of a failed deployment to the first success of the next one that was not taken back itself; where only incidents tell of the failure, until they closed if that was earlier. Counted where it ended.',
    },
    {
      key: 'timeToRestore',
      title: 'Time to restore (MTTR)',
      ...durations(timeToRestore, timeToRestore.n === 1 ? 'incident' : 'incidents'),
      definition: 'From the opening of an incident to its closing. Counted where it ended.',
    },
    {
      key: 'reworkRate',
      title: 'Deployment rework rate',
      ...rate(reworkRate),
      definition:
        'Share of the deployments that were unplanned work on a failure: a hotfix after a failed release or an incident, or a deployment that reverts what an earlier one brought.',
    },
  ];
}

/** The report in one sentence. */
export function verdict(report: DoraReport): string {
  const { question, total } = report;
  const where = `${total.service ? `${total.service} in ` : ''}${question.environment}, ${sayWindow(report)}`;
  if (report.result === 'no-deployments') return `${where}: no deployments, so there is nothing to measure.`;
  const failed = `${total.changeFailRate.hits} of ${total.changeFailRate.n} failed`;
  return `${where}: ${sayFrequency(total.frequency.perDay)} (${total.frequency.n} deployments, ${failed}), lead time ${sayHours(total.leadTime.p50)}, recovery ${sayHours(total.recovery.p50)}.`;
}

export function sayWindow({ question }: DoraReport): string {
  const minute = (instant: string) => instant.slice(0, 16).replace('T', ' ');
  return `${minute(question.from)} to ${minute(question.to)} UTC`;
}
