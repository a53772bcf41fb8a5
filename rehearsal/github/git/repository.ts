import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { diffFiles, type FileChange } from './diff.js';
import { ObjectReader, type RawObject } from './objects.js';
import { type Commit, parseCommit, parseTree, type TreeEntry } from './parse.js';
import { RefWriter } from './ref-writer.js';
import { gitText, runGit } from './run.js';
import { type NewCommit, type TreeChange, writeCommit, writeObject, writeTree } from './write.js';

export interface GitRef {
  name: string;
  oid: string;
  type: RawObject['type'];
}

/** `before`: undefined asks for no check, null that the ref must not exist. `after` null deletes it. */
export interface RefChange {
  name: string;
  before: string | null | undefined;
  after: string | null;
}

export interface HistoryQuery {
  path?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
  author?: string | undefined;
}

const zeros = '0'.repeat(40);

/** Whether git would take this as a full ref name (git-check-ref-format). */
export function isRefName(name: string): boolean {
  const forbidden = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|(^|\/)\.|\.lock(\/|$)|[/.]$/;
  return /^refs\/[^/]+\/./.test(name) && !forbidden.test(name);
}

/** One real git repository on this machine, bare or with a work tree. */
export class GitRepository {
  readonly gitDir: string;
  private readonly objects: ObjectReader;
  private readonly refWriter: RefWriter;
  private readonly commits = new Map<string, Commit>();
  private writing: Promise<unknown> = Promise.resolve();

  constructor(directory: string) {
    const inside = join(directory, '.git');
    this.gitDir = existsSync(inside) ? inside : directory;
    if (!existsSync(join(this.gitDir, 'objects'))) throw new Error(`${directory} is not a git repository`);
    this.objects = new ObjectReader(this.gitDir);
    this.refWriter = new RefWriter(this.gitDir);
  }

  close(): void {
    this.objects.close();
    this.refWriter.close();
  }

  object(name: string): Promise<RawObject | null> {
    return this.objects.read(name);
  }

  /** The commit of this oid, or null; a tag or branch name is no oid: see resolve. */
  async commit(oid: string): Promise<Commit | null> {
    const known = this.commits.get(oid);
    if (known !== undefined) return known;
    const raw = await this.objects.read(oid);
    if (raw?.type !== 'commit') return null;
    const commit = parseCommit(raw.oid, raw.content);
    this.commits.set(commit.oid, commit);
    return commit;
  }

  async tree(oid: string): Promise<TreeEntry[]> {
    const raw = await this.objects.read(`${oid}^{tree}`);
    return raw === null ? [] : parseTree(raw.content, raw.oid.length / 2);
  }

  /** What GitHub takes a `ref` to mean: a full oid, a branch, a tag, `heads/x` or `tags/x`, or a short oid. */
  async resolve(ref: string): Promise<Commit | null> {
    const names = /^[0-9a-f]{40}$/.test(ref)
      ? [ref]
      : [`refs/heads/${ref}`, `refs/tags/${ref}`, ref.startsWith('refs/') ? ref : `refs/${ref}`];
    for (const name of names) {
      const raw = await this.objects.read(`${name}^{commit}`);
      if (raw !== null) return this.commit(raw.oid);
    }
    if (!/^[0-9a-f]{7,39}$|^HEAD$/.test(ref)) return null;
    // A long-lived reader does not see new objects by short oids, so these are asked of a fresh git.
    const full = await runGit(this.gitDir, ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`]);
    return full.code === 0 ? this.commit(full.stdout.toString().trim()) : null;
  }

  async ref(name: string): Promise<GitRef | null> {
    if (!isRefName(name)) return null;
    const raw = await this.objects.read(name);
    return raw === null ? null : { name, oid: raw.oid, type: raw.type };
  }

  /** Every ref whose full name begins with the prefix, sorted by name. */
  async refs(prefix: string): Promise<GitRef[]> {
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    const format = '--format=%(refname) %(objectname) %(objecttype)';
    const text = await gitText(this.gitDir, ['for-each-ref', format, ...(folder === '' ? [] : [folder])]);
    return text
      .split('\n')
      .filter((line) => line.startsWith(prefix))
      .map((line) => line.split(' '))
      .map(([name = '', oid = '', type = '']) => ({ name, oid, type: type as GitRef['type'] }));
  }

  /** Runs `work` alone: reads and the write that depends on them must not mix with another writer's. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.writing.then(work);
    this.writing = result.catch(() => undefined);
    return result;
  }

  /** Moves all the refs or none, in one git transaction. Gives git's reason when it refused, else null. */
  moveRefs(changes: readonly RefChange[]): Promise<string | null> {
    const lines = changes.map(({ name, before, after }) => {
      const old = before === undefined ? '' : ` ${before ?? zeros}`;
      return after === null ? `delete ${name}${before === null ? '' : old}` : `update ${name} ${after}${old}`;
    });
    return this.refWriter.move(lines);
  }

  writeBlob(content: Buffer): Promise<string> {
    return writeObject(this.gitDir, 'blob', content);
  }

  writeTree(base: string | null, changes: readonly TreeChange[]): Promise<string> {
    return writeTree(this.gitDir, base, changes, (oid) => this.tree(oid));
  }

  writeCommit(commit: NewCommit): Promise<string> {
    return writeCommit(this.gitDir, commit);
  }

  async isAncestor(ancestor: string, descendant: string): Promise<boolean> {
    if (ancestor === descendant) return true;
    // The common case, one commit on top, needs no process.
    if ((await this.commit(descendant))?.parents.includes(ancestor) === true) return true;
    return (await runGit(this.gitDir, ['merge-base', '--is-ancestor', ancestor, descendant])).code === 0;
  }

  async mergeBase(one: string, other: string): Promise<string | null> {
    const result = await runGit(this.gitDir, ['merge-base', one, other]);
    return result.code === 0 ? result.stdout.toString().trim() : null;
  }

  /** Oids reachable from `range` (`a..b` or one oid), newest first. */
  async history(range: string, query: HistoryQuery = {}): Promise<string[]> {
    const args = ['rev-list'];
    if (query.since !== undefined) args.push(`--since=${query.since}`);
    if (query.until !== undefined) args.push(`--until=${query.until}`);
    if (query.author !== undefined) args.push('--fixed-strings', `--author=${query.author}`);
    args.push(range, '--');
    if (query.path !== undefined && query.path !== '') args.push(query.path);
    return (await gitText(this.gitDir, args)).split('\n').filter((line) => line !== '');
  }

  diff(from: string, to: string): Promise<FileChange[]> {
    return diffFiles(this.gitDir, from, to);
  }

  /** The tree a three-way merge gives (`git merge-tree`, git 2.38 or newer), or null on a conflict. */
  async mergeTree(ours: string, theirs: string): Promise<string | null> {
    const result = await runGit(this.gitDir, ['merge-tree', '--write-tree', ours, theirs]);
    if (result.code > 1) throw new Error(`git merge-tree failed: ${result.stderr.trim()}`);
    return result.code === 0 ? (result.stdout.toString().split('\n')[0] ?? null) : null;
  }
}

/** The empty tree, which git knows without it being stored: what a first commit is compared with. */
export const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
