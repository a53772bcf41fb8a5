import { GitHubError, found } from '../../errors.js';
import type { Signature, TreeEntry } from '../../git/parse.js';
import type { TreeChange } from '../../git/write.js';
import { nodeId } from '../../node-id.js';
import { gitCommit } from '../../represent/commits.js';
import { apiUrl } from '../../represent/repository.js';
import { created, ok, type RepoContext, type Route, route } from '../../route.js';

interface NewTree {
  base_tree?: string;
  tree: { path: string; mode?: string; type?: TreeEntry['type']; sha?: string | null; content?: string }[];
}

interface Person {
  name: string;
  email: string;
  date?: string;
}

interface NewCommitBody {
  message: string;
  tree: string;
  parents?: string[];
  author?: Person;
  committer?: Partial<Person>;
}

const refused = (message: string): GitHubError => new GitHubError(422, message);

async function treeJson(
  context: RepoContext,
  oid: string,
  recursive: boolean,
): Promise<Record<string, unknown>> {
  const { state, repo } = context;
  const list = async (tree: string, prefix: string): Promise<Record<string, unknown>[]> => {
    const entries = await repo.git.tree(tree);
    const shown = await Promise.all(
      entries.map(async (entry) => {
        const path = `${prefix}${entry.name}`;
        const size = entry.type === 'blob' ? (await repo.git.object(entry.oid))?.content.length : undefined;
        const { mode, type, oid: sha } = entry;
        const url = apiUrl(state, repo, `/git/${type}s/${sha}`);
        const own = { path, mode, type, sha, ...(size === undefined ? {} : { size }), url };
        return [own, ...(recursive && type === 'tree' ? await list(sha, `${path}/`) : [])];
      }),
    );
    return shown.flat();
  };
  const url = apiUrl(state, repo, `/git/trees/${oid}`);
  return { sha: oid, url, tree: await list(oid, ''), truncated: false };
}

async function createTree(context: RepoContext): Promise<Record<string, unknown>> {
  const { git } = context.repo;
  const { base_tree: base, tree } = context.body as NewTree;
  if (base !== undefined && (await git.object(`${base}^{tree}`)) === null)
    throw refused('base_tree is not a tree');
  const changes = await Promise.all(
    tree.map(async ({ path, mode = '100644', type = 'blob', sha, content }): Promise<TreeChange> => {
      if ((sha ?? null) !== null && content !== undefined)
        throw refused('tree.sha and tree.content are exclusive');
      if (
        path === '' ||
        path.startsWith('/') ||
        path.split('/').some((part) => ['', '.', '..', '.git'].includes(part))
      ) {
        throw refused('tree.path contains a malformed path component');
      }
      const oid = content === undefined ? (sha ?? null) : await git.writeBlob(Buffer.from(content));
      if (oid !== null && type !== 'commit' && (await git.object(oid))?.type !== type) {
        throw refused(`tree.sha ${oid} is not a valid ${type}`);
      }
      return { path, mode, type, oid };
    }),
  );
  return treeJson(context, await git.writeTree(base ?? null, changes), false);
}

async function createCommit(context: RepoContext): Promise<Record<string, unknown>> {
  const { state, repo, token } = context;
  const { message, tree, parents = [], author, committer } = context.body as NewCommitBody;
  if ((await repo.git.object(tree))?.type !== 'tree') throw refused('Tree SHA does not exist');
  for (const parent of parents) {
    if ((await repo.git.commit(parent)) === null)
      throw refused('Parent SHA does not exist or is not a commit object');
  }
  // OpenAPI git/create-commit: the author defaults to the caller, the committer to the author.
  const { id, login } = token.actor;
  const caller = { name: login, email: `${id}+${login}@users.noreply.github.com`, date: state.now() };
  const sign = (person: Partial<Person> | undefined, fallback: Signature): Signature => ({
    name: person?.name ?? fallback.name,
    email: person?.email ?? fallback.email,
    date: person?.date === undefined ? fallback.date : Date.parse(person.date),
  });
  const writer = sign(author, caller);
  const oid = await repo.git.writeCommit({
    message,
    tree,
    parents,
    author: writer,
    committer: sign(committer, writer),
  });
  return gitCommit(state, repo, found(await repo.git.commit(oid)));
}

export const gitObjectRoutes: readonly Route[] = [
  route('GET /git/commits/{commit_sha}', [['contents', 'read']], async ({ state, repo, params }) =>
    ok(gitCommit(state, repo, found(await repo.git.commit(params['commit_sha'] ?? '')))),
  ),
  route('POST /git/commits', [['contents', 'write']], async (context) =>
    created(await createCommit(context)),
  ),
  route('GET /git/trees/{tree_sha}', [['contents', 'read']], async (context) => {
    const { git } = context.repo;
    const name = context.params['tree_sha'] ?? '';
    const commit = await git.resolve(name);
    const oid = commit?.tree ?? found(await git.object(`${name}^{tree}`)).oid;
    // OpenAPI git/get-tree: any value of `recursive`, even 0, asks for it.
    return ok(await treeJson(context, oid, context.query['recursive'] !== undefined));
  }),
  route('POST /git/trees', [['contents', 'write']], async (context) => created(await createTree(context))),
  route('GET /git/blobs/{file_sha}', [['contents', 'read']], async ({ state, repo, params }) => {
    const blob = found(await repo.git.object(params['file_sha'] ?? ''));
    if (blob.type !== 'blob') throw refused('The object is not a blob');
    return ok({
      sha: blob.oid,
      node_id: nodeId('B', repo.id, blob.oid),
      size: blob.content.length,
      url: apiUrl(state, repo, `/git/blobs/${blob.oid}`),
      content: blob.content.toString('base64').replace(/.{60}/g, '$&\n'),
      encoding: 'base64',
    });
  }),
  route('POST /git/blobs', [['contents', 'write']], async ({ state, repo, body }) => {
    const { content, encoding = 'utf-8' } = body as { content: string; encoding?: string };
    const sha = await repo.git.writeBlob(Buffer.from(content, encoding === 'base64' ? 'base64' : 'utf8'));
    return created({ sha, url: apiUrl(state, repo, `/git/blobs/${sha}`) });
  }),
];
