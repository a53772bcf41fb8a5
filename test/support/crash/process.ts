import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPairs } from '../../../rehearsal/runner/run/step/file-commands.js';

/** What the runner sends on Cancel, and how long it waits after each (milliseconds). */
const ladder = [
  { signal: 'SIGINT', waitMs: 7_500 },
  { signal: 'SIGTERM', waitMs: 2_500 },
  { signal: 'SIGKILL', waitMs: 0 },
] as const;

export type Signal = (typeof ladder)[number]['signal'];

export interface StepEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  printed: string;
  outputs: Record<string, string>;
  /** What the step saved for post. */
  state: Record<string, string>;
  ms: number;
}

/** A step that runs as the runner runs it: a script of the release tree with node, in a process of its own. */
export interface StepProcess {
  ended: Promise<StepEnd>;
  /** Sends this signal and the runner's further ones, as long as the process is there. */
  cancel(from: Signal): void;
  /** Resolves when the process has taken note of a signal, or is over. */
  heard: Promise<void>;
}

/** Starts a script with the environment of a step; `folder` takes its file commands. */
export function startStep(
  argv: readonly string[],
  folder: string,
  env: Readonly<Record<string, string>>,
): StepProcess {
  mkdirSync(folder, { recursive: true });
  const file = (name: string) => join(folder, name);
  const commands = ['GITHUB_STATE', 'GITHUB_OUTPUT', 'GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_STEP_SUMMARY'];
  for (const name of commands) writeFileSync(file(name), '');
  const start = Date.now();
  const child = spawn(process.execPath, argv, {
    env: { ...Object.fromEntries(commands.map((name) => [name, file(name)])), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  const heard = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        printed += chunk;
        if (printed.includes('Received SIG')) resolve();
      });
  });
  const timers: NodeJS.Timeout[] = [];
  const pairs = (name: string) => Object.fromEntries(readPairs(readFileSync(file(name), 'utf8')));
  const ended = new Promise<StepEnd>((resolve) => {
    // Children that outlive the step may keep its output open, so its exit is what counts.
    child.once('exit', (code, signal) => {
      timers.forEach(clearTimeout);
      setImmediate(() =>
        resolve({
          code,
          signal,
          printed,
          outputs: pairs('GITHUB_OUTPUT'),
          state: pairs('GITHUB_STATE'),
          ms: Date.now() - start,
        }),
      );
    });
  });
  return { ended, heard, cancel: (from) => climb(child, from, timers) };
}

function climb(child: ChildProcess, from: Signal, timers: NodeJS.Timeout[]): void {
  let due = 0;
  for (const { signal, waitMs } of ladder.slice(ladder.findIndex((rung) => rung.signal === from))) {
    if (due === 0) child.kill(signal);
    else timers.push(setTimeout(() => child.kill(signal), due));
    due += waitMs;
  }
}
