import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { git, githubName } from './disk.js';
import type { Templates } from './workflow.js';

/** The folder of templates: its name here, and the one under which it is published, which GitHub reads. */
const folders = ['workflows-templates', 'workflow-templates'];

/** The suite that this file belongs to: the nearest folder above it that has templates. */
export function suiteRoot(start = dirname(fileURLToPath(import.meta.url))): string {
  for (let folder = start; folder !== dirname(folder); folder = dirname(folder))
    if (folders.some((name) => existsSync(join(folder, name, 'cd.yml')))) return folder;
  throw new Error(
    `No templates above ${start}: init runs from a clone of the suite, or from its release tree.`,
  );
}

/** Reads the templates of a suite. */
export function readTemplates(root: string): Templates {
  const folder = join(
    root,
    folders.find((name) => existsSync(join(root, name)))!,
  );
  const texts = (at: string) =>
    Object.fromEntries(
      readdirSync(at)
        .filter((name) => name.endsWith('.yml'))
        .map((name) => [basename(name, '.yml'), readFileSync(join(at, name), 'utf8')]),
    );
  const deploy = join(folder, 'deploy');
  const workflows = texts(folder);
  return {
    suite: /uses: ([^\s/]+\/[^\s/]+)\/\.github\/workflows\/cd\.yml@/.exec(workflows['cd']!)![1]!,
    workflows,
    policies: texts(join(folder, 'policies')),
    deploy: Object.fromEntries(
      readdirSync(deploy).map((place) => [
        place,
        Object.fromEntries(
          readdirSync(join(deploy, place)).map((name) => {
            const text = readFileSync(join(deploy, place, name), 'utf8');
            // Modes get lost where a tree is packed; what names its interpreter is run.
            return [name, { text, executable: text.startsWith('#!') }];
          }),
        ),
      ]),
    ),
    readCalled: (path) => readFileSync(join(root, path), 'utf8'),
    readBeside: (path) => readFileSync(join(folder, path), 'utf8'),
  };
}

/** Which suite this is, as far as that can be told. */
export interface SuiteFacts {
  repository?: string | undefined;
  ref?: string | undefined;
  version?: string | undefined;
}

/** Of a clone, what git says; of a package that npx fetched, what npm wrote down when it did. */
export function suiteFacts(root: string): SuiteFacts {
  const fetched = resolvedBy(join(root, '..', '.package-lock.json'), basename(root));
  if (fetched) {
    const [, repository, ref] = /[/:]([^/:]+\/[^/:#]+?)(?:\.git)?#([0-9a-f]{40})$/.exec(fetched) ?? [];
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version?: string };
    return { repository, ref, version: manifest.version && `v${manifest.version}` };
  }
  // A folder inside of another repository is no clone.
  if (!existsSync(join(root, '.git'))) return {};
  return {
    repository: githubName(git(root, 'remote', 'get-url', 'origin')),
    ref: git(root, 'rev-parse', 'HEAD'),
    version: git(root, 'describe', '--tags', '--exact-match', '--match', 'v*.*.*'),
  };
}

function resolvedBy(lockfile: string, name: string): string | undefined {
  if (!existsSync(lockfile)) return undefined;
  const { packages } = JSON.parse(readFileSync(lockfile, 'utf8')) as {
    packages?: Record<string, { resolved?: string }>;
  };
  return packages?.[`node_modules/${name}`]?.resolved;
}
