import { stopReason } from './deadline.js';
import type { Plan, PlannedFlow, PlannedStep } from './plan.js';
import { referencesOf } from './references.js';
import { runStep, type Ports, type StepResult } from './run-step.js';
import { createScope } from './scope.js';

export interface FlowResult {
  planned: PlannedFlow;
  durationMs: number;
  steps: StepResult[];
}

/** The signals of the two halves of a flow: the suite's deadline ends the first, clean-up has its own. */
export interface FlowSignals {
  steps: AbortSignal;
  /** Runs the clean-up with a signal that ends it in time. */
  cleanUp<T>(body: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

/** Runs the steps of a flow in order until one fails, then its clean-up steps, all of them. */
export async function runFlow(
  planned: PlannedFlow,
  plan: Plan,
  ports: Ports,
  signals: FlowSignals,
): Promise<FlowResult> {
  const startedAt = ports.clock.now();
  const scope = createScope(plan.values, ports.random, startedAt);
  const steps: StepResult[] = [];
  let stopped: string | undefined;
  for (const step of planned.steps) {
    stopped ??= signals.steps.aborted ? stopReason(signals.steps) : undefined;
    const result = stopped ? notRun(step, stopped) : await runStep(step, plan, scope, ports, signals.steps);
    if (result.result === 'failed') stopped = `the step "${step.name}" before it failed`;
    steps.push(result);
  }
  const touched = steps.some(({ attempts }) => attempts.length > 0);
  const cleanUp = async (signal: AbortSignal) => {
    for (const step of planned.after) {
      const missing = referencesOf(step.step).filter((reference) => scope.lookup(reference) === undefined);
      const reason = signal.aborted
        ? stopReason(signal)
        : !touched
          ? 'nothing was done that needs cleaning up'
          : missing.length > 0
            ? `{{ ${missing[0]} }} was never captured`
            : undefined;
      steps.push(reason ? notRun(step, reason) : await runStep(step, plan, scope, ports, signal));
    }
  };
  if (planned.after.length > 0) await signals.cleanUp(cleanUp);
  return { planned, durationMs: ports.clock.now() - startedAt, steps };
}

function notRun(planned: PlannedStep, reason: string): StepResult {
  return { planned, result: 'not-run', reason, request: '', durationMs: 0, attempts: [], failures: [] };
}
