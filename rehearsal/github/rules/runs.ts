import { invalid, notFound } from '../errors.js';
import type { Repo } from '../model.js';
import type { CheckStatus, Job, RunAttempt, Workflow, WorkflowRun } from '../runs-model.js';
import type { Actor } from '../actors-model.js';
import { type GitHubState, actionsApp } from '../state.js';
import { addSuite, newCheckRun } from './checks.js';
import { settleJobDeployment } from './environments.js';

export interface NewRun {
  workflowPath: string;
  workflowName: string;
  event: string;
  headSha: string;
  headBranch: string | null;
  actor: string;
  /** `owner/name` of the fork whose branch it ran for; by default the repository itself. */
  fork?: string;
}

export interface Progress {
  status?: CheckStatus;
  conclusion?: string | null;
}

export function workflowOf(repo: Repo, run: WorkflowRun): Workflow {
  const workflow = repo.workflows.find(({ id }) => id === run.workflowId);
  if (workflow === undefined) throw notFound();
  return workflow;
}

export const lastAttempt = (run: WorkflowRun): RunAttempt => run.attempts.at(-1) as RunAttempt;

/** A run with its first attempt and its check suite of the Actions app (docs: "GitHub Actions check suites"). */
export function addRun(state: GitHubState, repo: Repo, fields: NewRun): WorkflowRun {
  let workflow = repo.workflows.find(({ path }) => path === fields.workflowPath);
  if (workflow === undefined) {
    const { workflowPath: path, workflowName: name } = fields;
    workflow = { id: state.nextId(), name, path, createdAt: state.now() };
    repo.workflows.push(workflow);
  }
  const { id: workflowId } = workflow;
  const { headSha, headBranch } = fields;
  const id = state.nextId();
  const suite = addSuite(state, repo, {
    app: actionsApp,
    headSha,
    // A suite names branches of its own repository only.
    headBranch: fields.fork === undefined ? headBranch : null,
    runId: id,
  });
  const run: WorkflowRun = {
    id,
    workflowId,
    runNumber: repo.runs.filter((other) => other.workflowId === workflowId).length + 1,
    event: fields.event,
    headSha,
    headBranch,
    fork: fields.fork ?? null,
    actor: state.actor(fields.actor),
    checkSuiteId: suite.id,
    createdAt: state.now(),
    attempts: [],
  };
  repo.runs.push(run);
  addAttempt(state, run, run.actor);
  return run;
}

export function addAttempt(state: GitHubState, run: WorkflowRun, triggeringActor: Actor): RunAttempt {
  const now = state.now();
  const attempt: RunAttempt = {
    attempt: run.attempts.length + 1,
    triggeringActor,
    status: 'queued',
    conclusion: null,
    startedAt: now,
    updatedAt: now,
  };
  run.attempts.push(attempt);
  return attempt;
}

/** Refuses a completed record without conclusion, so that a runner's slip is seen at once. */
function checkProgress(resource: string, { status, conclusion }: Progress): void {
  if (status === 'completed' && (conclusion ?? null) === null) {
    throw invalid({ resource, code: 'missing_field', field: 'conclusion' });
  }
}

export function progressRun(state: GitHubState, run: WorkflowRun, change: Progress): void {
  checkProgress('WorkflowRun', change);
  const attempt = lastAttempt(run);
  attempt.status = change.status ?? attempt.status;
  attempt.conclusion = attempt.status === 'completed' ? (change.conclusion ?? attempt.conclusion) : null;
  attempt.updatedAt = state.now();
}

/** A job; its id is its check run's id, as on GitHub (OpenAPI: job.check_run_url). */
export function addJob(
  state: GitHubState,
  repo: Repo,
  run: WorkflowRun,
  fields: { name: string; key: string; attempt?: number | undefined },
): Job {
  const suite = repo.suites.find(({ id }) => id === run.checkSuiteId);
  if (suite === undefined) throw notFound();
  const check = newCheckRun(state, suite, fields.name);
  repo.checkRuns.push(check);
  const job: Job = {
    id: check.id,
    runId: run.id,
    attempt: fields.attempt ?? lastAttempt(run).attempt,
    key: fields.key,
    name: fields.name,
    status: 'queued',
    conclusion: null,
    createdAt: state.now(),
    startedAt: null,
    completedAt: null,
    environment: null,
  };
  repo.jobs.push(job);
  check.detailsUrl = `${state.baseUrl}/${repo.owner}/${repo.name}/actions/runs/${run.id}/job/${job.id}`;
  check.externalId = job.key;
  return job;
}

/** Moves a job on, its check run and the deployment of its environment with it. */
export function progressJob(state: GitHubState, repo: Repo, job: Job, change: Progress): void {
  checkProgress('Job', change);
  const now = state.now();
  job.status = change.status ?? job.status;
  job.conclusion = job.status === 'completed' ? (change.conclusion ?? job.conclusion) : null;
  if (job.status === 'in_progress') job.startedAt ??= now;
  if (job.status === 'completed') job.completedAt = now;
  const check = repo.checkRuns.find(({ id }) => id === job.id);
  if (check !== undefined) {
    check.status = job.status;
    check.conclusion = job.conclusion;
    check.startedAt = job.startedAt;
    check.completedAt = job.completedAt;
  }
  settleJobDeployment(state, repo, job);
}

/** Jobs of one attempt; those a re-run left alone are listed as they last ran (docs: "Re-running failed jobs"). */
export function jobsOf(repo: Repo, run: WorkflowRun, attempt: number): Job[] {
  const latest = new Map<string, Job>();
  for (const job of repo.jobs) {
    if (job.runId === run.id && job.attempt <= attempt) latest.set(job.key, job);
  }
  return [...latest.values()];
}
