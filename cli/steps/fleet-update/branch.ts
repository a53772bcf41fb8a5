import { createHash } from 'node:crypto';
import type { GitHub } from '../../../shared/github/client.js';
import { GitHubError } from '../../../shared/github/problem.js';
import type { Proposal } from '../../init/proposal.js';
import type { Standing } from './judge.js';

const zeros = '0'.repeat(40);

/** The last line of our commits: a branch with any other is not ours to move. */
export const trailer = 'Written by fleet-update of devops-actions.';

/** What GitHub has of the base: every file that is proposed and there. */
export async function readStanding(
  github: GitHub,
  base: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, Standing>> {
  const found = await github.rest('GET /repos/{owner}/{repo}/git/trees/{tree_sha}', {
    tree_sha: base,
    recursive: 'true',
  });
  if (found.truncated) throw new GitHubError('This repository has more files than GitHub lists.', 422);
  const standing = new Map<string, Standing>();
  for (const { path = '', sha, type, mode } of found.tree) {
    // A folder that is a link, or somebody's file, is as little to be written over.
    if (type !== 'tree')
      for (const inside of paths.filter((one) => one.startsWith(`${path}/`)))
        standing.set(inside, { text: '', executable: false });
    if (!paths.includes(path)) continue;
    // What is no plain file, such as a link, is not compared: as an edited one it is never written over.
    if (type !== 'blob' || mode === '120000' || !sha) {
      standing.set(path, { text: '', executable: false });
      continue;
    }
    const blob = await github.rest('GET /repos/{owner}/{repo}/git/blobs/{file_sha}', { file_sha: sha });
    standing.set(path, {
      text: Buffer.from(blob.content, 'base64').toString('utf8'),
      executable: mode === '100755',
    });
  }
  return standing;
}

/** A branch, as far as it matters whether it may be moved; `ours`: nobody else committed to it. */
export interface Branch {
  head: string;
  ours: boolean;
  /** Whether it changes exactly what is proposed. */
  fits: boolean;
}

export async function readBranch(
  github: GitHub,
  branch: string,
  { base, files }: Proposal,
): Promise<Branch | undefined> {
  let head: string;
  try {
    const ref = await github.rest('GET /repos/{owner}/{repo}/git/ref/{ref}', { ref: `heads/${branch}` });
    head = ref.object.sha;
  } catch (error) {
    if (error instanceof GitHubError && error.status === 404) return undefined;
    throw error;
  }
  const compared = await github.rest('GET /repos/{owner}/{repo}/compare/{basehead}', {
    basehead: `${base}...${head}`,
  });
  const { commits, ahead_by: ahead, files: changed = [] } = compared;
  const wanted = new Map(files.map(({ path, text }) => [path, blobOf(text)]));
  return {
    head,
    ours:
      ahead === commits.length &&
      ahead <= 1 &&
      commits.every(({ commit }) => commit.message.endsWith(trailer)),
    fits:
      changed.length === wanted.size &&
      changed.every(({ filename, sha, status }) => status !== 'removed' && wanted.get(filename) === sha),
  };
}

/** The name that git gives a text. */
const blobOf = (text: string) =>
  createHash('sha1')
    .update(`blob ${Buffer.byteLength(text)}\0${text}`)
    .digest('hex');

/** One commit with what is proposed, on the base. */
export async function commitProposal(
  github: GitHub,
  { base, files }: Proposal,
  title: string,
): Promise<string> {
  const { tree } = await github.rest('GET /repos/{owner}/{repo}/git/commits/{commit_sha}', {
    commit_sha: base,
  });
  const made = await github.rest('POST /repos/{owner}/{repo}/git/trees', {
    base_tree: tree.sha,
    tree: files.map(({ path, text, executable }) => ({
      path,
      mode: executable ? ('100755' as const) : ('100644' as const),
      type: 'blob' as const,
      content: text,
    })),
  });
  const commit = await github.rest('POST /repos/{owner}/{repo}/git/commits', {
    message: `${title}\n\n${trailer}`,
    tree: made.sha,
    parents: [base],
  });
  return commit.sha;
}

const moveMutation = /* GraphQL */ `
  mutation FleetBranch($repository: ID!, $ref: GitRefname!, $before: GitObjectID!, $after: GitObjectID!) {
    updateRefs(
      input: {
        repositoryId: $repository
        refUpdates: [{ name: $ref, beforeOid: $before, afterOid: $after, force: true }]
      }
    ) {
      clientMutationId
    }
  }
`;

/** Moves, makes or deletes a branch, if it still stands where it was read: nobody's push is lost in between. */
export async function moveBranch(
  github: GitHub,
  branch: string,
  before: string | undefined,
  after: string | undefined,
): Promise<void> {
  const { node_id: repository } = await github.rest('GET /repos/{owner}/{repo}');
  await github.graphql(moveMutation, {
    repository,
    ref: `refs/heads/${branch}`,
    before: before ?? zeros,
    after: after ?? zeros,
  });
}
