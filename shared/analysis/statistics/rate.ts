import type { Sample } from '../../contracts/reports/analysis-report.js';
import type { Window } from '../source.js';

/** Requests and errors counted in a window. */
export interface Count {
  requests: number;
  errors: number;
}

/**
 * What happened in a window. A sample that reaches out of it counts by the share of its time inside, as if it had been
 * even.
 */
export function countIn(samples: readonly Sample[], window: Window): Count {
  let requests = 0;
  let errors = 0;
  for (const sample of samples) {
    const share = shareInside(sample, window);
    requests += sample.requests * share;
    errors += sample.errors * share;
  }
  return { requests, errors };
}

function shareInside({ from, to }: Sample, window: Window): number {
  if (from >= to) return to > window.from && to <= window.to ? 1 : 0;
  const inside = Math.min(to, window.to) - Math.max(from, window.from);
  return inside <= 0 ? 0 : inside / (to - from);
}

/** Errors as a share of requests; undefined, not NaN and not 0, when there were none. */
export function rateOf({ requests, errors }: Count): number | undefined {
  return requests > 0 ? Math.min(1, errors / requests) : undefined;
}

/** A window cut into equal parts of about `partMs`, oldest first. */
export function partsOf({ from, to }: Window, partMs: number): Window[] {
  const count = Math.max(1, Math.round((to - from) / partMs));
  const length = (to - from) / count;
  return Array.from({ length: count }, (_, index) => ({
    from: from + index * length,
    to: index === count - 1 ? to : from + (index + 1) * length,
  }));
}
