import { withDeadline } from './deadline.js';
import { inParallel } from './in-parallel.js';
import type { Plan, PlannedFlow } from '../plan/planned.js';
import { beginFlow, runFlow, type FlowPorts, type FlowResult, type FlowSignals } from './flow.js';
import { runIsolation, type IsolationRun } from './isolation.js';

/** Clean-up steps of a flow may take this long together, in milliseconds, also after the suite's own limit. */
const cleanUpMs = 30_000;

export interface RunLimits {
  /** For all flows, clean-up excepted, in milliseconds. */
  timeoutMs: number;
  /** Flows that run at the same time. */
  concurrency: number;
  /** Interrupts everything at once, clean-up too. */
  signal: AbortSignal;
}

/** What became of a plan. */
export interface PlanRun {
  flows: FlowResult[];
  isolation: IsolationRun['checks'] | undefined;
}

/**
 * Runs what comes before all flows, then all flows, at most `concurrency` at a time and in the order of the suite, then
 * the proof of isolation, then what comes after everything. Results keep the order of the suite.
 */
export async function runPlan(
  plan: Plan,
  ports: FlowPorts,
  limits: RunLimits,
  onFlow: (result: FlowResult) => void,
): Promise<PlanRun> {
  return withDeadline(ports.clock, limits.timeoutMs, limits.signal, async (steps) => {
    const signals: FlowSignals = {
      steps,
      cleanUp: (body) => withDeadline(ports.clock, cleanUpMs, limits.signal, body),
    };
    const done = <T extends FlowResult>(result: T): T => {
      onFlow(result);
      return result;
    };
    const before =
      plan.before.length > 0
        ? done(await runFlow({ ...aroundAll(plan, beforeAll), before: plan.before }, plan, ports, signals))
        : undefined;
    const failed = before?.steps.find(({ result }) => result !== 'passed');
    const stopped = failed && `the step "${failed.planned.name}" before all flows did not pass`;
    const shared = before?.captured ?? {};
    const { concurrency } = limits;
    const flows = await inParallel(plan.flows, concurrency, async (flow) =>
      done(await runFlow(flow, plan, ports, signals, { shared, stopped })),
    );
    const isolation =
      plan.isolation &&
      (await runIsolation(plan, plan.isolation, ports, signals, { concurrency, shared, stopped, onFlow }));
    const results = [...(before ? [before] : []), ...flows, ...(isolation?.flows ?? [])];
    const touched = results.some((flow) => flow.steps.some(({ attempts }) => attempts.length > 0));
    if (plan.after.length > 0) {
      const startedAt = ports.clock.now();
      const run = beginFlow(afterAll, plan, ports, shared);
      const idle = touched ? undefined : 'nothing was done that needs cleaning up';
      await signals.cleanUp((signal) => run.each(plan.after, signal, idle));
      const durationMs = ports.clock.now() - startedAt;
      results.push(done({ planned: aroundAll(plan, afterAll), durationMs, steps: run.results }));
    }
    return { flows: results, isolation: isolation?.checks };
  });
}

/** Names of the steps around all flows, in reports. */
const beforeAll = 'before all flows';
const afterAll = 'after all flows';

function aroundAll({ file }: Plan, name: string): PlannedFlow {
  const none = { before: [], steps: [], after: [], given: {}, timeoutMs: undefined };
  return { name, written: name, file, line: undefined, ...none };
}
