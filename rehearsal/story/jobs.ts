import type { JobReport, RunReport } from '../runner/request.js';

/**
 * The key of a job of cd.yml in a run. The caller has it as `cd.production.release`, the copy in one file as
 * `production-release`.
 */
export function keyOf({ jobs }: Pick<RunReport, 'jobs'>, job: string): string {
  return job in jobs ? job : ['cd', ...job.split('-')].join('.');
}

/** A job of cd.yml by its key in the copy in one file. */
export const jobOf = (run: RunReport, job: string): JobReport | undefined => run.jobs[keyOf(run, job)];

/** What the DORA report of a run gave; the called job has its key behind that of the caller. */
export const doraOutputs = (run: RunReport): Record<string, string> =>
  run.jobs['dora.report']?.steps.find(({ id }) => id === 'dora')?.outputs ?? {};
