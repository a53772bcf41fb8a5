import * as z from 'zod';
import { globMatcher } from '../../../../shared/config/glob.js';
import { shaSchema } from '../../../../shared/contracts/formats.js';
import type { Answer, GitHub } from '../../../../shared/github/client.js';
import { sameName } from '../../../../shared/ledger/names.js';
import { parseInstant } from '../../../../shared/time/instant.js';
import { defineEvidence, Unknowable, whole, type Sources } from '../evidence.js';

const migrationRunSchema = z.strictObject({
  id: whole,
  number: whole,
  path: z.string(),
  event: z.string(),
  headSha: shaSchema,
  /** The branch or tag it ran for; null where GitHub does not say. */
  branch: z.string().nullable().optional(),
  /** The newest attempt, and what that is doing. */
  attempt: whole.optional(),
  status: z.string().optional(),
  /** Why it neither passes nor blocks; its jobs were not read then. */
  doubt: z.string().optional(),
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

/** The workflow whose job judges, what may start it, and for which branches and tags. */
export interface MigrationWorkflow {
  workflow: string;
  job: string;
  events: readonly string[];
  /** Patterns; undefined for the default branch, or else the branch of the run that asks. */
  branches?: readonly string[] | undefined;
}

/** Most runs of a commit, and jobs of a run, that are read. */
const most = 1_000;

/** Runs that do not count, and are told of. */
const mostTold = 5;

type Listed = Answer<'GET /repos/{owner}/{repo}/actions/runs/{run_id}'>;

/**
 * The run of each workflow that was named whose job decides, on the released commit: the newest one for a branch that
 * counts. The Actions API alone is asked: a check run can be posted by any job that may write checks, and an artifact or
 * comment of that name too.
 */
export const migrations = defineEvidence({
  kind: 'migrations',
  what: 'the runs that judged the migrations',
  schema: z.array(migrationRunSchema),
  permission: { actions: 'read' },
  collect: async (needs: readonly MigrationWorkflow[], sources) => {
    const { github, request } = sources;
    const { items, truncated } = await github.pages(
      'GET /repos/{owner}/{repo}/actions/runs',
      { head_sha: request.sha },
      (page) => page.workflow_runs,
      most,
    );
    if (truncated) throw new Unknowable(`${request.sha} has more than ${most} workflow runs`);
    const found = await Promise.all(
      needs.map(async (need) => {
        const runs = items
          .filter(
            (run) =>
              pathOf(run) === need.workflow &&
              need.events.includes(run.event) &&
              run.head_sha === request.sha,
          )
          .sort((a, b) => b.run_number - a.run_number);
        return readDeciding(runs, need, sources);
      }),
    );
    return found.flat();
  },
});

const pathOf = ({ path }: Pick<Listed, 'path'>) => path.split('@')[0]!;

/**
 * The run that decides, behind the newer ones that do not count. Whoever may push starts the workflow for a branch of
 * his own on the same commit, and a fork for its own; such a run must neither pass nor block. A run for the default
 * branch decides where it has the job; else one for the branch of the run that asks.
 */
async function readDeciding(
  runs: readonly Listed[],
  { job, branches }: MigrationWorkflow,
  { github, defaultBranch, branch }: Sources,
): Promise<MigrationRun[]> {
  const repository = `${github.owner}/${github.repository}`;
  const own = runs.filter(({ head_repository: of }) => sameName(nameOf(of), repository));
  const of = (counts: (name: string) => boolean) =>
    own.filter(({ head_branch: name }) => name !== null && counts(baseOfGroup(name)));
  const groups = branches
    ? [of((name) => branches.some((pattern) => globMatcher(pattern)(name)))]
    : [of((name) => name === defaultBranch), of((name) => name === branch)];
  const wanted = branches?.join(', ') ?? [...new Set([defaultBranch, branch])].join(', ');
  const looked: MigrationRun[] = [];
  for (const [newest] of groups) {
    if (!newest || looked.some(({ id }) => id === Number(newest.id))) continue;
    looked.push(await readRun(github, newest));
    if (decides(looked.at(-1)!, job)) break;
  }
  const deciding = looked.find((run) => decides(run, job)) ?? looked[0];
  const strange = runs.filter(
    (run) => !groups.flat().includes(run) && (deciding === undefined || run.run_number > deciding.number),
  );
  return [
    ...(deciding ? [deciding] : []),
    ...strange
      .slice(0, mostTold)
      .map((run): MigrationRun => ({ ...toRun(run), doubt: doubtOf(run, repository, wanted), jobs: [] })),
  ];
}

/** Of a run that is not complete the job may still come. */
const decides = ({ jobs, status }: MigrationRun, job: string) =>
  status !== 'completed' || jobs.some(({ name }) => name === job);

const nameOf = (repository: unknown) => (repository as { full_name?: string } | null)?.full_name ?? '';

/** The branch that a merge group is for: GitHub alone makes branches of that name. */
const baseOfGroup = (branch: string) =>
  /^gh-readonly-queue\/(.+)\/pr-\d+-[0-9a-f]+$/.exec(branch)?.[1] ?? branch;

const doubtOf = (run: Listed, repository: string, wanted: string) =>
  sameName(nameOf(run.head_repository), repository)
    ? `it ran for ${run.head_branch ?? 'no branch'}, and runs for ${wanted} count`
    : `it ran for ${nameOf(run.head_repository) || 'a repository that is gone'}`;

function toRun(run: Listed): Omit<MigrationRun, 'jobs'> {
  return {
    id: Number(run.id),
    number: run.run_number,
    path: pathOf(run),
    event: run.event,
    headSha: run.head_sha,
    branch: run.head_branch,
    attempt: run.run_attempt ?? 1,
    status: run.status ?? 'unknown',
  };
}

async function readRun(github: GitHub, run: Listed): Promise<MigrationRun> {
  const jobs = await github.pages(
    'GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs',
    { run_id: Number(run.id), filter: 'all' },
    (page) => page.jobs,
    most,
  );
  if (jobs.truncated) throw new Unknowable(`run ${run.id} has more than ${most} jobs`);
  return {
    ...toRun(run),
    jobs: jobs.items.map((job) => ({
      name: job.name,
      attempt: job.run_attempt ?? 1,
      status: job.status,
      conclusion: job.conclusion,
      startedAt: job.status === 'queued' ? null : (parseInstant(job.started_at) ?? null),
      url: job.html_url ?? '',
    })),
  };
}
