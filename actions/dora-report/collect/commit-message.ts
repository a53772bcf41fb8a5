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

/**
 * The author as git wrote it, so that a clone and the API give the same one. The login is that of GitHub's noreply
 * address; other addresses do not say it, and none is kept.
 */
export function authorOf(name: string, email: string): { name: string; login?: string; bot: boolean } {
  const login = /^(?:\d+\+)?([\w-]+(?:\[bot\])?)@users\.noreply\./.exec(email)?.[1];
  return { ...personOf(name, login?.endsWith('[bot]')), ...(login === undefined ? {} : { login }) };
}

/** Who made something; GitHub ends the names of Apps with `[bot]`. */
export function personOf(name: string, bot = false): { name: string; bot: boolean } {
  return { name, bot: bot || name.endsWith('[bot]') };
}
