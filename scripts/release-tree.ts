/**
 * Writes what consumers download at a tag into a folder: action folders at the root, dist/ beside them, the workflows
 * that others may call, the command line as a package that npx runs, templates, schemas and documents.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'yaml';
import { writeDocuments } from './release/documents.js';
import { aliases, type Source } from './release/layout.js';

const workflows = join('.github', 'workflows');

/** The repository as the documents name it, and its branch, until a release is made of a commit. */
const unreleased: Source = { repository: 'org/devops-actions', sha: 'main' };

/** Writes the tree and returns its size in bytes. */
export function writeReleaseTree(target: string, source: Source = unreleased): number {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  cpSync('dist', join(target, 'dist'), { recursive: true });
  cpSync('schemas', join(target, 'schemas'), { recursive: true });
  cpSync('LICENSE', join(target, 'LICENSE'));
  const called = reusableWorkflows();
  for (const path of called) cpSync(path, join(target, path));
  for (const [name, action] of publishedActions()) writeMetadata(action, join(target, name));
  writeManifest(join(target, 'package.json'));
  writeDocuments(target, source, called);
  return bytesOf(target);
}

/** Name under which an action is published, and its folder in actions/. */
function publishedActions(): [name: string, action: string][] {
  return readdirSync('actions', { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) =>
      [name, aliases[name]].flatMap((published): [string, string][] =>
        published ? [[published, name]] : [],
      ),
    );
}

/** Lays out what a linter of workflows needs of the tree: each action.yml, and the files that it names. */
export function linkActions(target: string): void {
  if (!existsSync(join(target, 'dist'))) symlinkSync(resolve('dist'), join(target, 'dist'));
  for (const [name, action] of publishedActions()) writeMetadata(action, join(target, name));
}

/** Paths of the workflows that nothing but a call starts: at a tag of ours nothing must run by itself. */
function reusableWorkflows(): string[] {
  return readdirSync(workflows)
    .map((name) => join(workflows, name))
    .filter((path) => {
      const { on } = parse(readFileSync(path, 'utf8')) as { on: unknown };
      return typeof on === 'object' && on !== null && Object.keys(on).join() === 'workflow_call';
    });
}

/** What `npx --yes github:OWNER/REPOSITORY#TAG` needs: nothing is installed with it, nothing runs when it is. */
function writeManifest(path: string): void {
  const { name, version, description, license, engines } = JSON.parse(
    readFileSync('package.json', 'utf8'),
  ) as Record<string, unknown>;
  const bin = { 'devops-actions': 'dist/cli/index.js' };
  const manifest = { name, version, private: true, description, license, type: 'module', engines, bin };
  writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`);
}

function writeMetadata(name: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const metadata = readFileSync(join('actions', name, 'action.yml'), 'utf8');
  const moved = metadata.replaceAll('../../dist/', '../dist/');
  if (moved === metadata) throw new Error(`actions/${name}/action.yml does not point into ../../dist/`);
  writeFileSync(join(folder, 'action.yml'), moved);
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
