import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
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
  return {
    workflows: texts(folder),
    policies: texts(join(folder, 'policies')),
    deploy: Object.fromEntries(
      readdirSync(deploy).map((place) => [
        place,
        Object.fromEntries(
          readdirSync(join(deploy, place)).map((name) => {
            const path = join(deploy, place, name);
            return [name, { text: readFileSync(path, 'utf8'), executable: isExecutable(path) }];
          }),
        ),
      ]),
    ),
    readCalled: (path) => readFileSync(join(root, path), 'utf8'),
  };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
