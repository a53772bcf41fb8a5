import type { Condition, Criterion } from '../contracts/reports/analysis-report.js';

/** The condition that takes a release back. */
export const failCondition = ({
  failWhen,
  successWhen,
}: Pick<Criterion, 'failWhen' | 'successWhen'>): Condition => failWhen ?? negation(successWhen!);

function negation(condition: Condition): Condition {
  const opposite = { '>': '<=', '>=': '<', '<': '>=', '<=': '>' } as const;
  return { ...condition, operator: opposite[condition.operator] };
}
