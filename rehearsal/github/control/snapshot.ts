import { deploymentJson, deploymentStatusJson } from '../represent/deployments.js';
import { commentJson, issueJson, releaseJson } from '../represent/issues.js';
import { fullName } from '../represent/repository.js';
import type { GitHubState } from '../state.js';

/** What a rehearsal looks at in the end, by repository: deployments, the suite's refs, issues, releases. */
export async function snapshot(state: GitHubState): Promise<Record<string, unknown>> {
  const repositories: Record<string, unknown> = {};
  for (const repo of state.repos.values()) {
    repositories[fullName(repo)] = {
      deployments: repo.deployments.map((deployment) => ({
        ...deploymentJson(state, repo, deployment),
        statuses: deployment.statuses.map((status) => deploymentStatusJson(state, repo, deployment, status)),
      })),
      refs: await repo.git.refs('refs/devops-actions/'),
      issues: repo.issues.map((issue) => ({
        ...issueJson(state, repo, issue),
        commentList: repo.comments
          .filter(({ issueNumber }) => issueNumber === issue.number)
          .map((comment) => commentJson(state, repo, comment)),
      })),
      releases: repo.releases.map((release) => releaseJson(state, repo, release)),
    };
  }
  return { repositories };
}
