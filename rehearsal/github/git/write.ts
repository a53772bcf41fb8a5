import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import type { Signature, TreeEntry } from './parse.js';

const compress = promisify(deflate);

/** One path of a new tree: its object, its content, or null to take it away. */
export interface TreeChange {
  path: string;
  mode: string;
  type: TreeEntry['type'];
  oid: string | null;
}

/**
 * Stores an object loose, as `git hash-object -w` would, and gives its oid. Done in this process: a state write is
 * three objects, and a process for each would cost more than all the rest.
 */
export async function writeObject(gitDir: string, type: TreeEntry['type'], content: Buffer): Promise<string> {
  const stored = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content]);
  const oid = createHash('sha1').update(stored).digest('hex');
  const folder = join(gitDir, 'objects', oid.slice(0, 2));
  const file = join(folder, oid.slice(2));
  if (existsSync(file)) return oid;
  await mkdir(folder, { recursive: true });
  // Renamed into place, so that no reader ever sees half an object.
  const draft = join(folder, `tmp_obj_${randomUUID()}`);
  await writeFile(draft, await compress(stored), { mode: 0o444 });
  await rename(draft, file);
  return oid;
}

/** Git sorts a folder as if its name ended in a slash. */
const sortKey = ({ name, type }: TreeEntry): Buffer => Buffer.from(type === 'tree' ? `${name}/` : name);

function makeTree(gitDir: string, entries: readonly TreeEntry[]): Promise<string> {
  const parts = [...entries]
    .sort((a, b) => Buffer.compare(sortKey(a), sortKey(b)))
    .flatMap(({ mode, name, oid }) => [
      Buffer.from(`${mode.replace(/^0/, '')} ${name}\0`),
      Buffer.from(oid, 'hex'),
    ]);
  return writeObject(gitDir, 'tree', Buffer.concat(parts));
}

/** Writes the tree that `base` becomes with the changes, folder by folder from the leaves; gives its oid. */
export async function writeTree(
  gitDir: string,
  base: string | null,
  changes: readonly TreeChange[],
  readTree: (oid: string) => Promise<TreeEntry[]>,
): Promise<string> {
  const entries = new Map<string, TreeEntry>();
  if (base !== null) for (const entry of await readTree(base)) entries.set(entry.name, entry);
  const folders = new Map<string, TreeChange[]>();
  for (const change of changes) {
    const slash = change.path.indexOf('/');
    if (slash < 0) {
      if (change.oid === null) entries.delete(change.path);
      else
        entries.set(change.path, {
          mode: change.mode,
          type: change.type,
          name: change.path,
          oid: change.oid,
        });
      continue;
    }
    const folder = change.path.slice(0, slash);
    folders.set(folder, [...(folders.get(folder) ?? []), { ...change, path: change.path.slice(slash + 1) }]);
  }
  for (const [name, inside] of folders) {
    const before = entries.get(name);
    const oid = await writeTree(gitDir, before?.type === 'tree' ? before.oid : null, inside, readTree);
    if ((await readTree(oid)).length === 0) entries.delete(name);
    else entries.set(name, { mode: '040000', type: 'tree', name, oid });
  }
  return makeTree(gitDir, [...entries.values()]);
}

export interface NewCommit {
  tree: string;
  parents: readonly string[];
  author: Signature;
  committer: Signature;
  message: string;
}

/** Writes a commit object with exactly these people and dates (UTC); gives its oid. */
export function writeCommit(gitDir: string, commit: NewCommit): Promise<string> {
  const who = ({ name, email, date }: Signature): string =>
    `${name.replace(/[<>\n]/g, '')} <${email.replace(/[<>\n]/g, '')}> ${Math.floor(date / 1000)} +0000`;
  const lines = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${who(commit.author)}`,
    `committer ${who(commit.committer)}`,
  ];
  const input = `${lines.join('\n')}\n\n${commit.message}`;
  return writeObject(gitDir, 'commit', Buffer.from(input));
}
