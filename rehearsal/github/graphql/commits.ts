import type { Commit, TreeEntry } from '../git/parse.js';
import type { RawObject } from '../git/objects.js';
import { nodeId } from '../node-id.js';
import { htmlUrl } from '../represent/repository.js';
import { iso } from '../state.js';
import { gitActorFields } from './actors.js';
import { connection, type PageArguments } from './connection.js';
import type { Fields, View } from './view.js';

/** Blob.text is cut for long files; GitHub documents no length, this one has been seen. */
const maxText = 512_000;

export function commitFields(view: View, commit: Commit): Fields {
  const { state, repo } = view;
  const [headline = '', ...rest] = commit.message.split('\n');
  return {
    __typename: 'Commit',
    id: nodeId('C', repo.id, commit.oid),
    oid: commit.oid,
    abbreviatedOid: commit.oid.slice(0, 7),
    message: commit.message,
    messageHeadline: headline,
    messageBody: rest.join('\n').trim(),
    url: htmlUrl(state, repo, `/commit/${commit.oid}`),
    committedDate: iso(commit.committer.date),
    authoredDate: iso(commit.author.date),
    author: gitActorFields(state, commit.author),
    committer: gitActorFields(state, commit.committer),
    authors: (args: PageArguments) =>
      connection(
        'authors',
        [commit.author, ...coAuthors(commit)],
        args,
        ({ email }) => email,
        (one) => gitActorFields(state, one),
      ),
    parents: (args: PageArguments) =>
      connection(
        'parents',
        commit.parents,
        args,
        (oid) => oid,
        (oid) => commitOrNull(view, oid),
      ),
    tree: () => objectFields(view, commit.tree),
    history: (args: HistoryArguments) => historyFields(view, commit, args),
    file: ({ path }: { path: string }) => fileFields(view, commit, path),
    ...view.ofCommit(view, commit.oid),
  };
}

function coAuthors({ message, author }: Commit): Commit['author'][] {
  const trailers = message.matchAll(/^co-authored-by:\s*(.+?)\s*<([^>]+)>\s*$/gim);
  return [...trailers].map(([, name = '', email = '']) => ({ name, email, date: author.date }));
}

interface HistoryArguments extends PageArguments {
  path?: string | null;
  since?: string | null;
  until?: string | null;
}

async function historyFields(view: View, commit: Commit, args: HistoryArguments): Promise<Fields> {
  const { path, since, until } = args;
  const query = { path: path ?? undefined, since: since ?? undefined, until: until ?? undefined };
  const oids = await view.repo.git.history(commit.oid, query);
  return connection(
    'history',
    oids,
    args,
    (oid) => oid,
    (oid) => commitOrNull(view, oid),
  );
}

async function fileFields(view: View, commit: Commit, path: string): Promise<Fields | null> {
  const slash = path.lastIndexOf('/');
  const folder = await view.repo.git.object(`${commit.oid}:${slash < 0 ? '' : path.slice(0, slash)}`);
  if (folder === null) return null;
  const entry = (await view.repo.git.tree(folder.oid)).find(({ name }) => name === path.slice(slash + 1));
  return entry === undefined ? null : treeEntryFields(view, entry, path);
}

function treeEntryFields(view: View, entry: TreeEntry, path: string): Fields {
  return {
    name: entry.name,
    path,
    mode: Number.parseInt(entry.mode, 8),
    type: entry.type,
    oid: entry.oid,
    extension: /\.[^.]*$/.exec(entry.name)?.[0] ?? '',
    object: () => (entry.type === 'commit' ? null : objectFields(view, entry.oid)),
  };
}

export async function commitOrNull(view: View, oid: string): Promise<Fields | null> {
  const commit = await view.repo.git.commit(oid);
  return commit === null ? null : commitFields(view, commit);
}

/** Any git object by oid, or by an expression as `main:path` (schema: Repository.object). */
export async function objectFields(view: View, name: string): Promise<Fields | null> {
  const object = await view.repo.git.object(name);
  if (object === null) return null;
  if (object.type === 'commit') return commitOrNull(view, object.oid);
  const base = { oid: object.oid, abbreviatedOid: object.oid.slice(0, 7) };
  if (object.type === 'blob') return { ...base, ...blobFields(view, object) };
  if (object.type === 'tag') return { ...base, ...tagFields(view, object) };
  return {
    ...base,
    __typename: 'Tree',
    id: nodeId('T', view.repo.id, object.oid),
    entries: async () =>
      (await view.repo.git.tree(object.oid)).map((entry) => treeEntryFields(view, entry, entry.name)),
  };
}

function blobFields(view: View, { oid, content }: RawObject): Fields {
  const binary = content.includes(0);
  return {
    __typename: 'Blob',
    id: nodeId('B', view.repo.id, oid),
    byteSize: content.length,
    isBinary: binary,
    isTruncated: content.length > maxText,
    text: binary ? null : content.toString('utf8', 0, maxText),
  };
}

function tagFields(view: View, { oid, content }: RawObject): Fields {
  const text = content.toString();
  return {
    __typename: 'Tag',
    id: nodeId('REF', view.repo.id, `tag/${oid}`),
    name: /^tag (.+)$/m.exec(text)?.[1] ?? '',
    message: text.slice(text.indexOf('\n\n') + 2),
    target: () => objectFields(view, /^object ([0-9a-f]+)$/m.exec(text)?.[1] ?? ''),
  };
}
