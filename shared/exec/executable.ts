import { isAbsolute, join } from 'node:path';
import { runCommand } from './run.js';

/** Whether something can be done, and why not. */
export type Able = { ok: true } | { ok: false; why: string };

/** Where executables of the team are, and what they may see. */
export interface ExecutablePorts {
  /** Folder of the checked-out repository. */
  workspace: string;
  /** A variable of the step. */
  variable(name: string): string | undefined;
}

const pathOf = (file: string, workspace: string) => (isAbsolute(file) ? file : join(workspace, file));

/** Whether an executable of the team is there. */
export async function executable(
  file: string,
  { workspace }: Pick<ExecutablePorts, 'workspace'>,
): Promise<Able> {
  const { code } = await runCommand({ argv: ['test', '-x', pathOf(file, workspace)], timeoutMs: 10_000 });
  return code === 0
    ? { ok: true }
    : {
        ok: false,
        why: `${file} is no executable of the workspace. Fix: check the repository out before this step, add the file and run  git update-index --chmod=+x ${file}`,
      };
}

/** Runs an executable of the team with the variables that the input pass-env names; `why` it failed, if it did. */
export async function runExecutable(
  file: string,
  args: readonly string[],
  ports: ExecutablePorts & {
    given: { 'pass-env': readonly string[]; 'strategy-timeout': number };
    signal?: AbortSignal;
  },
): Promise<{ ok: true; stdout: string } | Extract<Able, { ok: false }>> {
  const { given, workspace, variable } = ports;
  const env = Object.fromEntries(
    given['pass-env'].flatMap((name) => {
      const value = variable(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const ran = await runCommand({
    argv: [pathOf(file, workspace), ...args],
    cwd: workspace,
    env,
    timeoutMs: given['strategy-timeout'],
    ...(ports.signal ? { signal: ports.signal } : {}),
  }).catch((error: Error) => error);
  // Thrown, it would end the watch before the release is rolled back.
  if (ran instanceof Error) return { ok: false, why: ran.message };
  const { code, stdout, stderr, ended } = ran;
  if (code === 0) return { ok: true, stdout };
  const said = (stderr.trim() || stdout.trim()).slice(-500);
  return { ok: false, why: `${file} ended with ${ended ?? code ?? 'a signal'}${said ? `: ${said}` : ''}` };
}
