import type { SmokeFailure, SmokeReport } from '../../shared/contracts/smoke-report.js';
import { formatDuration } from '../../shared/time/duration.js';
import { isoInstant } from '../../shared/time/instant.js';
import type { Plan } from './plan.js';
import type { FlowResult } from './run-flow.js';
import type { StepResult } from './run-step.js';

/** When a run began and ended, epoch milliseconds, and whether it was told to stop before its end. */
export interface RunTimes {
  startedAt: number;
  endedAt: number;
  interrupted: boolean;
}

/** The report of a run. Everything that was to be checked must have been checked and have held, or it is no pass. */
export function buildReport(plan: Plan, flows: readonly FlowResult[], times: RunTimes): SmokeReport {
  const steps = flows.flatMap((flow) => flow.steps);
  const count = (result: StepResult['result']) => steps.filter((step) => step.result === result).length;
  const counts = { passed: count('passed'), failed: count('failed'), notRun: count('not-run') };
  const held = counts.passed > 0 && counts.failed === 0 && counts.notRun === 0;
  const result = times.interrupted ? 'error' : held ? 'pass' : 'fail';
  const failures = flows.flatMap(({ planned, steps }) =>
    steps.flatMap((step) => step.failures.map((failure) => ({ flow: planned.name, ...failure }))),
  );
  const durationMs = times.endedAt - times.startedAt;
  return {
    schema: 'devops-actions/smoke-report@1',
    result,
    said: say(result, counts, failures, steps, flows.length, durationMs),
    suite: { name: plan.name, file: plan.file },
    target: plan.baseUrl ?? null,
    version: plan.version ?? null,
    startedAt: isoInstant(times.startedAt),
    durationMs,
    ...counts,
    p95Ms: percentile(95, steps.flatMap(answerDuration)),
    flows: flows.map(flowReport),
    failures,
  };
}

function say(
  result: SmokeReport['result'],
  { passed, failed, notRun }: Pick<SmokeReport, 'passed' | 'failed' | 'notRun'>,
  failures: readonly SmokeFailure[],
  steps: readonly StepResult[],
  flows: number,
  durationMs: number,
): string {
  const left = notRun > 0 ? `, ${notRun} not run` : '';
  if (result === 'error')
    return `The smoke test was interrupted: ${counted(passed, 'step')} passed, ${failed} failed${left}.`;
  if (result === 'pass')
    return `The smoke test passed: ${counted(passed, 'step')} in ${counted(flows, 'flow')}, ${formatDuration(durationMs)}.`;
  return `The smoke test failed: ${failed} of ${counted(passed + failed + notRun, 'step')} failed${left}.${cause(failures, steps)}`;
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

/** The duration of a step's last answer, when it had one. */
function answerDuration({ attempts }: StepResult): number[] {
  const last = attempts.findLast(({ status }) => status !== null);
  return last ? [last.durationMs] : [];
}

/** A percentile by nearest rank, or null of nothing. */
export function percentile(percent: number, values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? null;
}

function flowReport({ planned, steps, durationMs }: FlowResult): SmokeReport['flows'][number] {
  const has = (result: StepResult['result']) => steps.some((step) => step.result === result);
  return {
    name: planned.name,
    ...lineField(planned.line),
    result: has('failed') ? 'failed' : has('not-run') ? 'not-run' : 'passed',
    durationMs,
    steps: steps.map((step) => ({
      name: step.planned.name,
      phase: step.planned.phase,
      ...lineField(step.planned.lineOf(['name'])),
      result: step.result,
      ...(step.reason === undefined ? {} : { reason: step.reason }),
      request: step.request,
      durationMs: step.durationMs,
      attempts: step.attempts.map((attempt) => ({ ...attempt, startedAt: isoInstant(attempt.startedAt) })),
    })),
  };
}

function lineField(line: number | undefined): { line?: number } {
  return line === undefined ? {} : { line };
}
