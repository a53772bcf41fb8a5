import type { Condition, Metric } from '../contracts/reports/analysis-report.js';
import { formatDuration, parseDuration } from '../time/duration.js';

/** What a condition may look like, for error messages. */
export const conditionForm =
  'a condition such as "error-rate > 5 %", "saturation > 90 %", "latency > 300ms", "latency > 150 % of baseline", "restarts > 0", "violations > 0" or "value < 10" (operator >, >=, < or <=)';

/** A condition as text; a share of more than 100 % does not fit. */
export const conditionPattern =
  /^\s*(?:(error-rate|saturation)\s*(>=|<=|>|<)\s*(100(?:\.0{1,6})?|0?\d{1,2}(?:\.\d{1,6})?)\s*%|(latency)\s*(>=|<=|>|<)\s*((?:\d{1,9}(?:\.\d{1,6})?(?:ms|s|m))+)|(restarts|violations|value)\s*(>=|<=|>|<)\s*(-?\d{1,15}(?:\.\d{1,9})?)|(latency|value)\s*(>=|<=|>|<)\s*(\d{1,4}(?:\.\d{1,6})?)\s*%\s*of\s+baseline)\s*$/;

/**
 * A condition of a criteria file; undefined when the text is none. A share without % and a latency without unit are
 * refused: 5 and 0.05 would both be guesses.
 */
export function parseCondition(text: string): Condition | undefined {
  const found = conditionPattern.exec(text)?.slice(1);
  if (!found) return undefined;
  const start = found.findIndex((part) => part !== undefined);
  const [metric, operator, bound = ''] = found.slice(start) as [Metric, Condition['operator'], string];
  switch (start) {
    case 0:
      return { metric, operator, value: Number(bound) / 100 };
    case 3:
      return { metric, operator, value: parseDuration(bound) ?? NaN };
    case 6:
      return { metric, operator, value: Number(bound) };
    default:
      return { metric, operator, value: Number(bound) / 100, of: 'baseline' };
  }
}

/** The least and the greatest that a metric can be. */
const range: Record<Metric, readonly [number, number]> = {
  'error-rate': [0, 1],
  saturation: [0, 1],
  latency: [0, Infinity],
  restarts: [0, Infinity],
  violations: [0, Infinity],
  value: [-Infinity, Infinity],
};

/**
 * What is wrong with a bound that everything meets, or nothing: a criterion with it would judge nothing. The same for a
 * share of the baseline that a release without any change meets. Undefined for a bound that decides.
 */
export function alwaysOrNever(condition: Condition): string | undefined {
  const { metric, operator, value, of } = condition;
  if (of === 'baseline') {
    const upwards = operator === '>' || operator === '>=';
    if (upwards ? value > 1 : value < 1) return undefined;
    return `more than 100 % with > and less with <: "${metric} > 150 % of baseline" is half as much again`;
  }
  const what = metric === 'error-rate' ? 'rate' : metric;
  // Nothing takes no time at all.
  const ends = metric === 'latency' ? [Number.MIN_VALUE, Infinity] : range[metric];
  const [none, all] = ends.map((end) => holds(condition, end));
  if (none !== all) return undefined;
  return none
    ? `a bound that some ${what} does not meet: this one holds for every ${what}`
    : `a bound that some ${what} can meet: this one never holds`;
}

/**
 * Whether a metric can be so: nothing lasts for less than no time, and a number beyond any that is measured would
 * outweigh all others in a mean. More than 100 % of a capacity can be in use.
 */
export const isPossible = (metric: Metric, value: number): boolean =>
  value >= range[metric][0] && Math.abs(value) <= 1e18;

/** Whether a value meets the condition; a value that is no number meets none. */
export function holds({ operator, value: bound }: Condition, value: number): boolean {
  switch (operator) {
    case '>':
      return value > bound;
    case '>=':
      return value >= bound;
    case '<':
      return value < bound;
    case '<=':
      return value <= bound;
  }
}

/** A condition for people. */
export function describeCondition({ metric, operator, value, of }: Condition): string {
  return of
    ? `${metric} ${operator} ${percent(value)} of ${of}`
    : `${metric} ${operator} ${describeValue(metric, value)}`;
}

/** A value of a metric for people, with as many decimals as tell it from the bound beside it. */
export function describeValue(metric: Metric, value: number, bound?: number): string {
  switch (metric) {
    case 'error-rate':
    case 'saturation':
      return percent(value, bound);
    case 'latency':
      return value < 10_000 ? `${rounded(value, bound)} ms` : formatDuration(value);
    default:
      return rounded(value, bound);
  }
}

/** At most two decimals, more where fewer would read as the bound. */
function rounded(value: number, bound?: number): string {
  let digits = 2;
  while (bound !== undefined && digits < 6 && value !== bound && sameText(value, bound, digits)) digits += 1;
  return String(Number(value.toFixed(digits)));
}

/**
 * A share from 0 to 1 as a percentage with at most one decimal; small ones keep two digits. Beside a bound it gets as
 * many decimals as tell the two apart: 5.04 % must not read as 5 % next to "> 5 %".
 */
export function percent(share: number, bound?: number): string {
  const value = share * 100;
  let digits = value === 0 || value >= 1 ? 1 : 3;
  while (bound !== undefined && digits < 6 && share !== bound && sameText(value, bound * 100, digits))
    digits += 1;
  return `${Number(value.toFixed(digits))} %`;
}

const sameText = (value: number, other: number, digits: number) =>
  Number(value.toFixed(digits)) === Number(other.toFixed(digits));
