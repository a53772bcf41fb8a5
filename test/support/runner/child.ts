import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface Child {
  process: ChildProcess;
  /** The first line it printed, as JSON. */
  ready: Record<string, string>;
  /** All lines so far. */
  lines: string[];
  /** Exit code, once it ended and all it printed was read. */
  ended: Promise<number | null>;
}

/**
 * Starts a TypeScript main in its own process and waits for its first line; throws with its errors if it ends before.
 */
export async function startChild(...args: string[]): Promise<Child> {
  const child = spawn(process.execPath, ['--import', 'tsx', ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  const lines: string[] = [];
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk));
  const output = createInterface({ input: child.stdout });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const first = new Promise<void>((resolve) => output.once('line', () => resolve()));
  output.on('line', (text) => lines.push(text));
  const early = ended.then((code) => {
    if (lines.length === 0) throw new Error(`${args[0]} ended with ${code} before it was ready:\n${errors}`);
  });
  await Promise.race([first, early]);
  return { process: child, ready: JSON.parse(lines[0] ?? '') as Record<string, string>, lines, ended };
}
