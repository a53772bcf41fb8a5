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

/** What one criterion is at an instant. `samples` are all kept ones of its source, `reading` the newest answer of it; times are epoch milliseconds. */
export function measure(
  criterion: Criterion,
  reading: Reading,
  samples: readonly Sample[],
  since: number,
  at: number,
): Measurement {
  const fail = criterion.failWhen ?? negation(criterion.successWhen!);
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

function explain(judged: Sustained, fail: Condition, { forMs }: Criterion): string {
  const now = judged.rate === undefined ? '' : `error rate ${percent(judged.rate)}`;
  switch (judged.is) {
    case 'sustained':
      return `${describeCondition(fail)} for the whole of ${formatDuration(forMs)}: ${Math.round(judged.errors)} of ${Math.round(judged.requests)} requests failed (${percent(judged.errors / judged.requests)})`;
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

function negation(condition: Condition): Condition {
  const opposite = { '>': '<=', '>=': '<', '<': '>=', '<=': '>' } as const;
  return { ...condition, operator: opposite[condition.operator] };
}
