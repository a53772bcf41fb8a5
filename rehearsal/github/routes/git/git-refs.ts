import { GitHubError, found, invalid, notFound } from '../../errors.js';
import { type GitRef, isRefName } from '../../git/repository.js';
import { nodeId } from '../../node-id.js';
import { apiUrl } from '../../represent/repository.js';
import { created, noContent, ok, paged, type RepoContext, type Route, route } from '../../route.js';

function refJson({ state, repo }: RepoContext, ref: GitRef): Record<string, unknown> {
  return {
    ref: ref.name,
    node_id: nodeId('REF', repo.id, ref.name),
    url: apiUrl(state, repo, `/git/${ref.name}`),
    object: { type: ref.type, sha: ref.oid, url: apiUrl(state, repo, `/git/${ref.type}s/${ref.oid}`) },
  };
}

const refused = (message: string): GitHubError => new GitHubError(422, message);

/** A ref's full name from the path, which leaves out `refs/` (docs: "Git references"). */
const fullRef = (context: RepoContext): string => `refs/${context.params['ref'] ?? ''}`;

async function requireObject(context: RepoContext, sha: string): Promise<void> {
  if ((await context.repo.git.object(sha)) === null) throw refused('Object does not exist');
}

async function createRef(context: RepoContext): Promise<Record<string, unknown>> {
  const { ref, sha } = context.body as { ref: string; sha: string };
  const { git } = context.repo;
  if (!isRefName(ref)) {
    throw refused("Reference name must start with 'refs/' and contain at least two slashes.");
  }
  await requireObject(context, sha);
  // OpenAPI git/create-ref: 422 when the ref exists, which makes creating one an atomic claim.
  const failure = await git.exclusively(() => git.moveRefs([{ name: ref, before: null, after: sha }]));
  if (failure !== null) {
    throw refused((await git.ref(ref)) === null ? 'Reference update failed' : 'Reference already exists');
  }
  return refJson(context, found(await git.ref(ref)));
}

async function updateRef(context: RepoContext): Promise<Record<string, unknown>> {
  const { sha, force } = context.body as { sha: string; force?: boolean };
  const { git } = context.repo;
  const name = fullRef(context);
  return git.exclusively(async () => {
    const before = await git.ref(name);
    if (before === null) throw refused('Reference does not exist');
    await requireObject(context, sha);
    if (force !== true && !(await git.isAncestor(before.oid, sha))) {
      throw refused('Update is not a fast forward');
    }
    const failure = await git.moveRefs([{ name, before: before.oid, after: sha }]);
    if (failure !== null) throw refused('Reference cannot be updated');
    return refJson(context, found(await git.ref(name)));
  });
}

export const gitRefRoutes: readonly Route[] = [
  route('GET /git/ref/{ref}', [['contents', 'read']], async (context) => {
    const ref = await context.repo.git.ref(fullRef(context));
    if (ref === null) throw notFound();
    return ok(refJson(context, ref));
  }),
  route('GET /git/matching-refs/{ref}', [['contents', 'read']], async (context) =>
    paged(context, await context.repo.git.refs(fullRef(context)), (ref) => refJson(context, ref)),
  ),
  route('POST /git/refs', [['contents', 'write']], async (context) => created(await createRef(context))),
  route('PATCH /git/refs/{ref}', [['contents', 'write']], async (context) => ok(await updateRef(context))),
  route('DELETE /git/refs/{ref}', [['contents', 'write']], async (context) => {
    const { git, defaultBranch } = context.repo;
    const name = fullRef(context);
    if (name === `refs/heads/${defaultBranch}`) throw refused('Cannot delete the default branch');
    return git.exclusively(async () => {
      const before = await git.ref(name);
      if (before === null) throw refused('Reference does not exist');
      const failure = await git.moveRefs([{ name, before: before.oid, after: null }]);
      if (failure !== null) {
        throw invalid({ resource: 'Reference', code: 'custom', field: 'ref', message: failure });
      }
      return noContent;
    });
  }),
];
