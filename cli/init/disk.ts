import { execFileSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { ConfigurationError } from '../../shared/config/problem.js';
import { UsageError } from '../shell.js';
import { lockPath, readLock, type Lock } from './lock.js';
import type { OnDisk } from './plan.js';

/** What a repository has at a path; undefined for nothing. */
export function readDisk(root: string, path: string): OnDisk | undefined {
  const at = join(root, path);
  for (let folder = dirname(path); folder !== '.'; folder = dirname(folder))
    if (existsSync(join(root, folder)) && !statSync(join(root, folder)).isDirectory())
      throw new UsageError(`${folder} is no folder, so init cannot write ${path}. Nothing was written.`);
  refuseLinks(root, path);
  if (!existsSync(at)) return undefined;
  if (!statSync(at).isFile())
    throw new UsageError(`${path} is no file, so init cannot write it. Nothing was written.`);
  let executable = true;
  try {
    accessSync(at, constants.X_OK);
  } catch {
    executable = false;
  }
  return { text: readFileSync(at, 'utf8'), executable };
}

/** A link in the path may lead anywhere, and a file would be written there: only inside the repository is ours. */
function refuseLinks(root: string, path: string): void {
  const parts = path.split('/');
  for (const [index] of parts.entries()) {
    const part = parts.slice(0, index + 1).join('/');
    const found = lstatSync(join(root, part), { throwIfNoEntry: false });
    if (!found) return;
    if (!found.isSymbolicLink()) continue;
    const isInside =
      existsSync(join(root, part)) && realpathSync(join(root, part)).startsWith(realpathSync(root) + sep);
    if (!isInside)
      throw new UsageError(
        `${part} is a link that leads out of the repository or nowhere, so init cannot write ${path}. Nothing was written. Fix: put a ${part === path ? 'file' : 'folder'} in its place.`,
      );
  }
}

export function write(root: string, path: string, text: string, executable = false): void {
  const at = join(root, path);
  mkdirSync(dirname(at), { recursive: true });
  writeFileSync(at, text);
  if (executable) chmodSync(at, 0o755);
}

/** What an earlier run wrote. */
export function lockOf(root: string): Lock | undefined {
  const found = readDisk(root, lockPath);
  if (!found) return undefined;
  const read = readLock(found.text);
  if (!read.ok) throw new ConfigurationError(read.problems);
  return read.value;
}

/** The first line that git answers; undefined where it has none. */
export function git(cwd: string, ...args: string[]): string | undefined {
  try {
    return execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}

/** `acme/shop` of any address of a repository on GitHub. */
export const githubName = (url = ''): string | undefined =>
  /(?:@|\/\/)[^/:]+(?::\d+)?[/:]([^/:]+\/[^/:]+?)(?:\.git)?\/?$/.exec(url)?.[1];
