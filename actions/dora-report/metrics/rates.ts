import type { Rate } from '../../../shared/contracts/dora-report.js';

/** A share of the deployments: null, not 0, where there were none. */
export function rateOf(events: Rate['events'], n: number): Omit<Rate, 'tier'> {
  return { value: n === 0 ? null : events.length / n, hits: events.length, n, events };
}
