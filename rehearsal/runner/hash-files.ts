import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A glob of workflow files (`**`, `*`, `?`, `[…]`) as a pattern over slash-separated relative paths. */
export function globToPattern(glob: string): RegExp {
  let pattern = '';
  for (let at = 0; at < glob.length; at++) {
    const char = glob[at] ?? '';
    if (glob.startsWith('**/', at)) {
      pattern += '(?:[^/]+/)*';
      at += 2;
    } else if (glob.startsWith('**', at)) {
      pattern += '.*';
      at += 1;
    } else if (char === '*') pattern += '[^/]*';
    else if (char === '?') pattern += '[^/]';
    else if (char === '[' && glob.includes(']', at)) {
      const end = glob.indexOf(']', at);
      pattern += `[${glob
        .slice(at + 1, end)
        .replace(/^!/, '^')
        .replaceAll('\\', '\\\\')}]`;
      at = end;
    } else pattern += char.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  }
  return new RegExp(`^${pattern}(?:/.*)?$`);
}

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
    .map((line) => ({
      keep: !line.startsWith('!'),
      pattern: globToPattern(line.replace(/^!/, '').replace(/^\.\//, '').replace(/\/$/, '')),
    }));
  if (rules.length === 0) return [];
  return listFiles(folder).filter((file) =>
    rules.reduce((chosen, rule) => (rule.pattern.test(file) ? rule.keep : chosen), false),
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
