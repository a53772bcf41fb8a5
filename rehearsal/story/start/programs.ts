import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { messageOf } from '../../runner/message-of.js';
import type { RouterChoice } from '../routers/entry-plan.js';
import { oldNode } from './node-version.js';

/** Where Debian and others install servers, which is not on every PATH. */
const serverFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/opt/homebrew/bin'];

/** The absolute path of a program on a PATH or where servers are installed; undefined when there is none. */
export function findProgram(name: string, path: string): string | undefined {
  return [...path.split(delimiter), ...serverFolders]
    .filter(isAbsolute)
    .map((folder) => join(folder, name))
    .find(isProgram);
}

/** What starts a server: its absolute path, or its name where it is not found. */
export const serverProgram = (name: string): string => findProgram(name, process.env['PATH'] ?? '') ?? name;

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Why the rehearsal cannot start on this machine, each with what to do; none when it can. */
export function missingPrograms(router: RouterChoice, path: string, caddy: () => string): string[] {
  const problems: string[] = [];
  if (process.platform === 'win32')
    problems.push('Windows is not supported. Fix: run it in WSL, on Linux or on macOS.');
  // bash runs the steps of the workflows.
  const missing = ['git', 'bash'].filter((name) => !findProgram(name, path));
  problems.push(...missing.map((name) => `${name} is missing. ${howToInstall(name)}.`));
  if ((router === 'haproxy' || router === 'nginx') && !findProgram(router, path))
    problems.push(
      `${router} is missing, which --router ${router} needs. ${howToInstall(router)}; or leave out --router, then the embedded router is used.`,
    );
  if (router === 'caddy' && !missing.includes('bash') && !existsSync(caddy()) && !findProgram('go', path))
    problems.push(
      'Go is missing, which --router caddy needs: Caddy is built from source. Fix: install Go 1.25 or later from https://go.dev/dl, or leave out --router.',
    );
  return problems;
}

const howToInstall = (name: string) =>
  `Fix: install it, for example "sudo apt-get install ${name}" or "brew install ${name}"`;

/** The Node at a path or of a name on the PATH, by its own word; a sentence about it when it cannot run the actions. */
export function askNode(node: string, range: string): { path: string } | { problem: string } {
  let answer: string;
  try {
    answer = execFileSync(
      node,
      ['-e', 'console.log(JSON.stringify([process.version, process.execPath]))'],
      // A program that is no Node may wait for input or write without end.
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 10_000, maxBuffer: 64 * 1024 },
    );
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such program' : messageOf(error);
    return { problem: `--node ${node} cannot be run: ${why}.` };
  }
  const [version, path] = readAnswer(answer);
  if (version === undefined || path === undefined) return { problem: `--node ${node} is not Node.` };
  const old = oldNode(version, range);
  return old ? { problem: `--node ${node}: ${old}` } : { path };
}

function readAnswer(answer: string): string[] {
  try {
    const parsed: unknown = JSON.parse(answer);
    return Array.isArray(parsed) ? parsed.filter((part) => typeof part === 'string') : [];
  } catch {
    return [];
  }
}
