import type { SmokeReport } from '../../../shared/contracts/reports/smoke-report.js';
import type { Plan } from '../plan/planned.js';
import { latenciesOf, percentile } from './latency.js';
import type { FlowResult } from '../run/flow.js';

/** What a budget allowed, what came, and where it is written. */
export interface JudgedBudget {
  budget: SmokeReport['budgets'][number];
  file: string;
  line: number | undefined;
  /** How many answers it was measured on. */
  answers: number;
}

/** Judges every budget of a plan; the number of failed flows is always one of them. */
export function judgeBudgets(plan: Plan, flows: readonly FlowResult[]): JudgedBudget[] {
  const failed = flows.filter(({ steps }) => steps.some(({ result }) => result === 'failed')).length;
  const failures: JudgedBudget = {
    budget: {
      metric: 'failed-flows',
      flow: null,
      limit: plan.tolerated,
      got: failed,
      held: failed <= plan.tolerated,
    },
    file: plan.file,
    line: undefined,
    answers: 0,
  };
  return [
    failures,
    ...plan.budgets.map(({ flow, p95Ms, file, line }): JudgedBudget => {
      const measured = flow === undefined ? flows : flows.filter(({ planned }) => planned.written === flow);
      const durations = latenciesOf(measured);
      const got = percentile(95, durations);
      const held = got !== null && got < p95Ms;
      return {
        budget: { metric: 'p95', flow: flow ?? null, limit: p95Ms, got, held },
        file,
        line,
        answers: durations.length,
      };
    }),
  ];
}
