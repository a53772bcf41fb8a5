import { runCommand } from './run.js';

/** What git answered: its output, or its own words why not. */
export type GitAnswer = { ok: true; text: string } | { ok: false; why: string };

/** Runs git in a clone. */
export type Git = (args: readonly string[], input?: string) => Promise<GitAnswer>;

const mostOutput = 400_000_000;
const patienceMs = 120_000;

/**
 * Git in a folder, made to read only: nothing that a clone's configuration or replaced objects say changes what it
 * reads, and nothing is fetched.
 */
export function openGit(
  folder: string,
  signal: AbortSignal,
  env: Readonly<Record<string, string>> = {},
): Git {
  return async (args, input = '') => {
    try {
      const done = await runCommand({
        argv: ['git', '--no-replace-objects', '-c', 'core.fsmonitor=false', ...args],
        cwd: folder,
        env: { GIT_NO_LAZY_FETCH: '1', GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0', ...env },
        input,
        timeoutMs: patienceMs,
        maxOutput: mostOutput,
        signal,
      });
      if (done.code === 0) return { ok: true, text: done.stdout };
      return { ok: false, why: done.ended ?? (done.stderr.trim() || `git ended with ${done.code}`) };
    } catch (error) {
      return { ok: false, why: error instanceof Error ? error.message : String(error) };
    }
  };
}
