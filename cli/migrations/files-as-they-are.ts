import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openGit, type Git, type GitAnswer } from '../../shared/exec/git.js';
import { UsageError } from '../shell.js';

/** The files of a folder as they are, uncommitted ones too, as a tree beside the repository, which stays untouched. */
export interface FilesAsTheyAre {
  /** Git that sees that tree. */
  git: Git;
  head: string;
  tree: string;
  /** Takes it away again. */
  close(): Promise<void>;
}

/** Writes the tree of the last commit with these paths as they are now. */
export async function takeFiles(
  folder: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<FilesAsTheyAre> {
  const plain = openGit(folder, signal);
  const head = await plain(['rev-parse', '--verify', 'HEAD^{commit}']);
  if (!head.ok) throw new UsageError(`${folder} is no clone with a commit: ${head.why}`);
  const objects = textOf(await plain(['rev-parse', '--git-path', 'objects']));
  const scratch = await mkdtemp(join(tmpdir(), 'migrations-'));
  const close = () => rm(scratch, { recursive: true, force: true });
  try {
    await mkdir(join(scratch, 'objects'));
    const git = openGit(folder, signal, {
      GIT_INDEX_FILE: join(scratch, 'index'),
      GIT_OBJECT_DIRECTORY: join(scratch, 'objects'),
      GIT_ALTERNATE_OBJECT_DIRECTORIES: resolve(folder, objects),
    });
    textOf(await git(['read-tree', 'HEAD']));
    for (const path of paths) {
      const added = await git(['--literal-pathspecs', 'add', '--all', '--', path]);
      // A path that is neither in the last commit nor there is said by the check itself.
      if (!added.ok && existsSync(resolve(folder, path))) textOf(added);
    }
    return { git, head: head.text.trim(), tree: textOf(await git(['write-tree'])), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function textOf(answer: GitAnswer): string {
  if (!answer.ok) throw new Error(`git says: ${answer.why}`);
  return answer.text.trim();
}
