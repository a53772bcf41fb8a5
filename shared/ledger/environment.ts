import type { GitHub } from '../github/client.js';
import { GitHubError } from '../github/problem.js';
import { sameName } from './names.js';

/**
 * An environment as GitHub spells it. GitHub takes any case for the same environment and lists Deployments by one
 * spelling only, so two spellings would share a lock and not a ledger. One that GitHub does not have yet keeps its
 * spelling; where GitHub cannot be asked, so does any, and the timeline says it: a rollback does not wait for this.
 * Needs `actions: read`.
 */
export async function spellingOf(
  github: Pick<GitHub, 'rest'>,
  given: string,
  timeline: { say(message: string): void },
): Promise<string> {
  try {
    const { name } = await github.rest('GET /repos/{owner}/{repo}/environments/{environment_name}', {
      environment_name: given,
    });
    if (name === given || !sameName(name, given)) return given;
    timeline.say(
      `GitHub spells the environment "${name}", which is used. Fix: write "environment: ${name}" instead of "${given}".`,
    );
    return name;
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    if (error.status !== 404 || error.permission)
      timeline.say(`How GitHub spells the environment "${given}" is not known: ${error.message}`);
    return given;
  }
}
