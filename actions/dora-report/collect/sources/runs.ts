import type { DeploymentFact } from '../../../../shared/contracts/dora-facts.js';
import { ConfigurationError } from '../../../../shared/config/problem.js';
import type { GitHub } from '../../../../shared/github/client.js';
import { isoInstant, parseInstant } from '../../../../shared/time/instant.js';
import type { Deployments, SourceRequest } from './request.js';

/** GitHub gives no more than this of a filtered list. */
const mostRuns = 1_000;

/** Successful runs of one workflow as deployments, newest first: each was over when it was last changed. */
export async function listRuns(
  github: GitHub,
  { environment, service, from, workflow }: SourceRequest,
): Promise<Omit<Deployments, 'byEnvironment'>> {
  if (workflow === undefined)
    throw new ConfigurationError([
      {
        file: 'inputs',
        path: 'workflow',
        got: 'nothing',
        allowed: 'the file of the workflow that deploys, such as deploy.yml',
        fix: 'name it under "with:", since deployments are read from runs',
      },
    ]);
  const deployments: DeploymentFact[] = [];
  let requests = 0;
  for (let page = 1; ; page++) {
    const { workflow_runs: runs } = await github.rest(
      'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs',
      { workflow_id: workflow, status: 'success', exclude_pull_requests: true, per_page: 100, page },
    );
    requests++;
    for (const run of runs) {
      const [createdAt, updatedAt] = [parseInstant(run.created_at), parseInstant(run.updated_at)];
      if (run.conclusion !== 'success' || run.event.startsWith('pull_request')) continue;
      if (createdAt === undefined || updatedAt === undefined) continue;
      deployments.push({
        id: Number(run.id),
        source: 'runs',
        service,
        environment,
        sha: run.head_sha,
        version: run.head_sha.slice(0, 7),
        kind: /^hotfix[/-]/i.test(run.head_branch ?? '') ? 'hotfix' : 'release',
        run: { id: Number(run.id), attempt: run.run_attempt ?? 1 },
        url: run.html_url,
        createdAt: isoInstant(createdAt),
        statuses: [{ state: 'success', at: isoInstant(updatedAt) }],
        distrust: [],
      });
    }
    const done =
      runs.length < 100 || deployments.some(({ createdAt }) => (parseInstant(createdAt) ?? 0) < from);
    if (done || page * 100 >= mostRuns) return { deployments, requests, complete: done };
  }
}
