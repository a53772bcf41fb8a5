import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { globMatcher } from '../../../glob.js';

/** All files below a folder as sorted slash-separated relative paths; symbolic links are not followed. */
export function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** Files below `folder` that the patterns choose, later ones winning, `!` taking away. */
export function matchFiles(folder: string, patterns: readonly string[]): string[] {
  const rules = patterns
    .flatMap((pattern) => pattern.split('\n'))
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const path = line.replace(/^!/, '').replace(/^\.\//, '').replace(/\/$/, '');
      // A folder stands for all that is in it.
      return { keep: !line.startsWith('!'), matches: globMatcher(path, `${path}/**`) };
    });
  if (rules.length === 0) return [];
  return listFiles(folder).filter((file) =>
    rules.reduce((chosen, rule) => (rule.matches(file) ? rule.keep : chosen), false),
  );
}

/** `hashFiles()`: SHA-256 over the SHA-256 of each matching file of the workspace, empty when none matches. */
export function hashFiles(workspace: string, patterns: readonly string[]): string {
  const files = matchFiles(workspace, patterns);
  if (files.length === 0) return '';
  const total = createHash('sha256');
  for (const file of files) {
    total.update(
      createHash('sha256')
        .update(readFileSync(join(workspace, file)))
        .digest(),
    );
  }
  return total.digest('hex');
}
