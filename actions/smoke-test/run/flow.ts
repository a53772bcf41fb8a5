import { stopReason, withDeadline } from './deadline.js';
import type { Plan, PlannedFlow, PlannedStep } from '../plan/planned.js';
import { referencesOf } from '../suite/references.js';
import type { StepResult } from './results.js';
import { runStep, type Ports } from './step.js';
import { createScope, type Scope } from '../values/scope.js';

export interface FlowResult {
  planned: PlannedFlow;
  durationMs: number;
  steps: StepResult[];
}

/** What a flow runs with besides its plan. */
export interface FlowPorts extends Ports {
  /** Where the generated data of a flow of this name comes from, uniform in [0, 1). */
  dataOf(flow: string): () => number;
}

/** The signals of the two halves of a flow: the suite's deadline ends the first, clean-up has its own. */
export interface FlowSignals {
  steps: AbortSignal;
  /** Runs the clean-up with a signal that ends it in time. */
  cleanUp<T>(body: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

/** How the steps of a flow are run, one after the other. */
export interface FlowRun {
  scope: Scope;
  results: StepResult[];
  /** Runs steps until one fails or `stopped` says why nothing more is run; gives the reason, if there is one now. */
  inOrder(steps: readonly PlannedStep[], signal: AbortSignal, stopped?: string): Promise<string | undefined>;
  /**
   * Runs every step for itself, whatever became of the others; those that need what was never captured are left out.
   */
  each(steps: readonly PlannedStep[], signal: AbortSignal, stopped?: string): Promise<void>;
}

/**
 * Begins a flow: its scope has the suite's values, its own generated ones and `given`, and starts with the cookies of
 * `session`.
 */
export function beginFlow(
  name: string,
  plan: Plan,
  ports: FlowPorts,
  given: Readonly<Record<string, unknown>>,
  session?: Scope,
): FlowRun {
  const cookies = session?.cookies.copy();
  const scope = createScope(plan.values, ports.dataOf(name), ports.clock.now(), given, cookies);
  const results: StepResult[] = [];
  const add = (result: StepResult) => {
    results.push(result);
    ports.tell?.({ what: 'ends', flow: name, result });
  };
  const run = async (planned: PlannedStep, signal: AbortSignal): Promise<StepResult> => {
    if (planned.step.delay !== undefined) await ports.clock.sleep(planned.step.delay, signal);
    ports.tell?.({ what: 'begins', flow: name, step: planned.name });
    const limitMs = planned.step.timeout;
    const body = (ends: AbortSignal) => runStep(planned, { plan, scope, flow: name }, ports, ends);
    return limitMs === undefined
      ? body(signal)
      : withDeadline(ports.clock, limitMs, signal, body, "the step's");
  };
  return {
    scope,
    results,
    async inOrder(steps, signal, stopped) {
      for (const step of steps) {
        stopped ??= signal.aborted ? stopReason(signal) : undefined;
        const result = stopped ? notRun(step, stopped) : await run(step, signal);
        if (result.result === 'failed') stopped = `the step "${step.name}" before it failed`;
        add(result);
      }
      return stopped;
    },
    async each(steps, signal, stopped) {
      for (const step of steps) {
        const missing = referencesOf(step.step).find((name) => scope.lookup(name) === undefined);
        const reason = signal.aborted
          ? stopReason(signal)
          : (stopped ?? (missing === undefined ? undefined : `{{ ${missing} }} was never captured`));
        add(reason === undefined ? await run(step, signal) : notRun(step, reason));
      }
    },
  };
}

/** What went before a flow: the values it gets, and why nothing of it is run, if nothing is. */
export interface Preparation {
  shared?: Readonly<Record<string, unknown>>;
  stopped?: string | undefined;
}

/** Runs the steps of a flow in order until one fails, then its clean-up steps, all of them. */
export async function runFlow(
  planned: PlannedFlow,
  plan: Plan,
  ports: FlowPorts,
  signals: FlowSignals,
  { shared = {}, stopped }: Preparation = {},
): Promise<FlowResult & { captured: Scope['captured'] }> {
  const startedAt = ports.clock.now();
  const flow = beginFlow(planned.name, plan, ports, { ...shared, ...planned.given });
  const body = async (signal: AbortSignal) => {
    const unprepared =
      planned.before.length > 0 ? await flow.inOrder(planned.before, signal, stopped) : stopped;
    return flow.inOrder(planned.steps, signal, unprepared);
  };
  await (planned.timeoutMs === undefined
    ? body(signals.steps)
    : withDeadline(ports.clock, planned.timeoutMs, signals.steps, body, "the flow's"));
  if (planned.after.length > 0) await cleanUp(flow, planned.after, signals);
  const durationMs = ports.clock.now() - startedAt;
  return { planned, durationMs, steps: flow.results, captured: flow.scope.captured };
}

/** Runs clean-up steps after the others, unless those did nothing. */
export async function cleanUp(
  flow: FlowRun,
  steps: readonly PlannedStep[],
  signals: FlowSignals,
): Promise<void> {
  if (steps.length === 0) return;
  const touched = flow.results.some(({ attempts }) => attempts.length > 0);
  const idle = touched ? undefined : 'nothing was done that needs cleaning up';
  await signals.cleanUp((signal) => flow.each(steps, signal, idle));
}

function notRun(planned: PlannedStep, reason: string): StepResult {
  return { planned, result: 'not-run', reason, request: '', durationMs: 0, attempts: [], failures: [] };
}
