import { messageOf } from '../message-of.js';
import { evaluateStrategy, type Legs, type Strategy } from '../read/strategy/strategy.js';
import type { Leg } from '../read/strategy/leg.js';
import type { Job } from '../read/workflow.js';
import type { Result } from '../request.js';
import type { CallLifecycle } from './call-lifecycle.js';
import type { Frame } from './frame.js';
import type { JobLifecycle } from './job-lifecycle.js';
import type { NeedResult } from './job/contexts.js';
import { Lifecycle } from './lifecycle.js';
import { together } from './result.js';
import type { RunState } from './run-state.js';
import { Slots } from './slots.js';

type LegLifecycle = JobLifecycle | CallLifecycle;

/** How one job of a matrix, or the only job of a strategy without a matrix, is run. */
export interface MakeLeg {
  lifecycle: (leg?: Leg) => LegLifecycle;
  settle: (key: string, lifecycle: LegLifecycle) => Promise<NeedResult>;
}

/** A job with a strategy, from the moment its needs are done to the result and outputs of all the jobs it makes. */
export class MatrixLifecycle extends Lifecycle<Job & { strategy: Strategy }> {
  constructor(
    run: RunState,
    frame: Frame,
    job: Job & { strategy: Strategy },
    private readonly make: MakeLeg,
  ) {
    super(run, frame, job);
  }

  async settle(): Promise<NeedResult> {
    const { frame, job, make } = this;
    const wanted = this.wanted();
    if (wanted !== true) return this.end(wanted === false ? 'skipped' : 'failure');
    let strategy: Legs;
    try {
      strategy = evaluateStrategy(job.strategy, this.scope, job.key);
    } catch (error) {
      const place = `${frame.workflow.path}:${job.strategy.line}`;
      this.annotate(`Error when evaluating 'strategy' for job '${job.key}'. ${place}: ${messageOf(error)}`);
      return this.end('failure');
    }
    if (strategy.legs === undefined) return make.settle(this.localKey, make.lifecycle());
    return this.settleLegs(strategy.legs, strategy);
  }

  /** Outputs of the jobs are one: of two that give the same one, the job that ends last wins. */
  private async settleLegs(legs: readonly Leg[], { failFast, maxParallel }: Legs): Promise<NeedResult> {
    const { frame, job, make } = this;
    const slots = new Slots(maxParallel ?? legs.length);
    const open = new Map(legs.map((leg) => [leg, make.lifecycle(leg)]));
    const results: Result[] = [];
    const outputs: Record<string, string> = {};
    const settle = async (leg: Leg, lifecycle: LegLifecycle) => {
      const key = `${job.key}.${leg.id}`;
      const ended = await make.settle(key, lifecycle);
      open.delete(leg);
      results.push(ended.result);
      Object.assign(outputs, ended.outputs);
      if (!failFast || ended.result !== 'failure') return;
      const reason = `The strategy configuration was canceled because "${key}" failed`;
      for (const other of open.values()) if (!other.cancel.aborted) other.cancelled(reason);
    };
    await Promise.all(
      [...open].map(async ([leg, lifecycle]) => {
        const leave = await slots.take(lifecycle.cancel);
        await settle(leg, lifecycle).finally(leave);
      }),
    );
    return { result: together(results, frame.cancelled), outputs };
  }

  private async end(result: Result): Promise<NeedResult> {
    await this.register();
    return (this.run.reports[this.key] = await this.complete(result));
  }
}
