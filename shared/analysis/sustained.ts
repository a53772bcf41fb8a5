import type { Condition, Criterion, Sample } from '../contracts/reports/analysis-report.js';
import { holds } from './condition.js';
import { rateInterval } from './statistics/interval.js';
import { countIn, partsOf, rateOf, type Count } from './statistics/rate.js';

/** What the samples say about a condition that must hold for the whole of a window. */
export type Sustained = Count & {
  /** Rate of the newest part of the window. */
  rate: number | undefined;
} & (
    | { is: 'sustained'; low: number; high: number }
    /** It held for the whole window, and by chance alone it might have. */
    | { is: 'unsure'; low: number; high: number }
    /** It holds now, and has not held for the whole window yet. */
    | { is: 'building'; forMs: number }
    | { is: 'not-met' }
    /** The watch has not lasted a window yet, and there is too little to judge so far. */
    | { is: 'too-young' }
    | { is: 'no-data'; message: string }
  );

/** What is judged of a criterion, and how many rates are judged at once, this one of them. */
type Rule = Pick<Criterion, 'forMs' | 'overMs' | 'minRequests' | 'confidence'> & { among?: number };

/**
 * Judges a condition at an instant. It is sustained when the samples reach back over the whole window, the window has
 * the least number of requests, the rate of every part of it meets the condition, and that of the whole does so surely:
 * with the near end of its interval. Where the window is cut into parts, one good part starts the count again, a part
 * without requests proves nothing, and a part that is bad only at its end does not count as bad from its beginning.
 * `since` is the end of the warm-up: samples that begin before it are left out. All times are epoch milliseconds.
 */
export function judgeSustained(
  condition: Condition,
  { forMs, overMs, minRequests, confidence, among = 1 }: Rule,
  samples: readonly Sample[],
  since: number,
  at: number,
): Sustained {
  const counted = samples.filter((sample) => sample.from >= since);
  const start = Math.min(...counted.map((sample) => sample.from));
  const window = { from: at - forMs, to: at };
  const covered = start <= window.from;
  const count = countIn(counted, window);
  const parts = partsOf(window, overMs).map((part) => ({ part, rate: rateOf(countIn(counted, part)) }));
  const meets = (rate: number | undefined) => rate !== undefined && holds(condition, rate);
  const newest = parts.at(-1)!.rate;
  const facts = { ...count, rate: newest };

  if (count.requests < minRequests || newest === undefined) {
    if (window.from < since) return { is: 'too-young', ...facts };
    return {
      is: 'no-data',
      ...facts,
      message:
        count.requests < minRequests
          ? `${Math.floor(count.requests)} requests, ${minRequests} are needed`
          : 'no requests in the newest part of the window',
    };
  }
  if (!meets(newest)) return { is: 'not-met', ...facts };
  const first = counted.find((sample) => sample.requests > 0 && countIn([sample], window).requests > 0)!;
  const goodUntil = [
    ...(parts.length === 1 || meets(rateOf(first)) ? [] : [first.to]),
    ...parts.filter(({ rate }) => !meets(rate)).map(({ part }) => part.to),
  ];
  if (covered && goodUntil.length === 0) {
    const interval = rateInterval(count, confidence, among);
    return {
      is: holdsSurely(condition, interval, rateOf(count)) ? 'sustained' : 'unsure',
      ...facts,
      ...interval,
    };
  }
  return { is: 'building', forMs: at - Math.max(window.from, start, ...goodUntil), ...facts };
}

/**
 * Whether every rate of an interval meets the condition. No number of requests makes sure of 100 %, or of none: where
 * that is the bound, what was seen is taken as it is.
 */
export function holdsSurely(
  condition: Condition,
  { low, high }: { low: number; high: number },
  seen: number | undefined,
): boolean {
  const { operator, value } = condition;
  if ((operator === '>=' && value >= 1) || (operator === '<=' && value <= 0))
    return seen !== undefined && holds(condition, seen);
  return holds(condition, low) && holds(condition, high);
}
