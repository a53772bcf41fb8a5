import { found } from '../../errors.js';
import type { Job, WorkflowRun } from '../../runs-model.js';
import { jobJson, runJson, workflowJson } from '../../represent/runs.js';
import { jobsOf, lastAttempt } from '../../rules/runs.js';
import { type Answer, ok, paged, type RepoContext, type Route, route } from '../../route.js';
import { iso } from '../../state.js';

export const runOf = ({ repo, params }: RepoContext): WorkflowRun =>
  found(repo.runs.find(({ id }) => id === Number(params['run_id'])));

/** A workflow is named by its id or its file name (OpenAPI: parameter workflow-id). */
export function workflowIdOf({ repo, params }: RepoContext): number {
  const asked = params['workflow_id'] ?? '';
  const known = repo.workflows.find(({ id, path }) => String(id) === asked || path.endsWith(`/${asked}`));
  return found(known).id;
}

/** OpenAPI actions/list-workflow-runs: filtered lists show 1,000 results at most. */
const maxFiltered = 1000;

/**
 * `created` as a date, `>=date`, `<=date`, `>date`, `<date` or `date..date` (docs: "Understanding the search syntax").
 */
function inRange(created: string, at: number): boolean {
  const range = /^(.+)\.\.(.+)$/.exec(created);
  if (range !== null) return inRange(`>=${range[1]}`, at) && inRange(`<=${range[2]}`, at);
  const [, sign = '', date = ''] = /^(>=|<=|>|<)?(.*)$/.exec(created) ?? [];
  const moment = iso(at).slice(0, Math.max(date.length, 10)).replace(/Z$/, '');
  const bound = date.replace(/Z$|\+00:00$/, '');
  if (sign === '') return moment.startsWith(bound);
  if (sign === '>=') return moment >= bound;
  if (sign === '<=') return moment <= bound;
  return sign === '>' ? moment > bound : moment < bound;
}

function listRuns(context: RepoContext, workflowId: number | null): Promise<Answer> {
  const { state, repo, query } = context;
  const is = (name: string, value: unknown): boolean => query[name] === undefined || query[name] === value;
  const runs = repo.runs
    .filter((run) => workflowId === null || run.workflowId === workflowId)
    .filter((run) => {
      const { status, conclusion } = lastAttempt(run);
      return (
        is('actor', run.actor.login) &&
        is('branch', run.headBranch) &&
        is('event', run.event) &&
        is('head_sha', run.headSha) &&
        is('check_suite_id', run.checkSuiteId) &&
        (is('status', status) || is('status', conclusion)) &&
        (typeof query['created'] !== 'string' || inRange(query['created'], run.createdAt))
      );
    })
    .sort((a, b) => b.id - a.id);
  const filtered = Object.keys(query).some((name) => name !== 'page' && name !== 'per_page');
  return paged(
    context,
    filtered ? runs.slice(0, maxFiltered) : runs,
    (run) => runJson(state, repo, run),
    (workflow_runs) => ({ total_count: runs.length, workflow_runs }),
  );
}

function listJobs(context: RepoContext, run: WorkflowRun, jobs: readonly Job[]): Promise<Answer> {
  return paged(
    context,
    jobs,
    (job) => jobJson(context.state, context.repo, run, job),
    (page, total_count) => ({ total_count, jobs: page }),
  );
}

const actions = [['actions', 'read']] as const;

export const runRoutes: readonly Route[] = [
  route('GET /actions/runs', actions, (context) => listRuns(context, null)),
  route('GET /actions/workflows/{workflow_id}/runs', actions, (context) =>
    listRuns(context, workflowIdOf(context)),
  ),
  route('GET /actions/workflows/{workflow_id}', actions, (context) => {
    const id = workflowIdOf(context);
    return ok(
      workflowJson(context.state, context.repo, found(context.repo.workflows.find((one) => one.id === id))),
    );
  }),
  route('GET /actions/workflows', actions, (context) =>
    paged(
      context,
      context.repo.workflows,
      (workflow) => workflowJson(context.state, context.repo, workflow),
      (workflows, total_count) => ({ total_count, workflows }),
    ),
  ),
  route('GET /actions/runs/{run_id}', actions, async (context) =>
    ok(await runJson(context.state, context.repo, runOf(context))),
  ),
  route('GET /actions/runs/{run_id}/attempts/{attempt_number}', actions, async (context) => {
    const run = runOf(context);
    const attempt = found(run.attempts[Number(context.params['attempt_number']) - 1]);
    return ok(await runJson(context.state, context.repo, run, attempt));
  }),
  route('GET /actions/runs/{run_id}/jobs', actions, (context) => {
    const run = runOf(context);
    const jobs =
      context.query['filter'] === 'all'
        ? context.repo.jobs.filter(({ runId }) => runId === run.id)
        : jobsOf(context.repo, run, run.attempts.length);
    return listJobs(context, run, jobs);
  }),
  route('GET /actions/runs/{run_id}/attempts/{attempt_number}/jobs', actions, (context) => {
    const run = runOf(context);
    const { attempt } = found(run.attempts[Number(context.params['attempt_number']) - 1]);
    return listJobs(context, run, jobsOf(context.repo, run, attempt));
  }),
  route('GET /actions/jobs/{job_id}', actions, (context) => {
    const { state, repo, params } = context;
    const job = found(repo.jobs.find(({ id }) => id === Number(params['job_id'])));
    return ok(jobJson(state, repo, found(repo.runs.find(({ id }) => id === job.runId)), job));
  }),
];
