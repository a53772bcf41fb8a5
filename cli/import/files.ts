import { statSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import type { FileOf } from './draft.js';

/** Where an original, the suite that is made of it, and the workspace it will run in are; whole paths. */
export interface Places {
  original: string;
  suite: string;
  workspace: string;
}

/** The places of an import: without an output the suite is expected beside its original. */
export function placesOf(cwd: string, original: string, output: string | undefined): Places {
  const from = resolve(cwd, original);
  const suite = output === undefined ? resolve(dirname(from), 'smoke.yml') : resolve(cwd, output);
  return { original: from, suite, workspace: isBelow(cwd, suite) ? cwd : dirname(suite) };
}

/**
 * Names files of the original as a suite does, from its own folder and with forward slashes; they must be there and
 * inside the workspace.
 */
export function filesOf({ original, suite, workspace }: Places): FileOf {
  return (written, refuse) => {
    if (written.includes('{{')) {
      refuse(`a file with a variable in its name: ${written}`, 'name the file');
      return 'file';
    }
    const path = resolve(dirname(original), written);
    const named = slashed(relative(dirname(suite), path));
    if (!statSync(path, { throwIfNoEntry: false })?.isFile())
      refuse(
        `the file ${written}, which is not there`,
        `put it beside ${slashed(original)}, or correct the name`,
      );
    else if (!isBelow(workspace, path))
      refuse(
        `the file ${written} outside of ${slashed(workspace)}`,
        'move it into the workspace of the suite',
      );
    return named;
  };
}

function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function slashed(path: string): string {
  return path.split(sep).join('/');
}
