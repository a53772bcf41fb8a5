import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './run.js';

/** A clone of a repository in a folder of its own. */
export interface Clone {
  /** Runs git in it and gives its output; throws GitError. */
  git(...args: string[]): Promise<string>;
}

/** A git command failed; the message has no secret. */
export class GitError extends Error {
  override readonly name = 'GitError';
}

export interface CloneOptions {
  url: string;
  branch: string;
  token: string;
  /** Folder for temporary files. */
  temp: string;
  /** Who commits. */
  name: string;
  email: string;
  /** Longest that one command takes, in milliseconds. */
  timeoutMs: number;
  signal?: AbortSignal;
}

/**
 * Clones a branch, lends the clone to `body` and removes it. The token goes to git by its environment: arguments can be
 * read by every process of the machine. No configuration of the machine is read, and no hook runs.
 */
export async function withClone<T>(options: CloneOptions, body: (clone: Clone) => Promise<T>): Promise<T> {
  const { url, branch, token, temp, timeoutMs, signal } = options;
  const folder = await mkdtemp(join(temp, 'clone-'));
  const header = `AUTHORIZATION: basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;
  const settings = {
    'http.extraHeader': header,
    'core.hooksPath': '/dev/null',
    'user.name': options.name,
    'user.email': options.email,
    'commit.gpgSign': 'false',
    'gc.auto': '0',
  };
  const configured = Object.entries(settings).flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  const env = {
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_COUNT: String(Object.keys(settings).length),
    ...Object.fromEntries(configured),
  };
  const git = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr, ended } = await runCommand({
      argv: ['git', ...args],
      cwd: folder,
      env,
      timeoutMs,
      ...(signal ? { signal } : {}),
    });
    if (code === 0) return stdout.trim();
    throw new GitError(
      `git ${args[0]} ended with ${ended ?? code ?? 'a signal'}: ${(stderr || stdout).trim().slice(-500)}`,
    );
  };
  try {
    await git('clone', '--quiet', '--single-branch', '--branch', branch, '--', url, '.');
    return await body({ git });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
