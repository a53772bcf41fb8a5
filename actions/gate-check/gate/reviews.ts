import type { Pull } from '../evidence/code/changes.js';

/** What the reviews of a pull request come to. */
export interface Reviewed {
  /** Logins of those whose approval counts. */
  approvedBy: string[];
  /** Logins of those who asked for changes and may push. */
  against: string[];
  /** Approvals that do not count, each with the reason. */
  ignored: string[];
}

/**
 * Whether a pull request stands behind a commit as it is: as its merge or its last commit. One in between was never
 * approved by itself: what is wrong with it may be undone in the next one.
 */
export const standsBehind = ({ state, head, mergeSha }: Pull, sha: string): boolean =>
  head.sha === sha || (state === 'merged' && mergeSha === sha);

/**
 * Whether all of a pull request is among the commits of a release. A branch that begins in the middle of one has what
 * its later commits took out again, and that was never approved by itself.
 */
export const isWhole = (pull: Pull, commits: readonly { sha: string }[]): boolean =>
  commits.some(({ sha }) => standsBehind(pull, sha));

/**
 * Which approvals of a pull request count: on its last commit, since it goes into the branch it goes into, by somebody
 * who may push and wrote none of it. A bot's
 * counts only where it is named, and none of who pushed the last commit where those are given.
 */
export function reviewsOf(
  pull: Pull,
  bots: readonly string[] = [],
  pushers: readonly string[] = [],
): Reviewed {
  const pushed = new Set(pushers.map((login) => login.toLowerCase()));
  const wrote = new Set([pull.author.login, ...pull.contributors].map((login) => login.toLowerCase()));
  const found: Reviewed = { approvedBy: [], against: [], ignored: [] };
  for (const { by, state, sha, at, canPush } of pull.reviews) {
    if (state === 'changes_requested' && canPush) found.against.push(by.login);
    if (state === 'dismissed')
      found.ignored.push(`the review of ${by.login} on #${pull.number} was dismissed`);
    if (state !== 'approved') continue;
    const doubt = !canPush
      ? 'who may not push'
      : wrote.has(by.login.toLowerCase())
        ? 'who wrote part of it'
        : by.bot && !bots.includes(`${by.login.replace(/\[bot\]$/, '')}[bot]`)
          ? 'a bot that the policy does not name'
          : sha !== pull.head.sha
            ? `on ${sha?.slice(0, 12) ?? 'a commit that is gone'}, not on its last commit`
            : pull.retargetedAt !== null && (at === null || at <= pull.retargetedAt)
              ? `from before it was sent into ${pull.base}, or that was written anew: it showed other changes then`
              : pushed.has(by.login.toLowerCase())
                ? 'who pushed its last commit'
                : undefined;
    if (doubt === undefined) found.approvedBy.push(by.login);
    else found.ignored.push(`the approval of #${pull.number} by ${by.login}: ${doubt}`);
  }
  return found;
}
