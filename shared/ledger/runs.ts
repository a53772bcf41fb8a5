import type { GitHub } from '../github/client.js';
import { GitHubError } from '../github/problem.js';
import type { RunFacts } from './holder.js';

/** Asks GitHub about the run and the jobs of one attempt. Needs `actions: read`. */
export async function readRunFacts(github: GitHub, runId: number, attempt: number): Promise<RunFacts> {
  try {
    const run = await github.rest('GET /repos/{owner}/{repo}/actions/runs/{run_id}', { run_id: runId });
    const jobs = await github.pages(
      'GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}/jobs',
      { run_id: runId, attempt_number: attempt },
      (page) => page.jobs,
    );
    return {
      run: { attempt: run.run_attempt ?? 1, status: run.status ?? 'unknown' },
      jobs: jobs.map(({ id, status }) => ({ id: Number(id), status })),
    };
  } catch (error) {
    if (error instanceof GitHubError && error.status === 404 && !error.permission)
      return { run: undefined, jobs: [] };
    throw error;
  }
}
