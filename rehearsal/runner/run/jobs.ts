import { isCall, type Job } from '../read/workflow.js';
import { CallLifecycle } from './call-lifecycle.js';
import type { Frame } from './frame.js';
import { JobLifecycle } from './job-lifecycle.js';
import type { NeedResult } from './job/contexts.js';
import { MatrixLifecycle, type MakeLeg } from './matrix-lifecycle.js';
import type { RunState } from './run-state.js';

/** Runs the jobs of a workflow along `needs`, and those of the workflows they call; kept ones stay as they were. */
export async function settleJobs(run: RunState, frame: Frame): Promise<void> {
  const started = new Map<string, Promise<void>>();
  const settle = (key: string): Promise<void> => {
    const known = started.get(key);
    if (known !== undefined) return known;
    const job = frame.workflow.jobs.find((each) => each.key === key);
    if (job === undefined) return Promise.resolve();
    const settled = Promise.all(job.needs.map(settle))
      .then(() => settleJob(run, frame, job))
      .then((result) => {
        frame.results[key] = result;
      });
    started.set(key, settled);
    return settled;
  };
  try {
    await Promise.all(frame.workflow.jobs.map(({ key }) => settle(key)));
  } catch (error) {
    run.breakDown();
    await Promise.allSettled(started.values());
    throw error;
  }
}

async function settleJob(run: RunState, frame: Frame, job: Job): Promise<NeedResult> {
  const make: MakeLeg = {
    lifecycle: (leg) =>
      isCall(job)
        ? new CallLifecycle(run, frame, job, { settleJobs, leg })
        : new JobLifecycle(run, frame, job, leg),
    settle: async (localKey, lifecycle) => {
      const key = frame.key(localKey);
      const kept = run.reports[key];
      if (kept !== undefined) return kept;
      if (lifecycle instanceof CallLifecycle) return lifecycle.settle();
      return (run.reports[key] = await lifecycle.settle());
    },
  };
  const { strategy } = job;
  const kept = run.reports[frame.key(job.key)];
  if (kept !== undefined) return kept;
  if (strategy === undefined) return make.settle(job.key, make.lifecycle());
  return new MatrixLifecycle(run, frame, { ...job, strategy }, make).settle();
}
