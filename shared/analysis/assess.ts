import type { Phase } from '../contracts/reports/analysis-report.js';

/** What the conditions of a criterion said; undefined for a condition it does not have. */
export interface Conditions {
  failed: boolean | undefined;
  succeeded: boolean | undefined;
}

/**
 * The phase of one measurement: failure beats success, and neither is Inconclusive. A criterion without any condition
 * is a mistake in the plan and throws.
 */
export function evaluate({ failed, succeeded }: Conditions): Phase {
  if (failed === undefined && succeeded === undefined) {
    throw new Error('a criterion needs fail-when, success-when or both');
  }
  if (failed) return 'Failed';
  if (succeeded ?? true) return 'Successful';
  return failed === undefined ? 'Failed' : 'Inconclusive';
}

/** Measurements of one criterion so far, by phase. */
export interface Tally {
  successful: number;
  failed: number;
  inconclusive: number;
  consecutiveErrors: number;
  /** Measurements that answer the question, errors left out. */
  count: number;
  last: Phase | undefined;
}

export const emptyTally: Tally = {
  successful: 0,
  failed: 0,
  inconclusive: 0,
  consecutiveErrors: 0,
  count: 0,
  last: undefined,
};

/**
 * Counts a measurement; an error uses up no count, and any answer, a measurement still open too, ends a row of errors.
 */
export function add(tally: Tally, phase: Phase): Tally {
  const next = { ...tally, last: phase };
  if (phase === 'Running' || phase === 'Pending') return { ...next, consecutiveErrors: 0 };
  if (phase === 'Error') return { ...next, consecutiveErrors: tally.consecutiveErrors + 1 };
  const place = { Successful: 'successful', Failed: 'failed', Inconclusive: 'inconclusive' } as const;
  return {
    ...next,
    count: tally.count + 1,
    consecutiveErrors: 0,
    [place[phase]]: tally[place[phase]] + 1,
  };
}

export interface Limits {
  maxFailures: number;
  maxInconclusive?: number | undefined;
  maxConsecutiveErrors: number;
  /** Measurements after which the criterion is done; undefined: as many as there is time for. */
  count?: number;
}

/** The phase of a criterion. Limits are what is tolerated: three failures pass `maxFailures: 3`, the fourth fails. */
export function assess(limits: Limits, tally: Tally): Phase {
  if (tally.last === undefined) return 'Pending';
  const exceeded: Phase[] = [];
  if (tally.failed > limits.maxFailures) exceeded.push('Failed');
  if (tally.inconclusive > (limits.maxInconclusive ?? Infinity)) exceeded.push('Inconclusive');
  if (tally.consecutiveErrors > limits.maxConsecutiveErrors) exceeded.push('Error');
  if (exceeded.length > 0) return worst(exceeded);
  if (tally.last === 'Running' || tally.last === 'Pending') return 'Running';
  return limits.count !== undefined && tally.count >= limits.count ? 'Successful' : 'Running';
}

const bestFirst: readonly Phase[] = ['Successful', 'Running', 'Pending', 'Inconclusive', 'Error', 'Failed'];

/** The worst of several phases; none at all is Pending, never Successful. */
export function worst(phases: readonly Phase[]): Phase {
  if (phases.length === 0) return 'Pending';
  return bestFirst[Math.max(...phases.map((phase) => bestFirst.indexOf(phase)))]!;
}
