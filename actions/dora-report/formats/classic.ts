import type { DoraReport, Tier } from '../../../shared/contracts/reports/dora-report.js';
import { tierOf, type TieredMetric } from '../metrics/figures/tiers.js';

interface ClassicMetric {
  /** Null without data, where the script this shape comes from wrote 0. */
  value: number | null;
  unit: string;
  classification: string;
}

/** The shape teams had before: means, percent and hours, classified by their own thresholds. */
export interface Classic {
  period: { start: string; end: string };
  metrics: Record<
    'deployment_frequency' | 'lead_time_for_changes' | 'change_failure_rate' | 'mean_time_to_recovery',
    ClassicMetric
  >;
}

const words: Record<Tier, string> = { elite: 'Elite', high: 'High', medium: 'Medium', low: 'Low' };

export function classicOf({ question, total, result }: DoraReport): Classic {
  const metric = (kind: TieredMetric, value: number | null, unit: string, scale = 1): ClassicMetric => {
    const tier = tierOf('seed', kind, value);
    return {
      value: value === null ? null : value * scale,
      unit,
      classification: tier === null ? 'No data' : words[tier],
    };
  };
  const frequency = metric('frequency', total.frequency.perDay, 'deployments/day');
  return {
    period: { start: question.from, end: question.to },
    metrics: {
      deployment_frequency:
        result === 'no-deployments' ? { ...frequency, classification: 'No data' } : frequency,
      lead_time_for_changes: metric('leadTime', total.leadTime.mean, 'hours'),
      change_failure_rate: metric('changeFailRate', total.changeFailRate.value, '%', 100),
      mean_time_to_recovery: metric('recovery', total.timeToRestore.mean, 'hours'),
    },
  };
}
