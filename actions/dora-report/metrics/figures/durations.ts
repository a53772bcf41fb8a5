import type { Durations, TierModel } from '../../../../shared/contracts/reports/dora-report.js';
import { spreadOf } from './statistics.js';
import { tierOfSpread } from './tiers.js';

/** A metric of durations, with the events behind it. */
export function durations(
  model: TierModel,
  metric: 'leadTime' | 'recovery',
  events: Durations['events'],
  open: Durations['open'] = [],
): Durations {
  const spread = spreadOf(events.map((event) => event.hours));
  return { ...spread, unit: 'hours', tier: tierOfSpread(model, metric, spread), events, open };
}
