import * as z from 'zod';

/**
 * Who holds a state: the job of a run's attempt. `job` 0 means the job could not be told (GitHub Enterprise Server
 * without job ids).
 */
export const holderSchema = z.strictObject({
  runId: z.int().positive(),
  attempt: z.int().positive(),
  job: z.int().nonnegative(),
  actor: z.string(),
  /** Path of the workflow file with its ref. */
  workflow: z.string(),
});

export type Holder = z.output<typeof holderSchema>;

/** What GitHub says about the run a holder names. */
export interface RunFacts {
  /** The newest attempt of the run, and whether that is completed. Undefined when GitHub knows no such run. */
  run:
    | {
        attempt: number;
        status: string;
        /** Its workflow file, and what it ran for. */
        path?: string;
        event?: string;
        /** Epoch milliseconds of the last change of a run that is over. */
        endedAt?: number;
      }
    | undefined;
  /** Jobs of the holder's own attempt; `endedAt` (epoch ms) of those that are over. */
  jobs: readonly { id: number; status: string; endedAt?: number }[];
}

/**
 * Whether a holder can still act. `scope` says what keeps the state: the single job that wrote it, or the run as a
 * whole (a reservation, which a later job adopts). `me` is the asker's own job, which does not count as keeping its run
 * alive.
 */
export function holderIsDead(
  holder: Holder,
  facts: RunFacts,
  scope: 'job' | 'run',
  me: { runId: number; attempt: number; job: number },
): boolean {
  if (!facts.run) return true;
  if (facts.run.attempt > holder.attempt) return true;
  if (facts.run.status === 'completed') return true;
  const own = me.runId === holder.runId && me.attempt === holder.attempt;
  if (scope === 'job' && holder.job !== 0) {
    const job = facts.jobs.find((candidate) => candidate.id === holder.job);
    return job !== undefined && job.status === 'completed';
  }
  return (
    own &&
    facts.jobs.length > 0 &&
    facts.jobs.every((job) => job.status === 'completed' || (job.id === me.job && me.job !== 0))
  );
}

/** A holder for messages. */
export function describeHolder(holder: Holder): string {
  return `run ${holder.runId} attempt ${holder.attempt} (${holder.actor}, ${holder.workflow.split('@')[0]})`;
}
