import type { Workflow } from '../read/workflow.js';
import type { Source } from './source.js';

/** A workflow file and, by job, the workflows it calls. */
export interface PlannedWorkflow {
  workflow: Workflow;
  source: Source;
  calls: ReadonlyMap<string, PlannedWorkflow>;
}

/** A job with steps as a place in the whole run. */
export interface Place {
  /** Its key; in a called workflow `call.job`, and `job.*` for all jobs of a matrix. */
  key: string;
  /** Keys of the jobs and calls that it, or a call it is in, waits for. */
  needs: string[];
}

/** All jobs with steps, those of called workflows too. */
export function places({ workflow, calls }: PlannedWorkflow, prefix = '', above: string[] = []): Place[] {
  return workflow.jobs.flatMap((job) => {
    const key = prefix + job.key;
    const needs = [...above, ...job.needs.map((need) => prefix + need)];
    const callee = calls.get(job.key);
    const each = job.strategy === undefined ? key : `${key}.*`;
    return callee === undefined ? [{ key: each, needs }] : places(callee, `${each}.`, needs);
  });
}

/** Whether a key is the other one, or a job in that call or matrix; `*` is any part. */
export function isWithin(key: string, other: string): boolean {
  const parts = key.split('.');
  return other
    .split('.')
    .every((part, index) => parts[index] === part || (index in parts && [part, parts[index]].includes('*')));
}
