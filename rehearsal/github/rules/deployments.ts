import { GitHubError, invalid } from '../errors.js';
import type {
  CommitStatus,
  Deployment,
  DeploymentStatus,
  DeploymentStatusState,
  Repo,
  Token,
} from '../model.js';
import type { Actor, App } from '../actors-model.js';
import type { GitHubState } from '../state.js';
import { checkRunsOf } from './checks.js';

export interface NewDeployment {
  ref: string;
  task?: string;
  auto_merge?: boolean;
  required_contexts?: string[];
  payload?: unknown;
  environment?: string;
  description?: string | null;
  transient_environment?: boolean;
  production_environment?: boolean;
}

/** The newest status of each context, newest first. */
export function latestStatuses(repo: Repo, sha: string): CommitStatus[] {
  const seen = new Set<string>();
  return repo.statuses
    .filter((status) => status.sha === sha)
    .sort((a, b) => b.id - a.id)
    .filter(({ context }) => !seen.has(context) && seen.add(context));
}

/**
 * Throws 409 unless every required context is success; absent means all contexts there are, [] none (OpenAPI:
 * required_contexts).
 */
export function requireContexts(
  repo: Repo,
  ref: string,
  sha: string,
  required: readonly string[] | undefined,
): void {
  const states = new Map<string, string>();
  for (const suite of repo.suites.filter(({ headSha }) => headSha === sha)) {
    for (const run of checkRunsOf(repo, suite.id, 'latest'))
      states.set(run.name, run.conclusion ?? 'pending');
  }
  for (const { context, state } of latestStatuses(repo, sha)) states.set(context, state);
  const green = ['success', 'neutral', 'skipped'];
  const contexts = [...(required ?? states.keys())].map((context) => ({
    context,
    state: states.get(context) ?? 'pending',
  }));
  if (contexts.every(({ state }) => green.includes(state))) return;
  throw new GitHubError(409, `Conflict: Commit status checks failed for ${ref}.`, [
    { resource: 'Deployment', code: 'invalid', field: 'required_contexts', contexts },
  ]);
}

export interface Creator {
  actor: Actor;
  app: App | null;
}

/** Records a deployment; the caller has resolved and checked the ref already. */
export function addDeployment(
  state: GitHubState,
  repo: Repo,
  creator: Creator,
  sha: string,
  fields: NewDeployment,
): Deployment {
  const environment = fields.environment ?? 'production';
  const now = state.now();
  const deployment: Deployment = {
    id: state.nextId(),
    sha,
    ref: fields.ref,
    task: fields.task ?? 'deploy',
    payload: fields.payload ?? {},
    environment,
    originalEnvironment: environment,
    description: fields.description ?? null,
    transient: fields.transient_environment ?? false,
    // OpenAPI: "Default: true when environment is production and false otherwise".
    production: fields.production_environment ?? environment === 'production',
    creator: creator.actor,
    app: creator.app,
    createdAt: now,
    updatedAt: now,
    statuses: [],
  };
  repo.deployments.push(deployment);
  return deployment;
}

export interface NewDeploymentStatus {
  state: DeploymentStatusState;
  target_url?: string;
  log_url?: string;
  description?: string;
  environment?: string;
  environment_url?: string;
  auto_inactive?: boolean;
}

/** Adds a status and, on success, makes earlier ones inactive; throws 422 on a description over 140 characters. */
export function addDeploymentStatus(
  state: GitHubState,
  repo: Repo,
  creator: Creator,
  deployment: Deployment,
  fields: NewDeploymentStatus,
): DeploymentStatus {
  const description = fields.description ?? '';
  requireShort('DeploymentStatus', description);
  const previous = deployment.statuses.at(-1);
  const status: DeploymentStatus = {
    id: state.nextId(),
    state: fields.state,
    description,
    environment: fields.environment ?? previous?.environment ?? deployment.environment,
    environmentUrl: fields.environment_url ?? '',
    logUrl: fields.log_url ?? fields.target_url ?? '',
    creator: creator.actor,
    app: creator.app,
    createdAt: state.now(),
  };
  deployment.statuses.push(status);
  deployment.environment = status.environment;
  deployment.updatedAt = status.createdAt;
  if (status.state === 'success' && (fields.auto_inactive ?? true)) {
    retireEarlier(state, repo, creator, deployment);
  }
  return status;
}

/**
 * OpenAPI, auto_inactive: an `inactive` status goes to all prior non-transient, non-production deployments of the
 * same environment that had a `success` state.
 */
function retireEarlier(state: GitHubState, repo: Repo, creator: Creator, deployment: Deployment): void {
  const earlier = repo.deployments.filter(
    (other) =>
      other.id < deployment.id &&
      other.environment === deployment.environment &&
      !other.transient &&
      !other.production &&
      other.statuses.at(-1)?.state === 'success',
  );
  for (const other of earlier) {
    addDeploymentStatus(state, repo, creator, other, { state: 'inactive', auto_inactive: false });
  }
}

/** Docs: descriptions of statuses hold 140 characters at most, longer ones are a 422. */
export function requireShort(resource: string, description: string): void {
  if ([...description].length <= 140) return;
  const message = 'description is too long (maximum is 140 characters)';
  throw invalid({ resource, code: 'custom', field: 'description', message });
}

const abandonedAfterMs = 30 * 60_000;

/** GraphQL's DeploymentState, which is the deployment's, not its last status's (schema: enum DeploymentState). */
export function graphqlState(deployment: Deployment, now: number): string {
  const last = deployment.statuses.at(-1)?.state ?? 'pending';
  if (last === 'success') return 'ACTIVE';
  if (last === 'inactive') return deployment.transient ? 'DESTROYED' : 'INACTIVE';
  if (last === 'pending' && now - deployment.updatedAt > abandonedAfterMs) return 'ABANDONED';
  return last.toUpperCase();
}

export const creatorOf = (token: Token): Creator => ({ actor: token.actor, app: token.app });
