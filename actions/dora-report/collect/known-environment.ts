import type { GitHub } from '../../../shared/github/client.js';
import { GitHubError } from '../../../shared/github/problem.js';
import { suggest } from '../../../shared/text/suggest.js';

/**
 * Throws when the repository has no environment of that name, with those it has: a misspelt one would be a report of
 * nothing. Names are compared without case, as GitHub does. Environments are read where the job may (`actions: read`),
 * else the names of the newest 100 Deployments decide.
 */
export async function requireEnvironment(github: GitHub, environment: string): Promise<void> {
  const known = await environmentsOf(github);
  if (known.length === 0 || known.some((name) => name.toLowerCase() === environment.toLowerCase())) return;
  const near = suggest(environment, known);
  throw new Error(
    `There is no environment "${environment}" in ${github.owner}/${github.repository}; there are ${known.join(', ')}.\n` +
      `Fix: under "with:" write  environment: ${near ?? known[0]}`,
  );
}

async function environmentsOf(github: GitHub): Promise<string[]> {
  try {
    const { items } = await github.pages(
      'GET /repos/{owner}/{repo}/environments',
      { per_page: 100 },
      ({ environments }) => environments ?? [],
      1_000,
    );
    return items.map(({ name }) => name);
  } catch (error) {
    if (!(error instanceof GitHubError) || (error.status !== 403 && error.status !== 404)) throw error;
  }
  const newest = await github.rest('GET /repos/{owner}/{repo}/deployments', { per_page: 100 });
  return [...new Set(newest.map((deployment) => deployment.environment))];
}
