import { checkRunsOf, suiteOutcome } from '../rules/checks.js';
import type { Repo } from '../model.js';
import type { CheckRun, CheckSuite } from '../runs-model.js';
import { nodeId } from '../node-id.js';
import { type GitHubState, iso, isoOrNull } from '../state.js';
import { integration } from './actors.js';
import { simpleCommit } from './commits.js';
import { apiUrl, htmlUrl, minimalRepository } from './repository.js';

export function checkRunJson(state: GitHubState, repo: Repo, run: CheckRun): Record<string, unknown> {
  const url = apiUrl(state, repo, `/check-runs/${run.id}`);
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId('CR', repo.id, run.id),
    head_sha: run.headSha,
    external_id: run.externalId,
    url,
    html_url: htmlUrl(state, repo, `/runs/${run.id}`),
    details_url: run.detailsUrl,
    status: run.status,
    conclusion: run.conclusion,
    started_at: isoOrNull(run.startedAt),
    completed_at: isoOrNull(run.completedAt),
    output: {
      title: run.output.title,
      summary: run.output.summary,
      text: run.output.text,
      annotations_count: run.output.annotations,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: run.suiteId },
    app: integration(state, repo, run.app),
    pull_requests: [],
  };
}

export async function checkSuiteJson(
  state: GitHubState,
  repo: Repo,
  suite: CheckSuite,
): Promise<Record<string, unknown>> {
  const url = apiUrl(state, repo, `/check-suites/${suite.id}`);
  const { status, conclusion } = suiteOutcome(repo, suite);
  const commit = await repo.git.commit(suite.headSha);
  return {
    id: suite.id,
    node_id: nodeId('CS', repo.id, suite.id),
    head_branch: suite.headBranch,
    head_sha: suite.headSha,
    status,
    conclusion,
    url,
    before: commit?.parents[0] ?? null,
    after: suite.headSha,
    pull_requests: [],
    app: integration(state, repo, suite.app),
    repository: minimalRepository(state, repo),
    created_at: iso(suite.createdAt),
    updated_at: iso(suite.updatedAt),
    head_commit: commit === null ? null : simpleCommit(commit),
    latest_check_runs_count: checkRunsOf(repo, suite.id, 'latest').length,
    check_runs_url: `${url}/check-runs`,
  };
}
