import type { Criterion } from '../../contracts/reports/analysis-report.js';
import { normalQuantile } from './normal.js';
import type { Count } from './rate.js';

/** How sure a verdict must be, as a share; each bound of the interval is right so often. */
export type Confidence = Criterion['confidence'];

/**
 * A rate of which only `requests` were seen lies between `low` and `high`, each with the given confidence (E. B.
 * Wilson, 1927). Where it is one of `among` that are judged at once, all of them together have it (C. E. Bonferroni,
 * 1936). Shares from 0 to 1.
 */
export function rateInterval(
  { requests, errors }: Count,
  confidence: Confidence,
  among = 1,
): { low: number; high: number } {
  if (requests <= 0) return { low: 0, high: 1 };
  const z2 = normalQuantile(1 - (1 - confidence) / Math.max(1, among)) ** 2;
  const rate = Math.min(1, errors / requests);
  const scale = 1 + z2 / requests;
  const middle = (rate + z2 / (2 * requests)) / scale;
  const half = Math.sqrt((z2 / requests) * (rate * (1 - rate) + z2 / (4 * requests))) / scale;
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

/**
 * How likely so many errors or more are where each request fails with this chance: exact (the binomial distribution), so
 * it holds for few requests too.
 */
export function chanceOfErrors({ requests, errors }: Count, rate: number): number {
  const [n, k] = [Math.round(requests), Math.round(errors)];
  if (k <= 0) return 1;
  if (k > n || rate <= 0) return 0;
  let sum = 0;
  let logChoose = 0;
  for (let count = 1; count <= n; count += 1) {
    logChoose += Math.log(n - count + 1) - Math.log(count);
    if (count >= k) sum += Math.exp(logChoose + count * Math.log(rate) + (n - count) * Math.log1p(-rate));
  }
  return Math.min(1, sum);
}
