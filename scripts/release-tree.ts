/**
 * Writes what consumers download at a tag into a folder: action folders at the root, dist/ beside them, nothing else.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Names under which an action is published beside its own. */
const aliases: Record<string, string> = { 'blue-green-switch': 'blue-green' };

/** Writes the tree and returns its size in bytes. */
export function writeReleaseTree(target: string): number {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  cpSync('dist', join(target, 'dist'), { recursive: true });
  cpSync('schemas', join(target, 'schemas'), { recursive: true });
  cpSync('LICENSE', join(target, 'LICENSE'));
  for (const entry of readdirSync('actions', { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    for (const name of [entry.name, aliases[entry.name]])
      if (name) writeAction(entry.name, join(target, name));
  }
  return bytesOf(target);
}

function writeAction(name: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const metadata = readFileSync(join('actions', name, 'action.yml'), 'utf8');
  const moved = metadata.replaceAll('../../dist/', '../dist/');
  if (moved === metadata) throw new Error(`actions/${name}/action.yml does not point into ../../dist/`);
  writeFileSync(join(folder, 'action.yml'), moved);
  cpSync(join('actions', name, 'README.md'), join(folder, 'README.md'));
}

function bytesOf(path: string): number {
  const facts = statSync(path);
  return facts.isDirectory()
    ? readdirSync(path).reduce((sum, name) => sum + bytesOf(join(path, name)), 0)
    : facts.size;
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  const target = process.argv[2];
  if (!target) {
    console.error('usage: npm run release:tree -- DIR   (DIR is replaced)');
    process.exit(2);
  }
  if (['', '.', '/', '..'].includes(target) || basename(resolve(target)) === basename(process.cwd())) {
    console.error(`release:tree replaces ${target} whole; name a folder of its own`);
    process.exit(2);
  }
  console.log(`${target}: ${writeReleaseTree(target)} bytes`);
}
