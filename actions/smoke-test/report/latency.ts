import type { SmokeReport } from '../../../shared/contracts/reports/smoke-report.js';
import type { FlowResult } from '../run/flow.js';
import type { StepResult } from '../run/results.js';

/** Durations of the last answer of every step that had one, in milliseconds and ascending. */
export function latenciesOf(flows: readonly FlowResult[]): Float64Array {
  return Float64Array.from(flows.flatMap(({ steps }) => steps.flatMap(answerDuration))).sort();
}

function answerDuration({ attempts }: StepResult): number[] {
  const last = attempts.findLast(({ fault }) => fault === null);
  return last ? [last.durationMs] : [];
}

/** A percentile by nearest rank of ascending values, or null of none. */
export function percentile(percent: number, ascending: ArrayLike<number>): number | null {
  return ascending[Math.ceil((percent / 100) * ascending.length) - 1] ?? null;
}

/** The usual percentiles of ascending durations. */
export function summarise(ascending: ArrayLike<number>): SmokeReport['latency'] {
  const at = (percent: number) => percentile(percent, ascending)!;
  return ascending.length === 0
    ? null
    : { answers: ascending.length, p50Ms: at(50), p95Ms: at(95), p99Ms: at(99), maxMs: at(100) };
}
