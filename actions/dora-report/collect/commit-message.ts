import type { GraphCommit } from '../metrics/commit-graph.js';

/** The first line of a commit's message, and what it says of pull requests and reverts. `repository` is owner/name. */
export function readMessage(
  message: string,
  repository: string,
): Pick<GraphCommit, 'headline' | 'reverts' | 'revertsPulls' | 'pull'> {
  const headline = message.split('\n', 1)[0]!;
  return { headline: headline.slice(0, 200), ...revertsIn(message, headline, repository.toLowerCase()) };
}

/**
 * What a message says of reverts: `git revert` names a commit, GitHub's button a pull request (`Reverts
 * owner/repository#12`).
 */
function revertsIn(
  message: string,
  headline: string,
  repository: string,
): Pick<GraphCommit, 'reverts' | 'revertsPulls' | 'pull'> {
  const number = /^Merge pull request #(\d{1,10})\b|\(#(\d{1,10})\)$/.exec(headline.trimEnd());
  const shas = message.matchAll(/\bThis reverts commit ([0-9a-f]{7,40})\b/gi);
  const pulls = message.matchAll(/^Reverts (?:([\w.-]{1,100}\/[\w.-]{1,100})#|#)(\d{1,10})\s*$/gim);
  return {
    reverts: [...shas].map(([, sha]) => sha!.toLowerCase()),
    revertsPulls: [...pulls].map(([, name, pull]) => `${(name ?? repository).toLowerCase()}#${pull}`),
    ...(number ? { pull: `${repository}#${number[1] ?? number[2]}` } : {}),
  };
}

/** Who made something; GitHub ends the names of Apps with `[bot]`. */
export function personOf(name: string, bot = false): { name: string; bot: boolean } {
  return { name, bot: bot || name.endsWith('[bot]') };
}
