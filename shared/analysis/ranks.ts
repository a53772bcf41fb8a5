import type { Control, Criterion, ValueSample } from '../contracts/reports/analysis-report.js';
import { percent } from './condition.js';
import { shiftOf, type Shift } from './statistics/judge.js';
import { failCondition } from './fail-condition.js';
import type { JudgedNumber } from './numbers.js';

/** The same of a number that was judged by its mean, by the ranks of all values; `ranks` says it in words. */
export type JudgedByRanks = JudgedNumber & { ranks?: string };

/** Fewer values than this on one side say nothing, however alike they are: ties would make them look certain. */
const leastValues = 5;

/**
 * Judges by all values of a window whether they lie beyond a share of the baseline's, however both are distributed (the
 * test of Mann and Whitney, with the interval of Hodges and Lehmann). The mean has a say too: where the two disagree (a
 * few values far out, or two kinds of requests), the ranks are known to be weak, and it is not sure. Too few values for
 * the confidence are no data.
 */
export function judgeRanks(
  byMean: JudgedNumber,
  criterion: Pick<Criterion, 'failWhen' | 'successWhen' | 'forMs' | 'confidence'>,
  values: readonly ValueSample[],
  control: Control,
  { since, at }: { since: number; at: number },
): JudgedByRanks {
  if (byMean.is === 'no-data' || byMean.is === 'too-young') return byMean;
  const fail = failCondition(criterion);
  const inside = values.filter(({ from, to }) => from >= since && to > at - criterion.forMs && to <= at);
  const others =
    control?.map(({ value }) => value) ??
    inside.flatMap(({ baseline }) => (baseline === undefined ? [] : [baseline]));
  const { mean, baseline, spell } = byMean;
  const facts = { mean, baseline, spell };
  const shift = shiftOf(
    inside.map(({ value }) => value),
    others.map((value) => value * fail.value),
    criterion.confidence,
  );
  const [own, theirs] = [inside.map(({ value }) => value), others].map(
    (all) => all.filter(Number.isFinite).length,
  ) as [number, number];
  const upwards = fail.operator === '>' || fail.operator === '>=';
  if (!shift || shift.low === -Infinity || Math.min(own, theirs) < leastValues)
    return {
      is: 'no-data',
      ...facts,
      message: `${own} values and ${theirs} of the baseline are too few to be ${percent(criterion.confidence)} sure`,
    };
  const ranks = describe(shift, fail.value, criterion.confidence);
  const beyond = upwards ? shift.low > 0 : shift.high < 0;
  const bad = byMean.is === 'sustained' || byMean.is === 'building';
  if (beyond === bad && byMean.is !== 'unsure') return { ...byMean, ranks };
  const why = beyond ? 'the mean does not say so' : 'the mean alone says so';
  return { is: 'unsure', ...facts, ranks: `${ranks}; ${why}` };
}

function describe({ estimate, low, high, superiority }: Shift, share: number, confidence: number): string {
  const number = (value: number) => String(Number(value.toPrecision(3)));
  return `values lie ${number(estimate)} above ${percent(share)} of the baseline's (${number(low)} to ${number(high)}, each ${percent(confidence)} sure), higher in ${percent(superiority)} of all pairs`;
}
