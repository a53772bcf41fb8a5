import type { Condition } from '../contracts/analysis-report.js';

/** What a condition may look like, for error messages. */
export const conditionForm =
  'a condition such as "error-rate > 5 %" (metric error-rate; operator >, >=, < or <=; a share in %)';

/** A condition as text; a share of more than 100 % does not fit. */
export const conditionPattern =
  /^\s*(error-rate)\s*(>=|<=|>|<)\s*(100(?:\.0{1,6})?|0?\d{1,2}(?:\.\d{1,6})?)\s*%\s*$/;

/**
 * A condition of a criteria file; undefined when the text is none. A share without % is refused: 5 and 0.05 would both
 * be guesses.
 */
export function parseCondition(text: string): Condition | undefined {
  const found = conditionPattern.exec(text);
  if (!found) return undefined;
  return {
    metric: found[1] as Condition['metric'],
    operator: found[2] as Condition['operator'],
    value: Number(found[3]) / 100,
  };
}

/**
 * What is wrong with a bound that every rate meets, or none: a criterion with it would judge nothing. Undefined for a
 * bound that decides.
 */
export function alwaysOrNever(condition: Condition): string | undefined {
  const [none, all] = [holds(condition, 0), holds(condition, 1)];
  if (none !== all) return undefined;
  return none
    ? 'a bound that some rate does not meet: this one holds for every rate'
    : 'a bound that some rate can meet: this one never holds';
}

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
export function describeCondition({ metric, operator, value }: Condition): string {
  return `${metric} ${operator} ${percent(value)}`;
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
