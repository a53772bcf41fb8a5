import { JobLifecycle } from './job-lifecycle.js';
import type { RunReport } from '../request.js';
import { RunState } from './run-state.js';

/** One attempt of a run: its jobs as a graph, and what cancelling or losing machines does to them. */
export class Run extends RunState {
  private deadline: NodeJS.Timeout | undefined;
  private readonly started = new Map<string, Promise<void>>();

  /** Cancels the run: jobs go on whose `if` still holds. */
  cancel(): void {
    if (this.cancelled) return;
    this.cancelled = true;
    for (const job of this.active) if (!job.stillWanted()) job.control.cancelNow();
    this.deadline = setTimeout(() => {
      this.expired = true;
      for (const job of this.active) {
        job.control.cancelNow();
        job.control.die('deadline');
      }
    }, this.timings.cancelDeadlineMs);
  }

  /** The machines of all jobs now running die. */
  lose(): void {
    for (const job of this.active) if (job.running) job.control.die('lost');
  }

  /** Runs all jobs not kept from an earlier attempt and resolves the conclusion. */
  async settle(): Promise<RunReport['conclusion']> {
    try {
      await Promise.all(this.workflow.jobs.map(({ key }) => this.job(key)));
    } catch (error) {
      // The stand-in is unreachable: nothing may go on behind the back of whoever gets this error.
      this.expired = true;
      for (const job of this.active) job.control.die('deadline');
      await Promise.allSettled(this.started.values());
      throw error;
    } finally {
      clearTimeout(this.deadline);
    }
    const results = Object.values(this.reports).map(({ result }) => result);
    if (this.cancelled && results.some((result) => result !== 'success')) return 'cancelled';
    if (results.includes('failure')) return 'failure';
    return results.includes('cancelled') ? 'cancelled' : 'success';
  }

  private job(key: string): Promise<void> {
    const known = this.started.get(key);
    if (known !== undefined) return known;
    const job = this.workflow.jobs.find((each) => each.key === key);
    if (job === undefined || this.reports[key] !== undefined) return Promise.resolve();
    const settled = Promise.all(job.needs.map((need) => this.job(need)))
      .then(() => new JobLifecycle(this, job).settle())
      .then((report) => {
        this.reports[key] = report;
      });
    this.started.set(key, settled);
    return settled;
  }
}
