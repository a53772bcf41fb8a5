import { withDeadline } from './deadline.js';
import type { Plan } from './plan.js';
import { runFlow, type FlowResult } from './run-flow.js';
import type { Ports } from './run-step.js';

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

/** Runs all flows, at most `concurrency` at a time, in the order of the suite; results keep that order. */
export async function runPlan(
  plan: Plan,
  ports: Ports,
  limits: RunLimits,
  onFlow: (result: FlowResult) => void,
): Promise<FlowResult[]> {
  const results: FlowResult[] = [];
  await withDeadline(ports.clock, limits.timeoutMs, limits.signal, async (steps) => {
    const signals = {
      steps,
      cleanUp: <T>(body: (signal: AbortSignal) => Promise<T>) =>
        withDeadline(ports.clock, cleanUpMs, limits.signal, body),
    };
    const waiting = plan.flows.entries();
    const work = async () => {
      for (const [index, flow] of waiting) {
        const result = await runFlow(flow, plan, ports, signals);
        results[index] = result;
        onFlow(result);
      }
    };
    await Promise.all(Array.from({ length: Math.min(limits.concurrency, plan.flows.length) }, work));
  });
  return results;
}
