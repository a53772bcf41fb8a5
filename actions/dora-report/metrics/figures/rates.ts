import type { Rate } from '../../../../shared/contracts/reports/dora-report.js';
import { wilson } from './statistics.js';

/** A share of the deployments: null, not 0, where there were none. */
export function rateOf(events: Rate['events'], n: number): Omit<Rate, 'tier'> {
  const value = n === 0 ? null : events.length / n;
  return { value, hits: events.length, n, interval: wilson(events.length, n), events };
}
