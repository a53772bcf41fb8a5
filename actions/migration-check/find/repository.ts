import type { Git } from '../../../shared/exec/git.js';

/** Files of a folder at a commit, by path: the id of their content, or what they are instead of a file. */
export type Tree = ReadonlyMap<string, { oid: string; is: 'file' | 'link' | 'submodule' }>;

/** What is read of a clone; each throws where it cannot be read whole. */
export interface Repository {
  /** The commit of a name. */
  commitOf(name: string): Promise<string | undefined>;
  filesOf(treeish: string, folder: string): Promise<Tree>;
  /** A file's text; undefined where it is not there. */
  read(treeish: string, path: string): Promise<string | undefined>;
  blob(oid: string): Promise<string>;
  isAncestor(older: string, newer: string): Promise<boolean>;
  /** Why the files of a folder in the workspace are not those that are judged; undefined where they are. */
  isCheckedOut(target: { sha: string; treeish: string }, folder: string): Promise<string | undefined>;
}

export function openRepository(git: Git): Repository {
  const blob = async (oid: string) => {
    const answer = await git(['cat-file', 'blob', oid]);
    if (!answer.ok)
      throw new Error(`The clone does not have the file content ${oid}: ${answer.why}. ${wholeFix}`);
    return answer.text;
  };
  const list = async (treeish: string, path: string): Promise<Tree> => {
    const answer = await git([
      '--literal-pathspecs',
      'ls-tree',
      '-r',
      '-z',
      '--full-tree',
      treeish,
      '--',
      ...(path === '.' ? [] : [path]),
    ]);
    if (!answer.ok) throw new Error(`The clone does not have ${treeish}: ${answer.why}. ${wholeFix}`);
    return new Map(
      answer.text
        .split('\0')
        .filter((line) => line !== '')
        .map((line) => {
          const [head = '', name = ''] = [
            line.slice(0, line.indexOf('\t')),
            line.slice(line.indexOf('\t') + 1),
          ];
          const [mode, type, oid = ''] = head.split(' ');
          const is = mode === '120000' ? 'link' : type === 'blob' ? 'file' : 'submodule';
          return [name, { oid, is }] as const;
        }),
    );
  };
  return {
    blob,
    filesOf: (treeish, folder) => list(treeish, folder),
    isAncestor: async (older, newer) => (await git(['merge-base', '--is-ancestor', older, newer])).ok,
    async isCheckedOut({ sha, treeish }, folder) {
      if (treeish !== sha) return undefined;
      const head = await git(['rev-parse', '--verify', 'HEAD^{commit}']);
      if (!head.ok || head.text.trim() !== sha)
        return `The workspace has ${head.ok ? head.text.trim() : 'no commit'} checked out, not ${sha}, whose migrations are to be printed. Fix: under "with:" of actions/checkout add  ref: ${sha}`;
      const status = await git([
        '--literal-pathspecs',
        'status',
        '--porcelain',
        '--untracked-files=all',
        '--',
        folder,
      ]);
      if (!status.ok) return `git status says: ${status.why}`;
      return status.text.trim() === ''
        ? undefined
        : `The files of ${folder} in the workspace are not those of ${sha}: ${status.text.trim().split('\n')[0]}. Fix: let no step before this one write there`;
    },
    async commitOf(name) {
      const answer = await git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]);
      return answer.ok ? answer.text.trim() : undefined;
    },
    async read(treeish, path) {
      const entry = (await list(treeish, path)).get(path);
      return entry?.is === 'file' ? blob(entry.oid) : undefined;
    },
  };
}

/** What makes a clone whole. */
export const wholeFix = 'Fix: under "with:" of actions/checkout add  fetch-depth: 0';
