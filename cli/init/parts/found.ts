import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isFolder } from '../answers.js';

/** What names a project of each kind. */
const signs = {
  python: (name: string) => /^(requirements.*\.txt|pyproject\.toml)$/.test(name),
  node: (name: string) => name === 'package-lock.json',
  terraform: (name: string) => name.endsWith('.tf'),
};
export type ProjectKind = keyof typeof signs;

/** Folders that hold what was installed or built, never a project of the team. */
const foreign = ['node_modules', 'vendor', 'dist', 'build'];

/**
 * The root, or the only folder directly below it, that has such a project; undefined for none, for several, and for a
 * name that may not stand in a workflow as it is.
 */
export function foundProject(root: string, kind: ProjectKind): string | undefined {
  const has = (folder: string) => existsSync(folder) && readdirSync(folder).some(signs[kind]);
  if (has(root)) return '.';
  const below = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !foreign.includes(entry.name))
    .map(({ name }) => name)
    .filter((name) => has(join(root, name)));
  return below.length === 1 && isFolder(below[0]!) ? below[0] : undefined;
}
