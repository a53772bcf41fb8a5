import { readdir } from 'node:fs/promises';
import { sep } from 'node:path';
import { globMatcher, globProblem } from '../../shared/config/glob.js';
import { UsageError } from '../shell.js';

/** The suites that a command line names, in its order and each once; a name with * is all files that match, by name. */
export async function suitesOf(written: readonly string[], cwd: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of written) found.push(...(name.includes('*') ? await matching(name, cwd) : [name]));
  return [...new Set(found)];
}

async function matching(pattern: string, cwd: string): Promise<string[]> {
  const problem = globProblem(pattern);
  if (problem !== undefined) throw new UsageError(`${pattern}: write ${problem}.`);
  const matches = globMatcher(pattern.replace(/^\.\//, ''));
  const entries = await readdir(cwd, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => `${parentPath}${sep}${name}`.slice(cwd.length + 1).replaceAll(sep, '/'))
    .filter((path) => !/(^|\/)(node_modules|\.git)\//.test(path) && matches(path));
  if (files.length === 0) throw new UsageError(`${pattern} matches no file below ${cwd}.`);
  return files.sort();
}
