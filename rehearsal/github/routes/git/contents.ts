import { GitHubError, found } from '../../errors.js';
import type { TreeEntry } from '../../git/parse.js';
import { apiUrl, htmlUrl } from '../../represent/repository.js';
import { type Answer, ok, type RepoContext, type Route, route } from '../../route.js';

/** Docs "Get repository content": files over 1 MB come without content, over 100 MB not at all. */
const maxJson = 1024 * 1024;
const maxRaw = 100 * 1024 * 1024;

interface Place {
  ref: string;
  path: string;
}

function links(
  { state, repo }: RepoContext,
  { ref, path }: Place,
  sha: string,
  kind: 'blob' | 'tree',
): Record<string, unknown> {
  const url = `${apiUrl(state, repo, `/contents/${encodeURI(path)}`)}?ref=${encodeURIComponent(ref)}`;
  const git_url = apiUrl(state, repo, `/git/${kind}s/${sha}`);
  const html_url = htmlUrl(state, repo, `/${kind}/${ref}/${encodeURI(path)}`);
  const download_url = kind === 'blob' ? htmlUrl(state, repo, `/raw/${ref}/${encodeURI(path)}`) : null;
  return { url, git_url, html_url, download_url, _links: { self: url, git: git_url, html: html_url } };
}

async function directory(context: RepoContext, place: Place, tree: string): Promise<Answer> {
  const { git } = context.repo;
  const prefix = place.path === '' ? '' : `${place.path}/`;
  const typeOf = ({ type, mode }: TreeEntry): string =>
    type === 'tree' ? 'dir' : type === 'commit' ? 'submodule' : mode === '120000' ? 'symlink' : 'file';
  const entries = (await git.tree(tree)).map(async (entry) => {
    const path = `${prefix}${entry.name}`;
    return {
      type: typeOf(entry),
      size: entry.type === 'blob' ? ((await git.object(entry.oid))?.content.length ?? 0) : 0,
      name: entry.name,
      path,
      sha: entry.oid,
      ...links(context, { ...place, path }, entry.oid, entry.type === 'tree' ? 'tree' : 'blob'),
    };
  });
  return ok(await Promise.all(entries));
}

async function getContent(context: RepoContext): Promise<Answer> {
  const { repo, params, query, headers } = context;
  const ref = typeof query['ref'] === 'string' ? query['ref'] : repo.defaultBranch;
  const commit = await repo.git.resolve(ref);
  if (commit === null) throw new GitHubError(404, `No commit found for the ref ${ref}`);
  const path = (params['path'] ?? '').replace(/^\/+|\/+$/g, '');
  const object = found(await repo.git.object(path === '' ? `${commit.oid}^{tree}` : `${commit.oid}:${path}`));
  if (object.type === 'tree') return directory(context, { ref, path }, object.oid);
  const size = object.content.length;
  if (size > maxRaw) throw new GitHubError(403, 'This API returns blobs up to 100 MB in size.');
  if (/application\/vnd\.github(\.v3)?\.raw/.test(headers.accept ?? '')) {
    return {
      status: 200,
      body: object.content,
      contentType: 'application/vnd.github.raw+json; charset=utf-8',
    };
  }
  const whole = size <= maxJson;
  return ok({
    type: 'file',
    encoding: whole ? 'base64' : 'none',
    size,
    name: path.split('/').at(-1),
    path,
    content: whole ? object.content.toString('base64').replace(/.{60}/g, '$&\n') : '',
    sha: object.oid,
    ...links(context, { ref, path }, object.oid, 'blob'),
  });
}

export const contentRoutes: readonly Route[] = [
  route('GET /contents/{path}', [['contents', 'read']], getContent),
];
