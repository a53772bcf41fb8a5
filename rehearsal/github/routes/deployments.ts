import { GitHubError, found, notFound } from '../errors.js';
import type { Deployment } from '../model.js';
import { deploymentJson, deploymentStatusJson } from '../represent/deployments.js';
import { environmentNamed } from '../rules/environments.js';
import {
  addDeployment,
  addDeploymentStatus,
  creatorOf,
  type NewDeployment,
  type NewDeploymentStatus,
  requireContexts,
} from '../rules/deployments.js';
import { mergeBranch } from '../rules/merge.js';
import { type Answer, created, ok, paged, type RepoContext, type Route, route } from '../route.js';

const deploymentOf = ({ repo, params }: RepoContext): Deployment =>
  found(repo.deployments.find(({ id }) => id === Number(params['deployment_id'])));

async function createDeployment(context: RepoContext): Promise<Answer> {
  const { state, repo, token } = context;
  const fields = context.body as NewDeployment;
  const commit = await repo.git.resolve(fields.ref);
  if (commit === null) throw new GitHubError(422, `No ref found for: ${fields.ref}`);
  const merged = fields.auto_merge === false ? null : await autoMerge(context, fields.ref);
  if (merged !== null) return merged;
  requireContexts(repo, fields.ref, commit.oid, fields.required_contexts);
  const deployment = addDeployment(state, repo, creatorOf(token), commit.oid, fields);
  environmentNamed(state, repo, deployment.environment);
  return created(deploymentJson(state, repo, deployment));
}

/**
 * OpenAPI repos/create-deployment: with auto_merge, a branch behind the default branch gets it merged in and the
 * answer is 202 without a deployment, or 409 on a conflict.
 */
async function autoMerge(context: RepoContext, ref: string): Promise<Answer | null> {
  const { repo } = context;
  const branch = await repo.git.ref(`refs/heads/${ref}`);
  const base = await repo.git.ref(`refs/heads/${repo.defaultBranch}`);
  if (branch === null || base === null || (await repo.git.isAncestor(base.oid, branch.oid))) return null;
  const message = `Merge branch '${repo.defaultBranch}' into ${ref}`;
  const oid = await mergeBranch(context.state, repo, context.token.actor, {
    into: branch,
    theirs: base.oid,
    message,
  });
  if (oid === null) throw new GitHubError(409, `Conflict merging ${repo.defaultBranch} into ${ref}.`);
  return { status: 202, body: { message: `Auto-merged ${repo.defaultBranch} into ${ref} on deployment.` } };
}

function listed({ repo, query }: RepoContext): Deployment[] {
  const wanted = (name: string, value: string): boolean => {
    const asked = query[name];
    return asked === undefined || asked === null || asked === 'none' || asked === value;
  };
  return repo.deployments
    .filter(
      ({ sha, ref, task, environment }) =>
        wanted('sha', sha) &&
        wanted('ref', ref) &&
        wanted('task', task) &&
        wanted('environment', environment),
    )
    .reverse();
}

export const deploymentRoutes: readonly Route[] = [
  route('GET /deployments', [['deployments', 'read']], (context) =>
    paged(context, listed(context), (one) => deploymentJson(context.state, context.repo, one)),
  ),
  route('POST /deployments', [['deployments', 'write']], createDeployment),
  route('GET /deployments/{deployment_id}', [['deployments', 'read']], (context) =>
    ok(deploymentJson(context.state, context.repo, deploymentOf(context))),
  ),
  route('GET /deployments/{deployment_id}/statuses', [['deployments', 'read']], (context) => {
    const deployment = deploymentOf(context);
    return paged(context, [...deployment.statuses].reverse(), (status) =>
      deploymentStatusJson(context.state, context.repo, deployment, status),
    );
  }),
  route('POST /deployments/{deployment_id}/statuses', [['deployments', 'write']], (context) => {
    const { state, repo, token } = context;
    const deployment = deploymentOf(context);
    const fields = context.body as NewDeploymentStatus;
    const status = addDeploymentStatus(state, repo, creatorOf(token), deployment, fields);
    return created(deploymentStatusJson(state, repo, deployment, status));
  }),
  route('GET /deployments/{deployment_id}/statuses/{status_id}', [['deployments', 'read']], (context) => {
    const deployment = deploymentOf(context);
    const status = deployment.statuses.find(({ id }) => id === Number(context.params['status_id']));
    if (status === undefined) throw notFound();
    return ok(deploymentStatusJson(context.state, context.repo, deployment, status));
  }),
];
