import { execFile } from 'node:child_process';

/** Runs git apart from the user's configuration and resolves its stdout; rejects with what git said. */
export function git(
  args: readonly string[],
  { cwd, gitDir, signal }: { cwd?: string; gitDir?: string; signal?: AbortSignal },
): Promise<string> {
  const env = {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: '/nonexistent',
    LANG: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'safe.directory',
    GIT_CONFIG_VALUE_0: '*',
  };
  const all = [...(gitDir !== undefined ? ['--git-dir', gitDir] : []), ...args];
  return new Promise((resolve, reject) => {
    execFile('git', all, { cwd, env, signal, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`git ${args.join(' ')}: ${stderr.trim() || error.message}`));
    });
  });
}
