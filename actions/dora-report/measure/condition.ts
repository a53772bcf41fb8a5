import { lines, refuse } from '../../../shared/config/fields.js';
import type { Measures } from '../../../shared/contracts/reports/dora-report.js';
import { formatDuration, parseDuration } from '../../../shared/time/duration.js';
import { judgedOf } from '../metrics/figures/tiers.js';
import type { DoraQuestion } from '../../../shared/contracts/reports/dora-report.js';

const metrics = {
  'lead-time': 'hours',
  frequency: 'per day',
  'change-fail-rate': 'share',
  recovery: 'hours',
  'time-to-restore': 'hours',
  'rework-rate': 'share',
} as const;
export type ConditionMetric = keyof typeof metrics;

/** A bound on a metric; hours, a share or deployments a day. */
export interface Condition {
  metric: ConditionMetric;
  is: '<' | '>';
  bound: number;
  /** Whether it holds where there is no value. */
  orNoData: boolean;
  text: string;
}

const form = `lines such as change-fail-rate > 15 %, lead-time > 2d or frequency < 1, of ${Object.keys(metrics).join(', ')}`;

/** Conditions, one a line. */
export const conditions = () =>
  lines().transform((all, ctx) => all.map((line) => parseCondition(line) ?? refuse(ctx, form)));

function parseCondition(text: string): Condition | undefined {
  const parts = /^([a-z-]+)\s*([<>])\s*([\d.]+\s*(?:%|[a-z][\da-z.]*)?)(\s+or no data)?$/.exec(text);
  if (!parts || !Object.hasOwn(metrics, parts[1]!)) return undefined;
  const metric = parts[1] as ConditionMetric;
  const bound = boundOf(parts[3]!.trim(), metrics[metric]);
  if (bound === undefined) return undefined;
  return { metric, is: parts[2] as '<' | '>', bound, orNoData: parts[4] !== undefined, text };
}

function boundOf(text: string, unit: (typeof metrics)[ConditionMetric]): number | undefined {
  if (unit === 'hours') {
    const duration = parseDuration(text);
    return duration === undefined ? undefined : duration / 3_600_000;
  }
  const number = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(text);
  if (!number || (unit === 'share') !== (number[2] === '%')) return undefined;
  return unit === 'share' ? Number(number[1]) / 100 : Number(number[1]);
}

/** The conditions that hold, a sentence each. Durations are judged by the figure that the tiers judge. */
export function conditionsThatHold(
  all: readonly Condition[],
  measures: Measures,
  { tiers }: Pick<DoraQuestion, 'tiers'>,
): string[] {
  return all.flatMap(({ metric, is, bound, orNoData, text }) => {
    const { value, shown } = valueOf(metric, measures, tiers);
    if (value === null) return orNoData ? [`${metric} has no data (${text})`] : [];
    return (is === '>' ? value > bound : value < bound) ? [`${metric} is ${shown} (${text})`] : [];
  });
}

function valueOf(
  metric: ConditionMetric,
  measures: Measures,
  tiers: DoraQuestion['tiers'],
): { value: number | null; shown: string } {
  const hours = (spread: Measures['leadTime']) => {
    const { name, value } = judgedOf(tiers, spread);
    return { value, shown: `${value === null ? '' : formatDuration(value * 3_600_000)} (${name})` };
  };
  const share = (value: number | null) => ({ value, shown: `${Number(((value ?? 0) * 100).toFixed(1))} %` });
  switch (metric) {
    case 'lead-time':
      return hours(measures.leadTime);
    case 'recovery':
      return hours(measures.recovery);
    case 'time-to-restore':
      return hours(measures.timeToRestore);
    case 'change-fail-rate':
      return share(measures.changeFailRate.value);
    case 'rework-rate':
      return share(measures.reworkRate.value);
    case 'frequency':
      // Without a deployment there is nothing to say of how often: data may just begin.
      return measures.frequency.n === 0 && measures.frequency.since !== undefined
        ? { value: null, shown: '' }
        : {
            value: measures.frequency.perDay,
            shown: `${Number(measures.frequency.perDay.toFixed(2))} a day`,
          };
  }
}
