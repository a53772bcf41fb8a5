import * as z from 'zod';
import { shaSchema } from '../../../../shared/contracts/formats.js';
import { parseInstant } from '../../../../shared/time/instant.js';
import { defineEvidence, Unknowable, whole } from '../evidence.js';

const migrationRunSchema = z.strictObject({
  id: whole,
  number: whole,
  path: z.string(),
  event: z.string(),
  headSha: shaSchema,
  jobs: z.array(
    z.strictObject({
      name: z.string(),
      attempt: whole,
      status: z.string(),
      conclusion: z.string().nullable(),
      /** Epoch milliseconds; null before it began. */
      startedAt: z.number().nullable(),
      url: z.string(),
    }),
  ),
});

/** A run that may have judged the migrations of the commit, as the Actions API knows it and its jobs. */
export type MigrationRun = z.output<typeof migrationRunSchema>;

/** The workflow whose job judges, and the events that count. */
export interface MigrationWorkflow {
  workflow: string;
  events: readonly string[];
}

/** Most runs of a commit, and jobs of a run, that are read. */
const most = 1_000;

/**
 * Newest run of each workflow that was named, on the released commit. The Actions API alone is asked: a check run can be
 * posted by any job that may write checks, and an artifact or comment of that name too.
 */
export const migrations = defineEvidence({
  kind: 'migrations',
  what: 'the runs that judged the migrations',
  schema: z.array(migrationRunSchema),
  permission: { actions: 'read' },
  collect: async (needs: readonly MigrationWorkflow[], { github, request }) => {
    const { items, truncated } = await github.pages(
      'GET /repos/{owner}/{repo}/actions/runs',
      { head_sha: request.sha },
      (page) => page.workflow_runs,
      most,
    );
    if (truncated) throw new Unknowable(`${request.sha} has more than ${most} workflow runs`);
    const runs = items.map((run) => ({ ...run, path: run.path.split('@')[0]! }));
    const newest = needs.flatMap(({ workflow, events }) =>
      runs
        .filter(
          ({ path, event, head_sha }) =>
            path === workflow && events.includes(event) && head_sha === request.sha,
        )
        .sort((a, b) => b.run_number - a.run_number)
        .slice(0, 1),
    );
    return Promise.all(
      newest.map(async (run): Promise<MigrationRun> => {
        const jobs = await github.pages(
          'GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs',
          { run_id: Number(run.id), filter: 'all' },
          (page) => page.jobs,
          most,
        );
        if (jobs.truncated) throw new Unknowable(`run ${run.id} has more than ${most} jobs`);
        return {
          id: Number(run.id),
          number: run.run_number,
          path: run.path,
          event: run.event,
          headSha: run.head_sha,
          jobs: jobs.items.map((job) => ({
            name: job.name,
            attempt: job.run_attempt ?? 1,
            status: job.status,
            conclusion: job.conclusion,
            startedAt: job.status === 'queued' ? null : (parseInstant(job.started_at) ?? null),
            url: job.html_url ?? '',
          })),
        };
      }),
    );
  },
});
