import { normalCdf, normalQuantile } from './normal.js';

/** How much one set of values lies above another: the shift between them with its interval, and how large it is. */
export interface Shift {
  /** Median of all differences (J. L. Hodges, E. L. Lehmann, 1963). */
  estimate: number;
  /** The shift lies between these, each with the confidence that was asked for; infinite where the values are too few. */
  low: number;
  high: number;
  /** How likely a difference like this is by chance, seen from both sides. */
  chance: number;
  /** Mean over mean; undefined where one of them is 0. */
  ratio: number | undefined;
  /** How often a value of the one is above a value of the other; ties count half. */
  superiority: number;
}

/** More values than this of one side are thinned out evenly: all pairs of them are looked at. */
const mostValues = 400;

const numbers = (values: readonly number[]) => values.filter(Number.isFinite);

function thinned(values: readonly number[]): readonly number[] {
  if (values.length <= mostValues) return values;
  return Array.from(
    { length: mostValues },
    (_, index) => values[Math.floor(((index + 0.5) * values.length) / mostValues)]!,
  );
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Sum of t³ - t over the groups of equal values. */
function tiesIn(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => sum + count ** 3 - count, 0);
}

/** Standard deviation of the number of pairs in which one is above the other, with the correction for ties. */
function spread(n: number, m: number, ties: number): number {
  const all = n + m;
  return Math.sqrt(Math.max(0, ((n * m) / 12) * (all + 1 - ties / (all * (all - 1)))));
}

/**
 * The statistic of H. B. Mann and D. R. Whitney (1947) for values that lie `by` above others, standardised, with the
 * corrections for ties and for continuity; 0 where all values are equal.
 */
export function standardised(values: readonly number[], others: readonly number[], by = 0): number {
  const [n, m] = [values.length, others.length];
  const moved = values.map((value) => value - by);
  const above = moved.reduce(
    (sum, value) =>
      sum + others.reduce((count, other) => count + (value > other ? 1 : value === other ? 0.5 : 0), 0),
    0,
  );
  const centred = above - (n * m) / 2;
  const deviation = spread(n, m, tiesIn([...moved, ...others]));
  return deviation === 0 ? 0 : (centred - Math.sign(centred) * 0.5) / deviation;
}

/**
 * By how much values lie above others, whatever their distribution; undefined where there are none on one side. Each end
 * of the interval is a difference of two values, found by its rank, so that no search for a root has a say in it. What
 * is no finite number is left out.
 */
export function shiftOf(
  values: readonly number[],
  others: readonly number[],
  confidence: number,
): Shift | undefined {
  const [x, y] = [thinned(numbers(values)), thinned(numbers(others))];
  const [n, m] = [x.length, y.length];
  if (n === 0 || m === 0) return undefined;
  const differences = Float64Array.from(
    { length: n * m },
    (_, index) => x[Math.floor(index / m)]! - y[index % m]!,
  );
  differences.sort();
  const half = (n * m) / 2;
  const at = (rank: number) => differences[rank]!;
  const estimate = (at(Math.ceil(half) - 1) + at(Math.floor(half))) / 2;
  const deviation = spread(n, m, tiesIn(x) + tiesIn(y));
  const rank = Math.ceil(half + normalQuantile(confidence) * deviation + 0.5);
  const known = rank <= n * m;
  const [meanOfX, meanOfY] = [meanOf(x), meanOf(y)];
  const above = differences.reduce((sum, by) => sum + (by > 0 ? 1 : by === 0 ? 0.5 : 0), 0);
  return {
    estimate,
    low: known ? at(n * m - rank) : -Infinity,
    high: known ? at(rank - 1) : Infinity,
    chance: Math.min(1, 2 * (1 - normalCdf(Math.abs(standardised(x, y))))),
    ratio: meanOfX === 0 || meanOfY === 0 ? undefined : meanOfX / meanOfY,
    superiority: above / (n * m),
  };
}

export interface Tolerances {
  /** As a share: each end of the interval is right so often. */
  confidence: number;
  /** Shifts up to this share of the estimate itself are none. */
  tolerance: number;
  direction: 'increase' | 'decrease' | 'either';
  /** A shift counts from this effect on; by default any does. */
  effect?: { of: 'ratio' | 'superiority'; decrease: number; increase: number };
}

/** What a comparison comes to. */
export type Classified = { is: 'high' | 'low' | 'same' | 'no-data'; shift?: Shift };

/** Whether values are higher or lower than others, as Kayenta's Mann-Whitney classifier says it. */
export function classify(
  values: readonly number[],
  others: readonly number[],
  { confidence, tolerance, direction, effect }: Tolerances,
): Classified {
  const shift = shiftOf(values, others, confidence);
  if (!shift) return { is: 'no-data' };
  const bound = tolerance * Math.abs(shift.estimate);
  const size = effect && shift[effect.of];
  const large = (side: 'decrease' | 'increase') =>
    !effect ||
    size === undefined ||
    (side === 'increase' ? size >= effect.increase : size <= effect.decrease);
  if (direction !== 'decrease' && shift.low > bound && large('increase')) return { is: 'high', shift };
  if (direction !== 'increase' && shift.high < -bound && large('decrease')) return { is: 'low', shift };
  return { is: 'same', shift };
}
