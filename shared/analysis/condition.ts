import type { Condition } from '../contracts/analysis-report.js';

/** What a condition may look like, for error messages. */
export const conditionForm =
  'a condition such as "error-rate > 5 %" (metric error-rate; operator >, >=, < or <=; a share in %)';

/** A condition as text; a share of more than 100 % does not fit. */
export const conditionPattern =
  /^\s*(error-rate)\s*(>=|<=|>|<)\s*(100(?:\.0{1,6})?|0?\d{1,2}(?:\.\d{1,6})?)\s*%\s*$/;

/** A condition of a criteria file; undefined when the text is none. A share without % is refused: 5 and 0.05 would both be guesses. */
export function parseCondition(text: string): Condition | undefined {
  const found = conditionPattern.exec(text);
  if (!found) return undefined;
  return {
    metric: found[1] as Condition['metric'],
    operator: found[2] as Condition['operator'],
    value: Number(found[3]) / 100,
  };
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

/** A share from 0 to 1 as a percentage with at most one decimal; small ones keep two digits. */
export function percent(share: number): string {
  const value = share * 100;
  const digits = value === 0 || value >= 1 ? 1 : 3;
  return `${Number(value.toFixed(digits))} %`;
}
