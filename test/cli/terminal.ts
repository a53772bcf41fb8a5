import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dispatch } from '../../cli/dispatch.js';
import type { Shell } from '../../cli/shell.js';
import { systemClock } from '../../shared/runner/port.js';

/** A shell whose lines can be read back; `stop` is Ctrl-C. */
export interface TestShell extends Shell {
  written: string[];
  errors: string[];
  stop(): void;
}

export function testShell(cwd: string, overrides: Partial<Shell> = {}): TestShell {
  const listeners = new Set<(signal: string) => void>();
  const shell: TestShell = {
    env: {},
    cwd,
    clock: systemClock,
    random: () => 0.5,
    colours: false,
    screen: () => undefined,
    out: (line) => void shell.written.push(line),
    err: (line) => void shell.errors.push(line),
    onStop: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    written: [],
    errors: [],
    stop: () => listeners.forEach((listener) => listener('SIGINT')),
    ...overrides,
  };
  return shell;
}

export interface CliRun {
  code: number;
  out: string;
  err: string;
}

/** A folder with the given files for the time of `body`. */
export async function inFolder<T>(
  files: Readonly<Record<string, string>>,
  body: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'cli-'));
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    return await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Runs the command line in a folder with the given files. */
export async function runCli(
  args: readonly string[],
  files: Readonly<Record<string, string>> = {},
  overrides: Partial<Shell> = {},
): Promise<CliRun> {
  return inFolder(files, async (folder) => {
    const shell = testShell(folder, overrides);
    const code = await dispatch(args, shell);
    return { code, out: shell.written.join('\n'), err: shell.errors.join('\n') };
  });
}
