import { isHotfixBranch } from '../../shared/contracts/hotfix-branch.js';
import type { GitHub } from '../../shared/github/client.js';
import { listDeployments } from '../../shared/ledger/list-deployments.js';
import { outcomeOf } from '../../shared/ledger/record.js';

/**
 * The pull request of a branch `hotfix/…` of this repository whose merge, or open last commit, a commit is; undefined
 * when it is none. It is asked for by this, and proves nothing to a gate. Needs `pull-requests: read`.
 */
export async function findHotfix(github: GitHub, sha: string): Promise<number | undefined> {
  const { items } = await github.pages(
    'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls',
    { commit_sha: sha },
    (page) => page,
  );
  const own = items.filter(
    ({ head, base, state, merged_at, merge_commit_sha }) =>
      isHotfixBranch(head.ref) &&
      head.repo?.full_name === base.repo.full_name &&
      (merged_at ? merge_commit_sha === sha || head.sha === sha : state === 'open' && head.sha === sha),
  );
  return own[0]?.number;
}

/** Whether a commit is another one, or among what that rests on. */
export async function isIn(github: GitHub, sha: string, other: string): Promise<boolean> {
  if (sha === other) return true;
  const { status } = await github.rest('GET /repos/{owner}/{repo}/compare/{basehead}', {
    basehead: `${other}...${sha}`,
    per_page: 1,
  });
  return status === 'behind' || status === 'identical';
}

/** Commits of a rebased pull request that are gone through. */
const mostCommits = 20;

/** What came of the question whether a commit is released as a hotfix, in words. */
export type Kind = { kind: 'hotfix' | 'release'; pull?: number; message: string };

/**
 * A hotfix, where what its pull request went onto is live. Where the branch held more, such as a feature that waits for
 * its reviewer, the merge takes that along and is a release. It is asked for by this, and proves nothing to a gate.
 * Needs `pull-requests: read`, `deployments: read` and `contents: read`.
 */
export async function kindOf(github: GitHub, { sha, service, environment, writers }: Asked): Promise<Kind> {
  const short = sha.slice(0, 12);
  const pull = await findHotfix(github, sha);
  if (pull === undefined)
    return { kind: 'release', message: `${short} came by no pull request from a branch hotfix/…` };
  const { records } = await listDeployments(github, {
    environments: [environment],
    service,
    writers,
    limit: 100,
  });
  const live = records.find((record) => {
    const outcome = record.distrust.length === 0 ? outcomeOf(record) : undefined;
    return outcome?.is === 'succeeded' && outcome.supersededAt === undefined;
  });
  const is = (kind: Kind['kind'], message: string): Kind => ({ kind, pull, message });
  if (!live) return is('release', `nothing is live in ${environment} that #${pull} could fix`);
  const base = await baseOf(github, pull, sha);
  return base !== undefined && (await isIn(github, base, live.payload.releasedSha))
    ? is('hotfix', `${short} is the hotfix of #${pull}; the gate proves it, or refuses`)
    : is('release', `${short} is the hotfix of #${pull} with more that is not live, so it is a release`);
}

interface Asked {
  sha: string;
  service: string;
  environment: string;
  writers: readonly string[];
}

/** What a pull request was merged onto, or begins at: the first parent that it did not bring. */
async function baseOf(github: GitHub, pull: number, sha: string): Promise<string | undefined> {
  let at = sha;
  for (let tries = 0; tries < mostCommits; tries++) {
    const { parents } = await github.rest('GET /repos/{owner}/{repo}/git/commits/{commit_sha}', {
      commit_sha: at,
    });
    const [first] = parents;
    if (!first) return undefined;
    if (parents.length > 1) return first.sha;
    const { items } = await github.pages(
      'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls',
      { commit_sha: first.sha },
      (page) => page,
    );
    if (!items.some(({ number }) => number === pull)) return first.sha;
    at = first.sha;
  }
  return undefined;
}
