import type {
  Condition,
  Criterion,
  Measurement,
  Phase,
  Reading,
} from '../contracts/reports/analysis-report.js';
import type { Control, Sample, ValueSample } from '../contracts/reports/analysis-report.js';
import { formatDuration } from '../time/duration.js';
import { evaluate } from './assess.js';
import { failCondition } from './fail-condition.js';
import { describeCondition, describeValue, holds, isPossible, percent } from './condition.js';
import { judgeNumber, meanOf, type JudgedNumber } from './numbers.js';
import { judgeRanks } from './ranks.js';
import { describeGroup, splitSamples } from './statistics/split.js';
import { judgeSustained, type Sustained } from './sustained.js';

/** What one part of a criterion came to, before the parts are put together. */
type Measured = Omit<Measurement, 'criterion'> & { isKnown: boolean };

/** When it is judged, and the end of the warm-up; epoch milliseconds. */
export interface Moment {
  since: number;
  at: number;
}

/** All that is kept of a source. */
export interface Kept {
  samples: readonly Sample[];
  values: readonly ValueSample[];
  control?: Control;
}

/**
 * What one criterion is at an instant: the worst of its parts, where it is judged by the values of a label. `kept` is
 * what was seen of its source, `reading` the newest answer of it.
 */
export function measure(criterion: Criterion, reading: Reading, kept: Kept, moment: Moment): Measurement {
  const { parts, note } = isCounted(criterion)
    ? countedParts(criterion, kept.samples, moment)
    : numberParts(criterion, kept, moment);
  const known = parts.filter(({ isKnown }) => isKnown);
  const { isKnown: _, ...worst } = worstOf(known.length > 0 ? known : parts);
  const facts = { criterion: criterion.name, ...worst };
  if (reading.is === 'error' || reading.is === 'stale')
    return { ...facts, phase: 'Error', message: reading.message };
  const message = [worst.message, note, reading.message].filter(Boolean).join('; ');
  return { ...facts, message };
}

/** Whether requests and errors are judged, and not a number that a source gives. */
export const isCounted = (criterion: Criterion) => failCondition(criterion).metric === 'error-rate';

function countedParts(criterion: Criterion, samples: readonly Sample[], moment: Moment) {
  const fail = failCondition(criterion);
  const counted = samples.filter(({ from }) => from >= moment.since);
  const { parts, note } = splitSamples(criterion, counted, {
    from: moment.at - criterion.forMs,
    to: moment.at,
  });
  const measured = parts.map(({ group, of }): Measured => {
    const judged = judgeSustained(fail, { ...criterion, among: parts.length }, of, moment.since, moment.at);
    const { requests, errors, rate } = judged;
    return {
      requests,
      errors,
      ...(rate === undefined ? {} : { rate }),
      ...(group === undefined ? {} : { group }),
      phase: phaseOf(judged.is, criterion, rate),
      message: named(criterion, group, parts.length, explainRate(judged, fail, criterion)),
      isKnown: judged.is !== 'no-data',
    };
  });
  return { parts: measured, note };
}

function numberParts(criterion: Criterion, { values, control }: Kept, moment: Moment) {
  const fail = failCondition(criterion);
  const groups = criterion.by === undefined ? [undefined] : [...new Set(values.map(({ group }) => group))];
  const all = groups.length > 0 ? groups : [undefined];
  const measured = all.map((group): Measured => {
    const own = criterion.by === undefined ? values : values.filter((value) => value.group === group);
    const impossible = own.find(
      ({ to, value }) => to > moment.at - criterion.forMs && !isPossible(fail.metric, value),
    );
    if (impossible) return unbelievable(fail, impossible.value, group);
    const byMean = judgeNumber(fail, criterion, own, moment.since, moment.at);
    const others = control?.filter((one) => criterion.by === undefined || one.group === group);
    const judged = criterion.judge ? judgeRanks(byMean, criterion, own, others, moment) : byMean;
    const { mean, baseline } = judged;
    const compared = fail.of && mean !== undefined && baseline !== undefined ? mean / baseline : mean;
    return {
      requests: 0,
      errors: 0,
      ...(mean === undefined ? {} : { value: mean }),
      ...(baseline === undefined ? {} : { baseline }),
      ...(group === undefined ? {} : { group }),
      phase: phaseOf(judged.is, criterion, compared),
      message: named(criterion, group, all.length, explainNumber(judged, fail, criterion)),
      isKnown: judged.is !== 'no-data',
    };
  });
  const note =
    criterion.by !== undefined && groups.length > 0
      ? `judged ${groups.length} values of ${criterion.by} each`
      : undefined;
  return { parts: measured, note };
}

/** A source that gives what cannot be has not measured it, and says nothing while that is in the window. */
const unbelievable = ({ metric }: Condition, value: number, group: string | undefined): Measured => ({
  requests: 0,
  errors: 0,
  ...(group === undefined ? {} : { group }),
  phase: 'Error',
  message: `${metric} is ${value}, which cannot be`,
  isKnown: true,
});

const named = ({ by }: Criterion, group: string | undefined, count: number, message: string) =>
  by === undefined || (group === undefined && count === 1)
    ? message
    : `${describeGroup(by, group)}: ${message}`;

/** Of the parts of a criterion the one that matters most: a failure first, then what is still open. */
const worstFirst: readonly Phase[] = ['Failed', 'Error', 'Running', 'Pending', 'Inconclusive', 'Successful'];

function worstOf(parts: readonly Measured[]): Measured {
  const rank = ({ phase }: Measured) => worstFirst.indexOf(phase);
  const size = ({ rate, value }: Measured) => rate ?? value ?? -Infinity;
  return parts.reduce((worst, part) => {
    const order = rank(part) - rank(worst) || size(worst) - size(part);
    return order < 0 ? part : worst;
  });
}

function phaseOf(
  is: Sustained['is'] | JudgedNumber['is'],
  { failWhen, successWhen, noData }: Criterion,
  now: number | undefined,
): Phase {
  switch (is) {
    case 'too-young':
    case 'building':
    case 'unsure':
      return 'Running';
    case 'no-data':
      return ({ inconclusive: 'Inconclusive', fail: 'Failed', pass: 'Successful' } as const)[noData];
    default:
      return evaluate({
        failed: failWhen && is === 'sustained',
        succeeded: successWhen && holds(successWhen, now ?? NaN),
      });
  }
}

function explainRate(judged: Sustained, fail: Condition, { forMs, confidence }: Criterion): string {
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

function explainNumber(judged: JudgedNumber, fail: Condition, { forMs }: Criterion): string {
  const bound = fail.of ? undefined : fail.value;
  const shown = (value: number | undefined) =>
    value === undefined ? 'not known' : describeValue(fail.metric, value, bound);
  const beside = judged.baseline === undefined ? '' : ` (baseline ${shown(judged.baseline)})`;
  const now = `${fail.metric} ${shown(judged.mean)}${beside}`;
  const whole = shown(meanOf(judged.spell));
  const ranks = 'ranks' in judged && judged.ranks !== undefined ? `; ${judged.ranks}` : '';
  const met = `${percent(judged.spell.metMs / Math.max(1, judged.spell.knownMs))} of the time`;
  switch (judged.is) {
    case 'sustained':
      return `${describeCondition(fail)} for ${formatDuration(forMs)}: ${whole} on average${beside}, met for ${met}${ranks}`;
    case 'unsure':
      return `${whole} on average in ${formatDuration(forMs)}${beside}, ${describeCondition(fail)} for ${met}: not sure${ranks}`;
    case 'building':
      return `${now}, bad for ${formatDuration(judged.forMs)} of ${formatDuration(forMs)}`;
    case 'not-met':
      return now;
    case 'too-young':
      return judged.mean === undefined ? 'no value so far' : now;
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
