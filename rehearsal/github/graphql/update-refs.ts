import { isRefName, type RefChange } from '../git/repository.js';
import type { Repo, Token } from '../model.js';
import { parseNodeId } from '../node-id.js';
import type { GitHubState } from '../state.js';
import { type Fields, GraphqlError, need } from './view.js';

export interface UpdateRefsInput {
  clientMutationId?: string | null;
  repositoryId: string;
  refUpdates: { name: string; afterOid: string; beforeOid?: string | null; force?: boolean | null }[];
}

const zeros = /^0+$/;
const refused = (message: string): GraphqlError => new GraphqlError('UNPROCESSABLE', message);

/**
 * Moves refs all or none (schema: Mutation.updateRefs): zeros in beforeOid mean the ref must not exist, in afterOid
 * that it is deleted, no beforeOid that nothing is checked. The words of GitHub's refusals are not documented.
 */
export async function updateRefs(state: GitHubState, token: Token, input: UpdateRefsInput): Promise<Fields> {
  const repo = state.repoById(parseNodeId(input.repositoryId)?.repoId ?? -1);
  if (repo === null) {
    throw new GraphqlError(
      'NOT_FOUND',
      `Could not resolve to a node with the global id of '${input.repositoryId}'.`,
    );
  }
  need({ token }, ['contents', 'write']);
  return repo.git.exclusively(async () => {
    const changes: RefChange[] = [];
    for (const update of input.refUpdates) changes.push(await checked(repo, update));
    const failure = await repo.git.moveRefs(changes);
    if (failure !== null) throw refused(`Reference update failed: ${failure}`);
    return { clientMutationId: input.clientMutationId ?? null };
  });
}

const beforeOf = (oid: string | undefined): string | null | undefined =>
  oid !== undefined && zeros.test(oid) ? null : oid;

async function checked(repo: Repo, update: UpdateRefsInput['refUpdates'][number]): Promise<RefChange> {
  const { name, afterOid } = update;
  if (!isRefName(name)) {
    throw refused(`Reference name ${name} must be fully qualified, as refs/heads/branch-name.`);
  }
  const current = (await repo.git.ref(name))?.oid ?? null;
  const before = beforeOf(update.beforeOid ?? undefined);
  if (before !== undefined && before !== current) {
    const at = current === null ? 'does not exist' : `is at ${current}`;
    throw refused(`Reference ${name} ${at}, but expected ${before ?? 'it not to exist'}.`);
  }
  if (zeros.test(afterOid)) {
    if (current === null) throw refused(`Reference ${name} does not exist.`);
    if (name === `refs/heads/${repo.defaultBranch}`) throw refused('Cannot delete the default branch.');
    return { name, before: current, after: null };
  }
  const object = await repo.git.object(afterOid);
  if (object === null) throw refused(`Object ${afterOid} does not exist.`);
  if (current !== null && update.force !== true && !(await repo.git.isAncestor(current, afterOid))) {
    throw refused(`Update of ${name} is not a fast forward.`);
  }
  return { name, before: current, after: afterOid };
}
