import type { GitHub } from '../../github/client.js';
import { GitHubError } from '../../github/problem.js';
import { parseInstant } from '../../time/instant.js';
import type { RunFacts } from './holder.js';

/**
 * Asks GitHub about the run and the jobs of one attempt. Needs `actions: read`. Throws GitHubError, also when there are
 * more jobs than can be read: one of those might still be at work.
 */
export async function readRunFacts(github: GitHub, runId: number, attempt: number): Promise<RunFacts> {
  try {
    const run = await github.rest('GET /repos/{owner}/{repo}/actions/runs/{run_id}', { run_id: runId });
    const { items: jobs, truncated } = await github.pages(
      'GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}/jobs',
      { run_id: runId, attempt_number: attempt },
      (page) => page.jobs,
    );
    if (truncated)
      throw new GitHubError(
        `Run ${runId} attempt ${attempt} has more than ${jobs.length} jobs, so whether one is still at work is unknown. Fix: wait until the run is completed, or cancel it.`,
        200,
      );
    const at = (text: string | null | undefined) => {
      const endedAt = parseInstant(text ?? '');
      return endedAt === undefined ? {} : { endedAt };
    };
    return {
      run: {
        attempt: run.run_attempt ?? 1,
        status: run.status ?? 'unknown',
        path: run.path.split('@')[0]!,
        event: run.event,
        ...(run.status === 'completed' ? at(run.updated_at) : {}),
      },
      jobs: jobs.map(({ id, status, completed_at }) => ({ id: Number(id), status, ...at(completed_at) })),
    };
  } catch (error) {
    if (error instanceof GitHubError && error.status === 404 && !error.permission)
      return { run: undefined, jobs: [] };
    throw error;
  }
}
