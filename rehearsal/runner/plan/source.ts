import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { git } from '../git.js';

/** A repository at one commit: where a workflow file, and what it names with `./` or `$/`, comes from. */
export interface Source {
  /** `owner/repo`. */
  repository: string;
  /** As written behind the @, or the full ref of the event. */
  ref: string;
  /** Empty where a folder stands for a ref that is no commit. */
  sha: string;
  /** Text of a file; rejects when it is not there. */
  read: (path: string) => Promise<string>;
  /** A folder with all files, made below `folder` unless they are on this disk already. */
  checkout: (folder: string) => Promise<string>;
}

/** A commit of a git repository on this machine. */
export function gitSource({
  repository,
  ref,
  sha,
  gitDir,
}: Pick<Source, 'repository' | 'ref' | 'sha'> & { gitDir: string }): Source {
  return {
    repository,
    ref,
    sha,
    read: (path) => git(['show', `${sha}:${path}`], { gitDir }),
    checkout: async (folder) => {
      const target = join(folder, repository, sha);
      if (!existsSync(target)) {
        await git(['clone', '-q', '--no-checkout', pathToFileURL(gitDir).href, target], {});
        await git(['checkout', '-q', '--detach', sha], { cwd: target });
      }
      return target;
    },
  };
}

/** A folder that stands for a repository at any ref, as the request's `actions` say. */
export function folderSource(repository: string, ref: string, folder: string): Source {
  return {
    repository,
    ref,
    sha: /^[0-9a-f]{40}$/.test(ref) ? ref : '',
    read: async (path) => readFileSync(join(folder, path), 'utf8'),
    checkout: async () => folder,
  };
}
