import { runTool } from './tool.js';

/**
 * Runs git on repositories of this disk, apart from the user's configuration, and resolves its stdout; rejects with
 * what git printed, or at once when the signal is aborted.
 */
export async function git(
  args: readonly string[],
  { cwd, gitDir, signal }: { cwd?: string; gitDir?: string; signal?: AbortSignal },
): Promise<string> {
  signal?.throwIfAborted();
  const all = [...(gitDir !== undefined ? ['--git-dir', gitDir] : []), ...args];
  const { exitCode, stdout, stderr } = await runTool('git', all, {
    ...(cwd !== undefined ? { cwd } : {}),
    env: {
      HOME: '/nonexistent',
      LANG: 'C.UTF-8',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_TERMINAL_PROMPT: '0',
      GIT_CONFIG_COUNT: '2',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
      // As actions/checkout does, which turns off the collection of garbage: the workspace lives for one job.
      GIT_CONFIG_KEY_1: 'maintenance.auto',
      GIT_CONFIG_VALUE_1: 'false',
    },
  });
  if (exitCode !== 0) throw new Error(`git ${args.join(' ')}: ${stderr.trim() || `exit code ${exitCode}`}`);
  return stdout;
}
