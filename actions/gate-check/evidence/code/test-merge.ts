import { ConfigurationError } from '../../../../shared/config/problem.js';
import type { GateRequest } from '../../../../shared/contracts/reports/gate-report.js';
import type { GitHub } from '../../../../shared/github/client.js';
import type { Clock } from '../../../../shared/time/clock.js';

/** What GitHub makes of a pull request that is not merged yet. */
export interface TestMerge {
  /** The merge by which GitHub tries it. */
  merge: string;
  ahead: Omit<NonNullable<GateRequest['ahead']>, 'way'>;
}

/** GitHub makes the merge in the background when somebody asks for it. Milliseconds between two looks. */
const pauses = [1_000, 2_000, 4_000, 8_000, 15_000];

/**
 * The merge of a pull request's last commit with the branch it goes into, both as they are now. Throws where there is
 * none, or where the pull request has moved on from `head`: the check of another commit must not speak for this one.
 */
export async function readTestMerge(
  github: GitHub,
  number: number,
  head: string,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<TestMerge> {
  for (let tries = 0; ; tries++) {
    const pull = await github.rest('GET /repos/{owner}/{repo}/pulls/{pull_number}', { pull_number: number });
    if (pull.state !== 'open')
      throw refused('pull-request', `#${number} is not open`, 'an open pull request');
    if (pull.head.sha !== head)
      throw refused(
        'sha',
        `${head.slice(0, 12)} is not the last commit of #${number}`,
        'its last commit: sha: ${{ github.event.pull_request.head.sha }}; a newer push has a run of its own',
      );
    if (pull.mergeable === false)
      throw refused(
        'pull-request',
        `#${number} conflicts with ${pull.base.ref}`,
        `a pull request that can be merged: merge ${pull.base.ref} into it, or begin it at what is live`,
      );
    const sha = pull.mergeable ? await wholeMerge(github, pull) : undefined;
    const ahead = { pull: number, head, branch: pull.head.ref, into: pull.base.ref };
    if (sha !== undefined) return { merge: sha, ahead };
    const pause = pauses[tries];
    if (pause === undefined)
      throw new Error(
        `GitHub has not merged #${number} with ${pull.base.ref} for a trial yet, so nothing is known of it. Fix: choose "Re-run failed jobs".`,
      );
    await clock.sleep(pause, signal);
  }
}

interface Merged {
  merge_commit_sha: string | null;
  head: { sha: string };
  base: { ref: string };
}

/** The trial merge where it is one of both branches as they are now; GitHub shows an older one while it makes it anew. */
async function wholeMerge(
  github: GitHub,
  { merge_commit_sha: sha, head, base }: Merged,
): Promise<string | undefined> {
  if (sha === null) return undefined;
  const [commit, branch] = await Promise.all([
    github.rest('GET /repos/{owner}/{repo}/git/commits/{commit_sha}', { commit_sha: sha }),
    github.rest('GET /repos/{owner}/{repo}/git/ref/{ref}', { ref: `heads/${base.ref}` }),
  ]);
  const parents = commit.parents.map((parent) => parent.sha);
  return parents.length === 2 && parents[0] === branch.object.sha && parents[1] === head.sha
    ? sha
    : undefined;
}

const refused = (input: string, got: string, allowed: string) =>
  new ConfigurationError([{ file: 'inputs', path: input, got, allowed, fix: `judge ${allowed}` }]);
