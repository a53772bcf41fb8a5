import { lastAttempt, workflowOf } from '../rules/runs.js';
import type { Environment, Repo } from '../model.js';
import type { Job, RunAttempt, Workflow, WorkflowRun } from '../runs-model.js';
import { nodeId } from '../node-id.js';
import { type GitHubState, iso, isoOrNull } from '../state.js';
import { simpleUser } from './actors.js';
import { simpleCommit } from './commits.js';
import { apiUrl, htmlUrl, minimalRepository } from './repository.js';

export async function runJson(
  state: GitHubState,
  repo: Repo,
  run: WorkflowRun,
  attempt: RunAttempt = lastAttempt(run),
): Promise<Record<string, unknown>> {
  const url = apiUrl(state, repo, `/actions/runs/${run.id}`);
  const workflow = workflowOf(repo, run);
  const commit = await repo.git.commit(run.headSha);
  const before = attempt.attempt - 1;
  return {
    id: run.id,
    name: workflow.name,
    node_id: nodeId('WFR', repo.id, run.id),
    head_branch: run.headBranch,
    head_sha: run.headSha,
    path: workflow.path,
    display_title: commit?.message.split('\n')[0] ?? workflow.name,
    run_number: run.runNumber,
    event: run.event,
    status: attempt.status,
    conclusion: attempt.conclusion,
    workflow_id: run.workflowId,
    check_suite_id: run.checkSuiteId,
    check_suite_node_id: nodeId('CS', repo.id, run.checkSuiteId),
    url,
    html_url: htmlUrl(state, repo, `/actions/runs/${run.id}`),
    pull_requests: [],
    created_at: iso(run.createdAt),
    updated_at: iso(attempt.updatedAt),
    actor: simpleUser(state, run.actor),
    run_attempt: attempt.attempt,
    referenced_workflows: [],
    run_started_at: iso(attempt.startedAt),
    triggering_actor: simpleUser(state, attempt.triggeringActor),
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: apiUrl(state, repo, `/check-suites/${run.checkSuiteId}`),
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: before > 0 ? `${url}/attempts/${before}` : null,
    workflow_url: apiUrl(state, repo, `/actions/workflows/${run.workflowId}`),
    head_commit: commit === null ? null : simpleCommit(commit),
    repository: minimalRepository(state, repo),
    head_repository:
      run.fork === null
        ? minimalRepository(state, repo)
        : { ...minimalRepository(state, repo), full_name: run.fork },
  };
}

export function jobJson(state: GitHubState, repo: Repo, run: WorkflowRun, job: Job): Record<string, unknown> {
  const started = job.status !== 'queued' && job.startedAt !== null;
  return {
    id: job.id,
    run_id: run.id,
    run_url: apiUrl(state, repo, `/actions/runs/${run.id}`),
    run_attempt: job.attempt,
    node_id: nodeId('CR', repo.id, job.id),
    head_sha: run.headSha,
    url: apiUrl(state, repo, `/actions/jobs/${job.id}`),
    html_url: htmlUrl(state, repo, `/actions/runs/${run.id}/job/${job.id}`),
    status: job.status,
    conclusion: job.conclusion,
    created_at: iso(job.createdAt),
    started_at: iso(job.startedAt ?? job.createdAt),
    completed_at: isoOrNull(job.completedAt),
    name: job.name,
    steps: [],
    check_run_url: apiUrl(state, repo, `/check-runs/${job.id}`),
    labels: ['ubuntu-latest'],
    runner_id: started ? 1 : null,
    runner_name: started ? 'rehearsal' : null,
    runner_group_id: started ? 0 : null,
    runner_group_name: started ? 'GitHub Actions' : null,
    workflow_name: workflowOf(repo, run).name,
    head_branch: run.headBranch,
  };
}

export function workflowJson(state: GitHubState, repo: Repo, workflow: Workflow): Record<string, unknown> {
  return {
    id: workflow.id,
    node_id: nodeId('W', repo.id, workflow.id),
    name: workflow.name,
    path: workflow.path,
    state: 'active',
    created_at: iso(workflow.createdAt),
    updated_at: iso(workflow.createdAt),
    url: apiUrl(state, repo, `/actions/workflows/${workflow.id}`),
    html_url: htmlUrl(state, repo, `/blob/${repo.defaultBranch}/${workflow.path}`),
    badge_url: htmlUrl(state, repo, `/workflows/${encodeURIComponent(workflow.name)}/badge.svg`),
  };
}

/** What identifies an environment in other answers. */
export function environmentLink(
  state: GitHubState,
  repo: Repo,
  environment: Environment,
): Record<string, unknown> {
  return {
    id: environment.id,
    node_id: nodeId('EN', repo.id, environment.id),
    name: environment.name,
    url: apiUrl(state, repo, `/environments/${encodeURIComponent(environment.name)}`),
    html_url: htmlUrl(state, repo, `/deployments/activity_log?environments_filter=${environment.name}`),
    created_at: iso(environment.createdAt),
    updated_at: iso(environment.updatedAt),
  };
}

export function reviewersJson(state: GitHubState, environment: Environment): Record<string, unknown>[] {
  return environment.reviewers.flatMap(({ type, id }) => {
    const actor = state.actorById(id);
    return actor === null ? [] : [{ type, reviewer: simpleUser(state, actor) }];
  });
}

export function environmentJson(
  state: GitHubState,
  repo: Repo,
  environment: Environment,
): Record<string, unknown> {
  const rule = (kind: string, type: string): Record<string, unknown> => ({
    id: environment.id,
    node_id: nodeId('EN', repo.id, `${environment.id}/${kind}`),
    type,
  });
  const { waitTimerMinutes, preventSelfReview, reviewers, branchPolicy } = environment;
  return {
    ...environmentLink(state, repo, environment),
    can_admins_bypass: environment.canAdminsBypass,
    protection_rules: [
      ...(waitTimerMinutes > 0 ? [{ ...rule('wait', 'wait_timer'), wait_timer: waitTimerMinutes }] : []),
      ...(reviewers.length > 0
        ? [
            {
              ...rule('review', 'required_reviewers'),
              prevent_self_review: preventSelfReview,
              reviewers: reviewersJson(state, environment),
            },
          ]
        : []),
      ...(branchPolicy === null ? [] : [rule('branch', 'branch_policy')]),
    ],
    deployment_branch_policy: branchPolicy,
  };
}
