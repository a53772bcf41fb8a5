import type { RunReport } from '../request.js';
import type { Frame } from './frame.js';
import { settleJobs } from './jobs.js';
import { resultOf } from './result.js';
import type { RunState } from './run-state.js';

/** One attempt of a run: what cancelling it or losing its machines does, and how it ends. */
export class Run {
  private cancelled = false;
  private deadline: NodeJS.Timeout | undefined;

  constructor(
    private readonly state: RunState,
    private readonly top: Frame,
  ) {}

  /** Cancels the run: jobs go on whose `if` still holds. */
  cancel(): void {
    if (this.cancelled) return;
    this.cancelled = true;
    const { state } = this;
    state.cancelFrame(this.top);
    this.deadline = setTimeout(() => {
      state.expired = true;
      for (const job of state.active) {
        job.control.cancelNow();
        job.control.die('deadline');
      }
    }, state.timings.cancelDeadlineMs);
  }

  /** The machines of all jobs now running die. */
  lose(): void {
    for (const job of this.state.active) if (job.running) job.control.die('lost');
  }

  /** Runs all jobs not kept from an earlier attempt and resolves the conclusion. */
  async settle(): Promise<RunReport['conclusion']> {
    try {
      await settleJobs(this.state, this.top);
    } finally {
      clearTimeout(this.deadline);
    }
    const result = resultOf(this.top);
    return result === 'skipped' ? 'success' : result;
  }
}
