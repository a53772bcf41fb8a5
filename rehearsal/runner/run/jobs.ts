import { isCall, type Job } from '../read/workflow.js';
import { CallLifecycle } from './call-lifecycle.js';
import type { Frame } from './frame.js';
import { JobLifecycle } from './job-lifecycle.js';
import type { NeedResult } from './job/contexts.js';
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
  const key = frame.key(job.key);
  const kept = run.reports[key];
  if (kept !== undefined) return kept;
  if (isCall(job)) return new CallLifecycle(run, frame, job, settleJobs).settle();
  return (run.reports[key] = await new JobLifecycle(run, frame, job).settle());
}
