import type {
  DoraReport,
  Durations,
  Hotfixes,
  Measures,
  Rate,
  Tier,
  TierModel,
} from '../../../shared/contracts/reports/dora-report.js';
import { formatDuration } from '../../../shared/time/duration.js';
import { fewEvents } from '../metrics/figures/statistics.js';
import { boundsOf, judgedOf, type TieredMetric } from '../metrics/figures/tiers.js';
import { changeOf } from './change.js';

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

/** How a team with such a figure was called: words that nobody reads as the height of the figure. */
export function sayTier(tier: Tier | null): string {
  return tier === null ? '–' : `${tier} performer`;
}

/** A number of things, with their plural right. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${trim(n)} ${trim(n) === '1' ? one : many}`;
}

export function trim(value: number): string {
  return String(Number(value.toFixed(value >= 10 ? 1 : 2)));
}

/** One metric as a row or card: all of them in the order they are always shown. */
export interface Figure {
  key: 'leadTime' | 'frequency' | 'changeFailRate' | 'recovery' | 'timeToRestore' | 'reworkRate';
  title: string;
  value: string;
  /** Whether there is a value at all. */
  known: boolean;
  tier: Tier | null;
  tierWords: string;
  /** What the tier was judged by, and the bounds; empty without a model. */
  judged: string;
  bounds: string;
  /** What the value is made of. */
  detail: string;
  /** Against the window before; empty where nothing can be compared. */
  change: string;
  better: boolean | undefined;
  p75: string;
  p90: string;
  p95: string;
  n: number;
  /** Whether there are so few events that one more would move the figure. */
  few: boolean;
  definition: string;
}

/** Said in each place where a duration of a rollback stands, since three of them differ. */
export const threeTimes =
  'One rollback has three times: recovery runs from the release’s success to the next good one, time to restore from the incident’s opening to its closing, and a watch counts from its own start.';

export function figuresOf({ total, question }: Pick<DoraReport, 'total' | 'question'>): Figure[] {
  const { leadTime, frequency, changeFailRate, recovery, timeToRestore, reworkRate, before } = total;
  const model = question.tiers;
  const tierPart = (tier: Tier | null, metric: TieredMetric, judged: string) => ({
    tier,
    tierWords: sayTier(tier),
    judged: tier === null || model === 'none' ? '' : judged,
    bounds: sayBounds(model, metric),
  });
  const untiered = { tier: null, tierWords: sayTier(null), judged: '', bounds: '' };
  const rate = (r: Rate, hits: string, was: number | null | undefined) => ({
    value: sayShare(r.value),
    known: r.value !== null,
    p75: '',
    p90: '',
    p95: '',
    n: r.n,
    few: r.n > 0 && r.n < fewEvents,
    detail: `${r.hits} of ${count(r.n, 'deployment')} ${hits}${sayInterval(r)}`,
    ...changeOf(r.value, was, 'less', sayShare),
  });
  const durations = (d: Durations, one: string, many: string, was: { p50: number | null } | undefined) => ({
    value: sayHours(d.p50),
    known: d.p50 !== null,
    p75: sayHours(d.p75),
    p90: sayHours(d.p90),
    p95: sayHours(d.p95),
    n: d.n,
    few: d.n > 0 && d.n < fewEvents,
    detail:
      d.n === 0 ? `no ${many} measured` : `median of ${count(d.n, one, many)}; mean ${sayHours(d.mean)}`,
    ...changeOf(d.p50, was?.p50, 'less', sayHours),
  });
  const toRestore = durations(timeToRestore, 'incident', 'incidents', before?.timeToRestore);
  const judgedBy = (d: Durations) => {
    const { name, value } = judgedOf(model, d);
    return `judged by the ${name}, ${sayHours(value)}`;
  };
  return [
    {
      key: 'leadTime',
      title: 'Change lead time',
      ...(question.leadTimeStart === 'commit'
        ? durations(leadTime, 'commit', 'commits', before?.leadTime)
        : durations(leadTime, 'change', 'changes', before?.leadTime)),
      ...tierPart(leadTime.tier, 'leadTime', judgedBy(leadTime)),
      definition: leadTimeStarts[question.leadTimeStart],
    },
    {
      key: 'frequency',
      title: 'Deployment frequency',
      value: sayFrequency(frequency.perDay),
      known: true,
      p75: '',
      p90: '',
      p95: '',
      n: frequency.n,
      few: frequency.n > 0 && frequency.n < fewEvents,
      detail: `${frequency.n} in ${count(frequency.days, 'day')}, on ${frequency.daysWithDeployment} of them${frequency.since === undefined ? '' : `; records begin ${frequency.since.slice(0, 10)}`}`,
      ...changeOf(frequency.perDay, before?.perDay, 'more', sayFrequency),
      ...tierPart(frequency.tier, 'frequency', `judged by ${trim(frequency.perDay)} a day`),
      definition:
        'Deployments that became successful, per calendar day of the window, or of the part of it that there are records for.',
    },
    {
      key: 'changeFailRate',
      title: 'Change fail rate',
      ...rate(changeFailRate, 'failed', before?.changeFailRate),
      ...tierPart(changeFailRate.tier, 'changeFailRate', `judged by ${sayShare(changeFailRate.value)}`),
      definition:
        'Share of the deployments that were taken back, by their own switch, after their success or by a rollback, were named as the cause of an incident, or had a commit reverted. Each counts once.',
    },
    {
      key: 'recovery',
      title: 'Failed deployment recovery time',
      ...durations(recovery, 'recovery', 'recoveries', before?.recovery),
      ...tierPart(recovery.tier, 'recovery', judgedBy(recovery)),
      definition:
        'From the first success of a failed deployment to the first success of the next one that was not taken back itself; where only incidents tell of the failure, until they closed if that was earlier; what its own switch took back, from the moment traffic began to move until it was back. Counted where it ended.',
    },
    {
      key: 'timeToRestore',
      title: 'Time to restore (MTTR)',
      ...toRestore,
      detail: `${toRestore.detail}${sayOpen(total)}`,
      ...tierPart(timeToRestore.tier, 'recovery', judgedBy(timeToRestore)),
      definition: `From the opening of an incident to its closing. Counted where it ended. How long any was open is of the window alone, and incidents at the same time count once. ${threeTimes}`,
    },
    {
      key: 'reworkRate',
      title: 'Deployment rework rate',
      ...rate(reworkRate, 'were rework', before?.reworkRate),
      ...untiered,
      definition:
        'Share of the deployments that were unplanned work on a failure: a hotfix after a failed release or an incident, or a deployment that reverts what an earlier one brought.',
    },
  ];
}

const leadTimeStarts = {
  commit:
    'From the date of a commit to the first success of the first deployment that contains it. Merge commits have none of their own.',
  'first-commit':
    'From the first commit of a pull request, or the date of a commit without one, to the first success of the first deployment that contains it.',
  merge:
    'From the merge of a pull request, or the date of a commit without one, to the first success of the first deployment that contains it.',
};

/** Incidents at the same time are one outage, so their times are not to be added. */
function sayOpen({ incidentOpen }: Measures): string {
  if (!incidentOpen || incidentOpen.hours === null || incidentOpen.incidents === 0) return '';
  return `; ${incidentOpen.incidents === 1 ? 'one was' : `any of ${incidentOpen.incidents} was`} open for ${sayHours(incidentOpen.hours)} of the window`;
}

function sayInterval({ value, interval, n }: Rate): string {
  if (value === null || !interval || n >= 100) return '';
  return `; 95 % sure: ${sayShare(interval.low)} to ${sayShare(interval.high)}`;
}

/** The bounds of a metric in one line, such as "elite ≤ 1 d, high ≤ 7 d, else low". */
export function sayBounds(model: TierModel, metric: TieredMetric): string {
  const bounds = boundsOf(model, metric).map(([bound, tier]) =>
    metric === 'frequency'
      ? `${tier} ≥ ${sayFrequency(bound)}`
      : `${tier} ≤ ${metric === 'changeFailRate' ? sayShare(bound) : sayHours(bound)}`,
  );
  return bounds.length === 0 ? '' : `${bounds.join(', ')}, else low`;
}

/** The report in one sentence. */
/** How long hotfixes took against what is planned, whole and in their two parts. */
export function sayHotfixes(hotfixes: Hotfixes): string {
  const { n, within, targetMinutes, p50, p90, toMerge, toProduction } = hotfixes;
  const part = (name: string, way: Hotfixes['toMerge']) =>
    way === undefined
      ? ''
      : way.n === 0
        ? ` ${name}: not known, no pull request of them was read.`
        : ` ${name}: median ${sayHours(way.p50)}, p90 ${sayHours(way.p90)}, planned ${sayHours(way.targetMinutes / 60)} (${way.n} of them).`;
  return `${within} of ${count(n, 'hotfix', 'hotfixes')} took at most ${sayHours(targetMinutes / 60)} from first commit to production; median ${sayHours(p50)}, p90 ${sayHours(p90)}.${part('Opening to merge', toMerge)}${part('Merge to production', toProduction)}`;
}

export function verdict(report: DoraReport): string {
  const { question, total } = report;
  const where = `${total.service ? `${total.service} in ` : ''}${question.environment}, ${sayWindow(report)}`;
  if (report.result === 'no-deployments') return `${where}: no deployments, so there is nothing to measure.`;
  const { hits, n, value } = total.changeFailRate;
  const failed = value === null ? 'failures not known' : `${hits} of ${n} failed`;
  return `${where}: ${sayFrequency(total.frequency.perDay)} (${count(total.frequency.n, 'deployment')}, ${failed}), lead time ${sayHours(total.leadTime.p50)}, recovery ${sayHours(total.recovery.p50)}.`;
}

export function sayWindow({ question }: Pick<DoraReport, 'question'>): string {
  const minute = (instant: string) => instant.slice(0, 16).replace('T', ' ');
  return `${minute(question.from)} to ${minute(question.to)} UTC`;
}
