import { GitHubError } from '../../github/problem.js';
import type { GitHub } from '../../github/client.js';

const zeros = '0'.repeat(40);

/** A state as it stands in a ref: the commit that holds it and its JSON text. */
export interface StoredState {
  oid: string;
  text: string;
}

export type WriteResult =
  { written: true; oid: string } | { written: false; current: StoredState | undefined };

/** A ref that stands where git would need a folder for a state's ref, or below it: git keeps no ref below another. */
export interface RefInTheWay {
  ref: string;
  /** The line that removes it. */
  fix: string;
}

/**
 * Refs of strangers because of which a state cannot be written; the suite never makes such a one. Needs `contents:
 * read`.
 */
export async function refsInTheWay(github: GitHub, ref: string): Promise<RefInTheWay[]> {
  const parts = ref.split('/');
  const above = parts.map((_, count) => parts.slice(0, count).join('/')).filter((_, count) => count > 1);
  const among = await Promise.all(
    [...above, `${ref}/`].map((prefix) =>
      github.rest('GET /repos/{owner}/{repo}/git/matching-refs/{ref}', { ref: prefix.slice('refs/'.length) }),
    ),
  );
  const found = new Set(among.flat().map((match) => match.ref));
  return [...found]
    .filter((name) => above.includes(name) || name.startsWith(`${ref}/`))
    .map((name) => ({
      ref: name,
      fix: `gh api -X DELETE repos/${github.owner}/${github.repository}/git/${name.split('/').map(encodeURIComponent).join('/')}`,
    }));
}

/** What is said of refs in the way. */
export const describeInTheWay = (ref: string, found: readonly RefInTheWay[]): string =>
  `${ref} cannot be written: ${found.map((one) => one.ref).join(', ')} is in its way, which no release of this suite made. Fix: ${found.map(({ fix }) => fix).join(' && ')}`;

/** Small JSON states in git refs, each change a compare-and-swap; a state's history is its commits. */
export interface RefStore {
  read(ref: string): Promise<StoredState | undefined>;
  /** Writes if the ref still stands at `before` (undefined: if it does not exist). */
  write(ref: string, before: string | undefined, text: string, message: string): Promise<WriteResult>;
  /** Deletes if the ref still stands at `before`. */
  remove(ref: string, before: string): Promise<WriteResult | { removed: true }>;
}

const readQuery = /* GraphQL */ `
  query LedgerState($owner: String!, $name: String!, $ref: String!) {
    repository(owner: $owner, name: $name) {
      id
      ref(qualifiedName: $ref) {
        target {
          oid
          ... on Commit {
            file(path: "state.json") {
              object {
                ... on Blob {
                  text
                }
              }
            }
          }
        }
      }
    }
  }
`;

const updateMutation = /* GraphQL */ `
  mutation LedgerUpdate($repository: ID!, $ref: GitRefname!, $before: GitObjectID!, $after: GitObjectID!) {
    updateRefs(
      input: { repositoryId: $repository, refUpdates: [{ name: $ref, beforeOid: $before, afterOid: $after }] }
    ) {
      clientMutationId
    }
  }
`;

interface ReadAnswer {
  repository: {
    id: string;
    ref: { target: { oid: string; file?: { object?: { text?: string | null } | null } | null } } | null;
  } | null;
}

/** A change of a ref whose answer is lost is made this many times. */
const mostTries = 3;

/** GitHub understood a call and does not do it, as opposed to a lack of permission or an outage. */
const isRefused = (error: unknown) => error instanceof GitHubError && error.status === 422;

/**
 * States in the repository's own refs, through GraphQL `updateRefs`, whose `beforeOid` makes it a compare-and-swap; one
 * that is not created so is tried by REST, which refuses what exists. Needs `contents: write`.
 */
export function githubRefStore(github: GitHub): RefStore {
  let repositoryId: string | undefined;

  async function read(ref: string): Promise<StoredState | undefined> {
    const answer = await github.graphql<ReadAnswer>(readQuery, { ref });
    if (!answer.repository)
      throw new GitHubError(`The repository ${github.owner}/${github.repository} cannot be read`, 404);
    repositoryId = answer.repository.id;
    const target = answer.repository.ref?.target;
    return target ? { oid: target.oid, text: target.file?.object?.text ?? '' } : undefined;
  }

  /** Whatever the answer to an update was, the ref itself says what became of it. */
  async function update(
    ref: string,
    before: string,
    after: string,
    tries = 1,
  ): Promise<{ at: string; current: StoredState | undefined }> {
    if (!repositoryId) await read(ref);
    try {
      await github.graphql(updateMutation, { repository: repositoryId, ref, before, after });
      return { at: after, current: undefined };
    } catch (error) {
      const current = await read(ref);
      const at = current?.oid ?? zeros;
      if (at === before && before === zeros && isRefused(error)) {
        // Creating is a compare-and-swap in the older API too.
        return createByRest(ref, after).catch((second: unknown) => {
          throw isRefused(second) ? error : second;
        });
      }
      if (at === before && before !== after) {
        // The ref still stands where it stood: a lost compare-and-swap may be made again, and cannot be made twice.
        const lost = error instanceof GitHubError && (error.status === 0 || error.status >= 500);
        if (lost && tries < mostTries) return update(ref, before, after, tries + 1);
        throw error;
      }
      return { at, current };
    }
  }

  async function createByRest(
    ref: string,
    sha: string,
  ): Promise<{ at: string; current: StoredState | undefined }> {
    try {
      await github.rest('POST /repos/{owner}/{repo}/git/refs', { ref, sha });
      return { at: sha, current: undefined };
    } catch (error) {
      const current = await read(ref);
      if (!current) throw error;
      return { at: current.oid, current };
    }
  }

  return {
    read,
    async write(ref, before, text, message) {
      const tree = await github.rest('POST /repos/{owner}/{repo}/git/trees', {
        tree: [{ path: 'state.json', mode: '100644', type: 'blob', content: text }],
      });
      const commit = await github.rest('POST /repos/{owner}/{repo}/git/commits', {
        message,
        tree: tree.sha,
        parents: before ? [before] : [],
      });
      const { at, current } = await update(ref, before ?? zeros, commit.sha).catch(async (error: unknown) => {
        const inTheWay = before === undefined && isRefused(error) ? await refsInTheWay(github, ref) : [];
        if (inTheWay.length === 0) throw error;
        throw new GitHubError(describeInTheWay(ref, inTheWay), 422);
      });
      return at === commit.sha ? { written: true, oid: commit.sha } : { written: false, current };
    },
    async remove(ref, before) {
      const { at, current } = await update(ref, before, zeros);
      return at === zeros ? { removed: true } : { written: false, current };
    },
  };
}
