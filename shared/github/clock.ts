import { formatDuration } from '../time/duration.js';
import type { GitHub, GitHubClock } from './client.js';

/** A runner's clock that is further from GitHub's is reported, in milliseconds. */
const tolerance = 60_000;

/**
 * What a person is told of a runner's clock that is `ahead` of GitHub's by so many milliseconds; undefined while they
 * agree to the minute.
 */
export function describeApart(ahead: number | undefined): string | undefined {
  // A Date has whole seconds, so half of one lies behind it.
  if (ahead === undefined || Math.abs(ahead - 500) <= tolerance) return undefined;
  return `The runner's clock is ${formatDuration(Math.abs(ahead))} ${ahead > 0 ? 'ahead of' : 'behind'} GitHub's. GitHub's decides. Fix: synchronise the clock of the runner.`;
}

/**
 * Asks GitHub for the time before anything else is read, in epoch milliseconds. Its Date and all its instants have whole
 * seconds, so the second that goes on is part of now: a half-open window that ends here has all there is. A refusal has a Date too, and what was
 * refused is named by the reading after it; throws GitHubError where no answer had one.
 */
export async function readClock(github: GitHub & GitHubClock): Promise<number> {
  try {
    await github.rest('GET /repos/{owner}/{repo}');
  } catch (error) {
    if (github.ahead() === undefined) throw error;
  }
  return (Math.floor(github.now() / 1000) + 1) * 1000;
}
