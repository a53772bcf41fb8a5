import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { dispatch } from '../../../cli/dispatch.js';
import type { Shell } from '../../../cli/shell.js';
import { testShell } from '../terminal.js';

export const ref = 'a'.repeat(40);

/** Enough to answer everything; later values of an option come beside these, so give each once. */
export const options: Readonly<Record<string, string>> = {
  suite: 'acme/devops-actions',
  ref,
  version: 'v1.4.0',
  repository: 'acme/shop',
  service: 'shop',
  place: 'vm',
  router: 'nginx',
  owners: '@acme/release',
};

/** A repository in a folder of its own, and what is done in it. */
export interface Team {
  root: string;
  /** Runs a command; options beside the usual ones, `undefined` leaves one out. */
  init(more?: Record<string, string | undefined>, ...flags: string[]): Promise<Ran>;
  cli(args: readonly string[], overrides?: Partial<Shell>): Promise<Ran>;
  read(path: string): Promise<string>;
  write(path: string, text: string): Promise<void>;
  /** Paths of all files, in order. */
  files(): Promise<string[]>;
}

export interface Ran {
  code: number;
  out: string;
  err: string;
}

export const asArguments = (more: Record<string, string | undefined>): string[] =>
  Object.entries({ ...options, ...more }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, value],
  );

/** An empty repository for the time of `body`. */
export async function inRepository<T>(body: (team: Team) => Promise<T>): Promise<T> {
  const root = await mkdtemp(join(tmpdir(), 'init-'));
  const cli: Team['cli'] = async (args, overrides = {}) => {
    const shell = testShell(root, overrides);
    const code = await dispatch(args, shell);
    return { code, out: shell.written.join('\n'), err: shell.errors.join('\n') };
  };
  try {
    return await body({
      root,
      cli,
      init: (more = {}, ...flags) => cli(['init', ...asArguments(more), '--yes', ...flags]),
      read: (path) => readFile(join(root, path), 'utf8'),
      async write(path, text) {
        await mkdir(dirname(join(root, path)), { recursive: true });
        await writeFile(join(root, path), text);
      },
      async files() {
        const entries = await readdir(root, { recursive: true, withFileTypes: true });
        return entries
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
          .sort();
      },
    });
  } finally {
    await rm(root, { recursive: true });
    await rm(toolsBeside(root), { recursive: true, force: true });
  }
}

/** Where stand-ins for tools are, apart from what is committed. */
export const toolsBeside = (root: string) => `${root}-tools`;

export const isExecutable = async (path: string) => ((await stat(path)).mode & 0o111) !== 0;

/** A folder for PATH with tools that are told what to answer and write down how they were called. */
export async function fakeTools(folder: string, tools: Readonly<Record<string, string>>): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const [name, script] of Object.entries(tools)) {
    const path = join(folder, name);
    const log = join(folder, 'calls.log');
    await writeFile(path, `#!/usr/bin/env bash\necho "${name} $*" >> '${log}'\n${script}\n`);
    await chmod(path, 0o755);
  }
  return folder;
}
