import { deploymentPayloadSchema, type DeploymentPayload } from '../contracts/deployment.js';
import type { GitHub } from '../github/client.js';
import { deploymentTask } from './names.js';
import type { DeploymentState } from './record.js';

/** GitHub cuts descriptions of Deployments and their statuses at 140 characters. */
const descriptionLength = 140;

export interface NewDeployment {
  environment: string;
  service: string;
  sha: string;
  production: boolean;
  description: string;
  payload: DeploymentPayload;
}

/** Creates the Deployment of a release and returns its id. Needs `deployments: write`. */
export async function createDeployment(github: GitHub, deployment: NewDeployment): Promise<number> {
  const created = await github.rest('POST /repos/{owner}/{repo}/deployments', {
    ref: deployment.sha,
    task: deploymentTask(deployment.service),
    auto_merge: false,
    required_contexts: [],
    environment: deployment.environment,
    production_environment: deployment.production,
    description: short(deployment.description),
    payload: deploymentPayloadSchema.parse(deployment.payload),
  });
  if (!('id' in created))
    throw new Error(`GitHub merged instead of creating a Deployment: ${JSON.stringify(created)}`);
  return Number(created.id);
}

/**
 * Adds a status; other Deployments are never touched by it (`auto_inactive: false` would hit other services of the
 * environment otherwise).
 */
export async function setDeploymentStatus(
  github: GitHub,
  id: number,
  state: Exclude<DeploymentState, 'waiting'>,
  description: string,
  links: { log?: string; environment?: string } = {},
): Promise<void> {
  await github.rest('POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses', {
    deployment_id: id,
    state,
    description: short(description),
    auto_inactive: false,
    ...(links.log ? { log_url: links.log } : {}),
    ...(links.environment ? { environment_url: links.environment } : {}),
  });
}

function short(text: string): string {
  const flat = text.replace(/\s+/g, ' ').trim();
  return flat.length <= descriptionLength
    ? flat
    : `${flat.slice(0, descriptionLength - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
