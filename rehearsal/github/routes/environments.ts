import { GitHubError, found, invalid } from '../errors.js';
import type { Environment, Reviewer } from '../model.js';
import { simpleUser } from '../represent/actors.js';
import { deploymentJson } from '../represent/deployments.js';
import { environmentJson, environmentLink, reviewersJson } from '../represent/runs.js';
import { nodeId } from '../node-id.js';
import {
  environmentNamed,
  mayReview,
  pendingEnvironments,
  reviewEnvironments,
} from '../rules/environments.js';
import { noContent, ok, paged, type RepoContext, type Route, route } from '../route.js';
import { iso } from '../state.js';
import { runOf } from './runs/runs.js';

interface EnvironmentBody {
  wait_timer?: number;
  prevent_self_review?: boolean;
  reviewers?: { type?: Reviewer['type']; id?: number }[] | null;
  deployment_branch_policy?: Environment['branchPolicy'];
}

const environmentOf = ({ repo, params }: RepoContext): Environment =>
  found(
    repo.environments.find(({ name }) => name.toLowerCase() === params['environment_name']?.toLowerCase()),
  );

/** What is absent from the body is reset, as PUT says (OpenAPI: repos/create-or-update-environment). */
function put(context: RepoContext): Environment {
  const { state, repo, params } = context;
  const body = (context.body ?? {}) as EnvironmentBody;
  const policy = body.deployment_branch_policy ?? null;
  if (policy !== null && policy.protected_branches === policy.custom_branch_policies) {
    throw new GitHubError(422, 'protected_branches and custom_branch_policies cannot have the same value');
  }
  const reviewers = (body.reviewers ?? []).map(({ type = 'User', id = 0 }) => ({ type, id }));
  if (reviewers.length > 6 || reviewers.some(({ id }) => state.actorById(id) === null)) {
    throw invalid({ resource: 'Environment', code: 'invalid', field: 'reviewers' });
  }
  const environment = environmentNamed(state, repo, params['environment_name'] ?? '');
  environment.waitTimerMinutes = body.wait_timer ?? 0;
  environment.preventSelfReview = body.prevent_self_review ?? false;
  environment.reviewers = reviewers;
  environment.branchPolicy = policy;
  environment.updatedAt = state.now();
  return environment;
}

const policyJson = (context: RepoContext, policy: Environment['customPolicies'][number]): unknown => ({
  id: policy.id,
  node_id: nodeId('EN', context.repo.id, `policy/${policy.id}`),
  name: policy.name,
  type: policy.type,
});

const policiesPath = '/environments/{environment_name}/deployment-branch-policies';

export const environmentRoutes: readonly Route[] = [
  route('GET /environments', [['actions', 'read']], (context) =>
    paged(
      context,
      context.repo.environments,
      (environment) => environmentJson(context.state, context.repo, environment),
      (environments, total_count) => ({ total_count, environments }),
    ),
  ),
  route('GET /environments/{environment_name}', [['actions', 'read']], (context) =>
    ok(environmentJson(context.state, context.repo, environmentOf(context))),
  ),
  route('PUT /environments/{environment_name}', [['administration', 'write']], (context) =>
    ok(environmentJson(context.state, context.repo, put(context))),
  ),
  route('DELETE /environments/{environment_name}', [['administration', 'write']], (context) => {
    context.repo.environments.splice(context.repo.environments.indexOf(environmentOf(context)), 1);
    return noContent;
  }),
  route(`GET ${policiesPath}`, [['actions', 'read']], (context) =>
    paged(
      context,
      environmentOf(context).customPolicies,
      (policy) => policyJson(context, policy),
      (branch_policies, total_count) => ({ total_count, branch_policies }),
    ),
  ),
  route(`POST ${policiesPath}`, [['administration', 'write']], (context) => {
    const { name, type = 'branch' } = context.body as { name: string; type?: 'branch' | 'tag' };
    const environment = environmentOf(context);
    if (environment.branchPolicy?.custom_branch_policies !== true) throw new GitHubError(404, 'Not Found');
    const policy = { id: context.state.nextId(), name, type };
    environment.customPolicies.push(policy);
    return ok(policyJson(context, policy));
  }),
];

export const approvalRoutes: readonly Route[] = [
  route(
    'GET /actions/runs/{run_id}/pending_deployments',
    [
      ['actions', 'read'],
      ['deployments', 'read'],
    ],
    (context) => {
      const { state, repo, token } = context;
      const run = runOf(context);
      const pending = [...pendingEnvironments(state, repo, run)];
      return ok(
        pending.map(([environment, jobs]) => ({
          environment: environmentLink(state, repo, environment),
          wait_timer: environment.waitTimerMinutes,
          wait_timer_started_at:
            environment.waitTimerMinutes === 0 ? null : iso(jobs[0]?.environment?.waitingSince ?? 0),
          current_user_can_approve: mayReview(run, environment, token.actor),
          reviewers: reviewersJson(state, environment),
        })),
      );
    },
  ),
  route('POST /actions/runs/{run_id}/pending_deployments', [['deployments', 'write']], (context) => {
    const { state, repo, token } = context;
    const body = context.body as {
      environment_ids: number[];
      state: 'approved' | 'rejected';
      comment: string;
    };
    const review = { environmentIds: body.environment_ids, state: body.state, comment: body.comment };
    const jobs = reviewEnvironments(state, repo, runOf(context), token.actor, review);
    const deployments = jobs.map((job) =>
      repo.deployments.find(({ id }) => id === job.environment?.deploymentId),
    );
    return ok(deployments.filter((one) => one !== undefined).map((one) => deploymentJson(state, repo, one)));
  }),
  route('GET /actions/runs/{run_id}/approvals', [['actions', 'read']], (context) => {
    const { state, repo } = context;
    const run = runOf(context);
    const approvals = repo.approvals.filter(({ runId }) => runId === run.id).reverse();
    return ok(
      approvals.map((approval) => ({
        environments: repo.environments
          .filter(({ id }) => id === approval.environmentId)
          .map((environment) => environmentLink(state, repo, environment)),
        state: approval.state,
        user: simpleUser(state, approval.user),
        comment: approval.comment,
      })),
    );
  }),
];
