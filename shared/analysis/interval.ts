import type { Criterion } from '../contracts/analysis-report.js';
import type { Count } from './rate.js';

/** One-sided quantiles of the normal distribution. */
const quantiles = { 0.9: 1.2815515655, 0.95: 1.644853627, 0.99: 2.326347874 } as const;

/** How sure a verdict must be, as a share; each bound of the interval is right so often. */
export type Confidence = Criterion['confidence'];

/**
 * A rate of which only `requests` were seen lies between `low` and `high`, each with the given confidence (E. B.
 * Wilson, 1927). Shares from 0 to 1.
 */
export function rateInterval(
  { requests, errors }: Count,
  confidence: Confidence,
): { low: number; high: number } {
  if (requests <= 0) return { low: 0, high: 1 };
  const z2 = quantiles[confidence] ** 2;
  const rate = Math.min(1, errors / requests);
  const scale = 1 + z2 / requests;
  const middle = (rate + z2 / (2 * requests)) / scale;
  const half = Math.sqrt((z2 / requests) * (rate * (1 - rate) + z2 / (4 * requests))) / scale;
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}
