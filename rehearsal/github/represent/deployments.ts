import type { CommitStatus, Deployment, DeploymentStatus, Repo } from '../model.js';
import { nodeId } from '../node-id.js';
import { type GitHubState, iso } from '../state.js';
import { integration, simpleUser } from './actors.js';
import { apiUrl } from './repository.js';

export function deploymentJson(
  state: GitHubState,
  repo: Repo,
  deployment: Deployment,
): Record<string, unknown> {
  const url = apiUrl(state, repo, `/deployments/${deployment.id}`);
  return {
    url,
    id: deployment.id,
    node_id: nodeId('DE', repo.id, deployment.id),
    sha: deployment.sha,
    ref: deployment.ref,
    task: deployment.task,
    payload: deployment.payload,
    original_environment: deployment.originalEnvironment,
    environment: deployment.environment,
    description: deployment.description,
    creator: simpleUser(state, deployment.creator),
    created_at: iso(deployment.createdAt),
    updated_at: iso(deployment.updatedAt),
    statuses_url: `${url}/statuses`,
    repository_url: apiUrl(state, repo),
    transient_environment: deployment.transient,
    production_environment: deployment.production,
    performed_via_github_app: integration(state, repo, deployment.app),
  };
}

export function deploymentStatusJson(
  state: GitHubState,
  repo: Repo,
  deployment: Deployment,
  status: DeploymentStatus,
): Record<string, unknown> {
  const parent = apiUrl(state, repo, `/deployments/${deployment.id}`);
  return {
    url: `${parent}/statuses/${status.id}`,
    id: status.id,
    node_id: nodeId('DES', repo.id, status.id),
    state: status.state,
    creator: simpleUser(state, status.creator),
    description: status.description,
    environment: status.environment,
    target_url: status.logUrl,
    created_at: iso(status.createdAt),
    updated_at: iso(status.createdAt),
    deployment_url: parent,
    repository_url: apiUrl(state, repo),
    environment_url: status.environmentUrl,
    log_url: status.logUrl,
    performed_via_github_app: integration(state, repo, status.app),
  };
}

/** A commit status without its creator, as the combined status lists it. */
export function simpleStatusJson(
  state: GitHubState,
  repo: Repo,
  status: CommitStatus,
): Record<string, unknown> {
  return {
    url: apiUrl(state, repo, `/statuses/${status.sha}`),
    avatar_url: `${state.baseUrl}/avatars/${status.creator.id}`,
    id: status.id,
    node_id: nodeId('SC', repo.id, status.id),
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: iso(status.createdAt),
    updated_at: iso(status.createdAt),
  };
}

export function statusJson(state: GitHubState, repo: Repo, status: CommitStatus): Record<string, unknown> {
  return { ...simpleStatusJson(state, repo, status), creator: simpleUser(state, status.creator) };
}
