import { globMatcher } from '../../glob.js';
import { GitHubError, found, invalid } from '../errors.js';
import type { Approval, Environment, Repo } from '../model.js';
import type { Job, WorkflowRun } from '../runs-model.js';
import type { Actor } from '../actors-model.js';
import { type GitHubState, actionsApp } from '../state.js';
import { addDeployment, addDeploymentStatus, type Creator } from './deployments.js';

/** The environment of this name, made without protection when new, as a job or deployment that names it does. */
export function environmentNamed(state: GitHubState, repo: Repo, name: string): Environment {
  const known = repo.environments.find(
    (environment) => environment.name.toLowerCase() === name.toLowerCase(),
  );
  if (known !== undefined) return known;
  const now = state.now();
  const environment: Environment = {
    id: state.nextId(),
    name,
    waitTimerMinutes: 0,
    preventSelfReview: false,
    canAdminsBypass: true,
    reviewers: [],
    branchPolicy: null,
    customPolicies: [],
    createdAt: now,
    updatedAt: now,
  };
  repo.environments.push(environment);
  return environment;
}

/** Why this branch or tag may not deploy there, or null (docs: "Deployment branches and tags"). */
export function refusalOf(repo: Repo, environment: Environment, run: WorkflowRun): string | null {
  const policy = environment.branchPolicy;
  if (policy === null) return null;
  const branch = run.headBranch ?? '';
  const allowed = policy.custom_branch_policies
    ? environment.customPolicies.some(({ name }) => globMatcher(name)(branch))
    : // Without branch protection records, the default branch is the one that counts as protected.
      branch === repo.defaultBranch;
  if (allowed) return null;
  return `Branch "${branch}" is not allowed to deploy to ${environment.name} due to environment protection rules.`;
}

export interface Gate {
  approved: boolean;
  waitingFor: string[];
  refused: string | null;
}

const botCreator = (state: GitHubState): Creator => ({
  actor: state.actor(`${actionsApp.slug}[bot]`),
  app: actionsApp,
});

/** A job names an environment: GitHub makes its Deployment (unless `deployment: false`) and holds it for the rules. */
export function enterEnvironment(
  state: GitHubState,
  repo: Repo,
  job: Job,
  name: string,
  withDeployment: boolean,
): Gate {
  const run = found(repo.runs.find(({ id }) => id === job.runId));
  const environment = environmentNamed(state, repo, name);
  const refused = refusalOf(repo, environment, run);
  let deploymentId: number | null = null;
  if (withDeployment && refused === null) {
    const fields = { ref: run.headBranch ?? run.headSha, environment: environment.name };
    const deployment = addDeployment(state, repo, botCreator(state), run.headSha, fields);
    deploymentId = deployment.id;
  }
  job.environment = { environmentId: environment.id, deploymentId, refused, waitingSince: state.now() };
  const gate = gateOf(state, repo, job);
  settleJobDeployment(state, repo, job);
  return gate;
}

/** Whether the job may start now, and who can let it (docs: "Required reviewers", "Wait timer"). */
export function gateOf(state: GitHubState, repo: Repo, job: Job): Gate {
  const place = found(job.environment);
  const environment = found(repo.environments.find(({ id }) => id === place.environmentId));
  const review = approvalOf(repo, job);
  const rejected = review?.state === 'rejected' ? `Deployment was rejected by ${review.user.login}.` : null;
  const refused = place.refused ?? rejected;
  if (refused !== null) return { approved: false, waitingFor: [], refused };
  const timerOver = state.now() >= place.waitingSince + environment.waitTimerMinutes * 60_000;
  const reviewed = environment.reviewers.length === 0 || review !== null;
  const reviewers = reviewed ? [] : reviewersOf(state, environment).map(({ login }) => login);
  return { approved: reviewed && timerOver, waitingFor: reviewers, refused: null };
}

export function reviewersOf(state: GitHubState, environment: Environment): Actor[] {
  return environment.reviewers
    .map(({ id }) => state.actorById(id))
    .filter((actor): actor is Actor => actor !== null);
}

function approvalOf(repo: Repo, job: Job): Approval | null {
  const mine = repo.approvals.filter(
    ({ runId, attempt, environmentId }) =>
      runId === job.runId && attempt === job.attempt && environmentId === job.environment?.environmentId,
  );
  return mine.at(-1) ?? null;
}

/** Jobs of the run's last attempt that wait for a review, by environment. */
export function pendingEnvironments(
  state: GitHubState,
  repo: Repo,
  run: WorkflowRun,
): Map<Environment, Job[]> {
  const pending = new Map<Environment, Job[]>();
  for (const job of repo.jobs) {
    if (job.runId !== run.id || job.attempt !== run.attempts.length || job.environment === null) continue;
    if (job.status === 'completed') continue;
    const gate = gateOf(state, repo, job);
    if (gate.approved || gate.refused !== null) continue;
    const environment = found(repo.environments.find(({ id }) => id === job.environment?.environmentId));
    pending.set(environment, [...(pending.get(environment) ?? []), job]);
  }
  return pending;
}

/** Whether this person may review: a listed reviewer, and not the one who started the run where that is forbidden. */
export function mayReview(run: WorkflowRun, environment: Environment, actor: Actor): boolean {
  if (!environment.reviewers.some(({ type, id }) => type === 'User' && id === actor.id)) return false;
  return !(environment.preventSelfReview && run.attempts.at(-1)?.triggeringActor.id === actor.id);
}

/**
 * Approves or rejects waiting environments; throws 422 when one is not waiting, 403 when the actor may not review it.
 */
export function reviewEnvironments(
  state: GitHubState,
  repo: Repo,
  run: WorkflowRun,
  actor: Actor,
  review: { environmentIds: number[]; state: Approval['state']; comment: string },
): Job[] {
  const pending = pendingEnvironments(state, repo, run);
  const chosen = review.environmentIds.map((id) => [...pending.keys()].find((one) => one.id === id));
  if (chosen.length === 0 || chosen.includes(undefined)) {
    const message = 'There are no pending deployment requests for one or more environments';
    throw invalid({ resource: 'WorkflowRun', code: 'custom', field: 'environment_ids', message });
  }
  const environments = chosen.filter((one) => one !== undefined);
  for (const environment of environments) {
    if (mayReview(run, environment, actor)) continue;
    throw new GitHubError(403, `${actor.login} cannot approve or reject deployments to ${environment.name}.`);
  }
  for (const { id } of environments) {
    const { state: verdict, comment } = review;
    const attempt = run.attempts.length;
    const createdAt = state.now();
    repo.approvals.push({
      runId: run.id,
      attempt,
      environmentId: id,
      state: verdict,
      user: actor,
      comment,
      createdAt,
    });
  }
  const jobs = environments.flatMap((environment) => pending.get(environment) ?? []);
  for (const job of jobs) settleJobDeployment(state, repo, job);
  return jobs;
}

/** Brings the Deployment of a job's environment to the job's own state. */
export function settleJobDeployment(state: GitHubState, repo: Repo, job: Job): void {
  const deployment = repo.deployments.find(({ id }) => id === job.environment?.deploymentId);
  if (deployment === undefined) return;
  const next = deploymentStateOf(state, repo, job);
  if (deployment.statuses.at(-1)?.state === next) return;
  const log_url = `${state.baseUrl}/${repo.owner}/${repo.name}/actions/runs/${job.runId}/job/${job.id}`;
  addDeploymentStatus(state, repo, botCreator(state), deployment, { state: next, log_url });
}

function deploymentStateOf(
  state: GitHubState,
  repo: Repo,
  job: Job,
): 'success' | 'failure' | 'inactive' | 'in_progress' | 'waiting' | 'queued' {
  if (job.status === 'in_progress') return 'in_progress';
  if (job.status === 'completed') {
    if (job.conclusion === 'success') return 'success';
    return job.conclusion === 'skipped' ? 'inactive' : 'failure';
  }
  const gate = gateOf(state, repo, job);
  if (gate.refused !== null) return 'failure';
  return gate.approved ? 'queued' : 'waiting';
}
