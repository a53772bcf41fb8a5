import type { SmokeFailure, SmokeFlow, SmokeReport } from '../../../shared/contracts/reports/smoke-report.js';
import { formatDuration } from '../../../shared/time/duration.js';
import { withoutUser } from '../../../shared/probes/address.js';
import { isoInstant } from '../../../shared/time/instant.js';
import { judgeBudgets, type JudgedBudget } from './budgets.js';
import { isolationVerdict } from '../run/isolation-verdict.js';
import { latenciesOf, percentile, summarise } from './latency.js';
import type { Plan } from '../plan/planned.js';
import type { PlanRun } from '../run/run.js';
import type { FlowResult } from '../run/flow.js';
import type { StepResult } from '../run/results.js';

/** When a run began and ended, epoch milliseconds, and whether it was told to stop before its end. */
export interface RunTimes {
  startedAt: number;
  endedAt: number;
  interrupted: boolean;
}

/**
 * The report of a run. Everything that was to be checked must have been checked and have held, as far as no budget
 * tolerates more, or it is no pass.
 */
export function buildReport(
  plan: Plan,
  { flows, isolation }: PlanRun,
  times: RunTimes,
  seed: string,
  redact: (text: string) => string = (text) => text,
): SmokeReport {
  const steps = flows.flatMap((flow) => flow.steps);
  const count = (result: StepResult['result']) => steps.filter((step) => step.result === result).length;
  const counts = { passed: count('passed'), failed: count('failed'), notRun: count('not-run') };
  const flaky = steps.filter(isFlaky).length;
  const reports = flows.map((flow) => flowReport(flow, redact));
  const budgets = judgeBudgets(plan, flows);
  const verdict = isolation && isolationVerdict(isolation);
  const held =
    counts.passed > 0 &&
    reports.every(({ result }) => result !== 'not-run') &&
    budgets.every(({ budget }) => budget.held) &&
    (verdict === undefined || verdict === 'held');
  const result = times.interrupted ? 'error' : held ? 'pass' : 'fail';
  const failures = [
    ...flows.flatMap(({ planned, steps }) =>
      steps.flatMap((step) => step.failures.map((failure) => ({ flow: redact(planned.name), ...failure }))),
    ),
    ...budgets.flatMap((judged) => budgetFailure(judged, plan)),
  ];
  const durationMs = times.endedAt - times.startedAt;
  const latencies = latenciesOf(flows);
  return {
    schema: 'devops-actions/smoke-report@1',
    result,
    message:
      headline({ result, ...counts, flaky, failures }, steps, flows.length, durationMs) + unchosen(plan),
    suite: { name: plan.name, file: plan.file },
    target: plan.baseUrl === undefined ? null : withoutUser(plan.baseUrl),
    version: plan.version ?? null,
    startedAt: isoInstant(times.startedAt),
    durationMs,
    ...counts,
    flaky,
    p95Ms: percentile(95, latencies),
    latency: summarise(latencies),
    seed,
    budgets: budgets.map(({ budget }) => budget),
    isolation:
      plan.isolation && isolation && verdict
        ? { result: verdict, tenants: plan.isolation.tenants.map(({ name }) => name), checks: isolation }
        : null,
    flows: reports,
    failures,
    ...(plan.leftOut.length > 0 ? { leftOut: plan.leftOut.map(redact) } : {}),
  };
}

/**
 * A budget of answers that did not hold, as a failure on its line. Too many failed flows have failures of their own.
 */
function budgetFailure({ budget, file, line, answers }: JudgedBudget, plan: Plan): SmokeFailure[] {
  if (budget.held || budget.metric !== 'p95') return [];
  return [
    {
      flow: budget.flow ?? plan.name,
      step: 'budget',
      kind: 'budget',
      check: 'p95',
      expected: `< ${formatDuration(budget.limit)}`,
      got:
        budget.got === null
          ? 'no answer to measure'
          : `${formatDuration(budget.got)} over ${counted(answers, 'answer')}`,
      request: '',
      file,
      ...lineField(line),
    },
  ];
}

function headline(
  {
    result,
    passed,
    failed,
    notRun,
    flaky = 0,
    failures,
  }: Pick<SmokeReport, 'result' | 'passed' | 'failed' | 'notRun' | 'flaky' | 'failures'>,
  steps: readonly StepResult[],
  flows: number,
  durationMs: number,
): string {
  const left = notRun > 0 ? `, ${notRun} not run` : '';
  if (result === 'error')
    return `The smoke test was interrupted: ${counted(passed, 'step')} passed, ${failed} failed${left}.`;
  if (result === 'pass') {
    const tolerated = failed > 0 ? `; ${failed} failed${left}, which the budget tolerates` : '';
    const again = flaky > 0 ? `; ${flaky} only on a retry` : '';
    return `The smoke test passed: ${counted(passed, 'step')} in ${counted(flows, 'flow')}, ${formatDuration(durationMs)}${again}${tolerated}.`;
  }
  return `The smoke test failed: ${failed} of ${counted(passed + failed + notRun, 'step')} failed${left}.${cause(failures, steps)}`;
}

function unchosen({ leftOut }: Plan): string {
  return leftOut.length === 0 ? '' : ` ${counted(leftOut.length, 'flow')} left out by "only".`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The first failure in words; without one, why the first step that was left out was. */
function cause([first]: readonly SmokeFailure[], steps: readonly StepResult[]): string {
  if (first)
    return ` ${first.flow} › ${first.step}: ${first.check} expected ${first.expected}, got ${first.got}.`;
  const reason = steps.find((step) => step.reason !== undefined)?.reason;
  return reason === undefined ? '' : ` Not run because ${reason}.`;
}

function flowReport({ planned, steps, durationMs }: FlowResult, redact: (text: string) => string): SmokeFlow {
  const has = (result: StepResult['result']) => steps.some((step) => step.result === result);
  return {
    name: redact(planned.name),
    file: planned.file,
    ...lineField(planned.line),
    ...(planned.row
      ? { row: { number: planned.row.number, file: planned.row.file, ...lineField(planned.row.line) } }
      : {}),
    ...(planned.tenant === undefined ? {} : { tenant: planned.tenant }),
    result: has('failed') ? 'failed' : has('not-run') ? 'not-run' : 'passed',
    durationMs,
    steps: steps.map((step) => ({
      name: step.planned.name,
      phase: step.planned.phase,
      ...lineField(step.planned.lineOf(['name'])),
      result: step.result,
      ...(isFlaky(step) ? { flaky: true as const } : {}),
      ...(step.reason === undefined ? {} : { reason: step.reason }),
      request: step.request,
      durationMs: step.durationMs,
      attempts: step.attempts.map((attempt) => ({ ...attempt, startedAt: isoInstant(attempt.startedAt) })),
    })),
  };
}

/** Waiting with "until" is no failure; a retry is for what should have passed at once. */
function isFlaky({ result, attempts, planned }: StepResult): boolean {
  return result === 'passed' && attempts.length > 1 && planned.step.until === undefined;
}

function lineField(line: number | undefined): { line?: number } {
  return line === undefined ? {} : { line };
}
