import { getExecOutput, type ExecOutput } from '@actions/exec';

/**
 * Runs a tool that needs no input, deadline or process group, in an environment of PATH and `env` alone; rejects only
 * when it cannot be started.
 */
export function runTool(
  file: string,
  args: readonly string[],
  { cwd, env }: { cwd?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<ExecOutput> {
  // The command line is cut at spaces, and quotes keep a path whole.
  return getExecOutput(`"${file.replaceAll('"', '\\"')}"`, [...args], {
    ...(cwd !== undefined ? { cwd } : {}),
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', ...env },
    silent: true,
    ignoreReturnCode: true,
  });
}
