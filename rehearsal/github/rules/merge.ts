import type { GitRef } from '../git/repository.js';
import type { Repo } from '../model.js';
import type { Actor } from '../actors-model.js';
import type { GitHubState } from '../state.js';

export const emailOf = ({ id, login }: Actor): string => `${id}+${login}@users.noreply.github.com`;

/** Merges a commit into a branch with a merge commit and moves the branch; null when they conflict. */
export function mergeBranch(
  state: GitHubState,
  repo: Repo,
  actor: Actor,
  { into, theirs, message }: { into: GitRef; theirs: string; message: string },
): Promise<string | null> {
  return repo.git.exclusively(async () => {
    const tree = await repo.git.mergeTree(into.oid, theirs);
    if (tree === null) return null;
    const author = { name: actor.login, email: emailOf(actor), date: state.now() };
    const parents = [into.oid, theirs];
    const after = await repo.git.writeCommit({ tree, parents, author, committer: author, message });
    const failure = await repo.git.moveRefs([{ name: into.name, before: into.oid, after }]);
    return failure === null ? after : null;
  });
}
