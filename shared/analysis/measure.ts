import type {
  Condition,
  Criterion,
  Measurement,
  Phase,
  Reading,
  Sample,
} from '../contracts/analysis-report.js';
import { formatDuration } from '../time/duration.js';
import { evaluate } from './assess.js';
import { describeCondition, holds, percent } from './condition.js';
import { judgeSustained, type Sustained } from './sustained.js';

/**
 * What one criterion is at an instant. `samples` are all kept ones of its source, `reading` the newest answer of it;
 * times are epoch milliseconds.
 */
export function measure(
  criterion: Criterion,
  reading: Reading,
  samples: readonly Sample[],
  since: number,
  at: number,
): Measurement {
  const fail = failCondition(criterion);
  const judged = judgeSustained(fail, criterion, samples, since, at);
  const facts = {
    criterion: criterion.name,
    requests: judged.requests,
    errors: judged.errors,
    ...(judged.rate !== undefined ? { rate: judged.rate } : {}),
  };
  if (reading.is === 'error' || reading.is === 'stale')
    return { ...facts, phase: 'Error', message: reading.message };
  const message = [explain(judged, fail, criterion), reading.message].filter(Boolean).join('; ');
  return { ...facts, phase: phaseOf(judged, criterion), message };
}

function phaseOf(judged: Sustained, { failWhen, successWhen, noData }: Criterion): Phase {
  switch (judged.is) {
    case 'too-young':
    case 'building':
    case 'unsure':
      return 'Running';
    case 'no-data':
      return ({ inconclusive: 'Inconclusive', fail: 'Failed', pass: 'Successful' } as const)[noData];
    default:
      return evaluate({
        failed: failWhen && judged.is === 'sustained',
        succeeded: successWhen && holds(successWhen, judged.rate ?? NaN),
      });
  }
}

function explain(judged: Sustained, fail: Condition, { forMs, confidence }: Criterion): string {
  const share = (rate: number) => percent(rate, fail.value);
  const now = judged.rate === undefined ? '' : `error rate ${share(judged.rate)}`;
  const counted = `${Math.round(judged.errors)} of ${Math.round(judged.requests)} requests failed`;
  switch (judged.is) {
    case 'sustained':
      return `${describeCondition(fail)} for ${formatDuration(forMs)}: ${counted} (${share(judged.errors / judged.requests)}; ${surely(fail, judged, confidence)})`;
    case 'unsure':
      return `${counted} in ${formatDuration(forMs)} (${share(judged.errors / judged.requests)}), too few to be ${percent(confidence)} sure that it is ${describeCondition(fail)}`;
    case 'building':
      return `${now}, bad for ${formatDuration(judged.forMs)} of ${formatDuration(forMs)}`;
    case 'not-met':
      return now;
    case 'too-young':
      return `${Math.round(judged.requests)} requests so far`;
    case 'no-data':
      return `no data: ${judged.message}`;
  }
}

/** What the interval says for sure: the end of it that is nearest to the bound. */
export function surely(
  { operator }: Condition,
  { low, high }: { low: number; high: number },
  confidence: number,
): string {
  return operator === '>' || operator === '>='
    ? `${percent(confidence)} sure of at least ${percent(low)}`
    : `${percent(confidence)} sure of at most ${percent(high)}`;
}

/** The condition that takes a release back. */
export const failCondition = ({ failWhen, successWhen }: Criterion): Condition =>
  failWhen ?? negation(successWhen!);

function negation(condition: Condition): Condition {
  const opposite = { '>': '<=', '>=': '<', '<': '>=', '<=': '>' } as const;
  return { ...condition, operator: opposite[condition.operator] };
}
