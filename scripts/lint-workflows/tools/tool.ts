import { spawn } from 'node:child_process';
import type { Finding } from '../finding.js';
import type { Stage } from '../stage.js';

/** A linter of others: what it finds in a stage. It throws {@link ToolFailure} if it could not look. */
export interface Tool {
  readonly name: string;
  find(stage: Stage): Promise<Finding[]>;
}

/** A linter that did not do its work: its silence means nothing. */
export class ToolFailure extends Error {}

const patienceMs = 120_000;

/** Runs a linter in a stage and returns its output; throws for an exit code that means it failed to look. */
export async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  isFine: (code: number | null) => boolean,
): Promise<string> {
  const child = spawn(command, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: AbortSignal.timeout(patienceMs),
    env: { ...process.env, RUST_BACKTRACE: '0' },
  });
  let out = '';
  let error = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (error += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', (cause) =>
      reject(new ToolFailure(`${command} did not run to its end: ${cause.message}`)),
    );
    child.on('close', resolve);
  });
  if (!isFine(code)) throw new ToolFailure(`${command} ended with ${code}: ${error.trim() || out.trim()}`);
  return out;
}
