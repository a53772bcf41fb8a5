import { createInterface } from 'node:readline';
import { systemClock } from '../shared/runner/port.js';
import type { Clock } from '../shared/time/clock.js';

/** A terminal on which lines can be drawn over. */
export interface Screen {
  columns(): number;
  rows(): number;
  write(text: string): void;
}

/** The terminal a command runs in; tests pass their own. */
export interface Shell {
  env: Readonly<Record<string, string | undefined>>;
  /** Folder that relative paths start from. */
  cwd: string;
  clock: Clock;
  /** Uniform in [0, 1). */
  random: () => number;
  /** Whether people watch, and colours help. */
  colours: boolean;
  /**
   * The screen that standard output or error is shown on as it is written; undefined for pipes, files and terminals
   * that only print.
   */
  screen(stream: 'out' | 'err'): Screen | undefined;
  /** Writes a line to standard output: results only, so that it can be piped. */
  out(line: string): void;
  /** Writes a line to standard error. */
  err(line: string): void;
  /**
   * Asks the person at the terminal for one line; undefined when they end it (Ctrl-D). Left out where nobody is there.
   */
  ask?(question: string): Promise<string | undefined>;
  /** Calls the listener when the command is told to stop; returns how to stop listening. */
  onStop(listener: (signal: string) => void): () => void;
}

/** One subcommand: what `--help` says of it, and what it does. */
export interface Command {
  summary: string;
  usage: string;
  /** Returns the exit code; throws UsageError or ConfigurationError for what the caller got wrong. */
  run(args: readonly string[], shell: Shell): Promise<number>;
}

/** Exit codes of all commands. */
export const exitCodes = { pass: 0, fail: 1, error: 2 } as const;

/** The command line itself is wrong; nothing was done. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The terminal of this process. */
export function processShell(): Shell {
  return {
    env: process.env,
    cwd: startFolder(process.env) ?? process.cwd(),
    clock: systemClock,
    random: Math.random,
    colours: Boolean(process.stdout.isTTY) && !process.env['NO_COLOR'],
    screen: (name) => screenOf(name === 'out' ? process.stdout : process.stderr),
    ...(process.stdin.isTTY && process.stderr.isTTY ? { ask: askOnTerminal } : {}),
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
    onStop: (listener) => {
      const signals = ['SIGINT', 'SIGTERM'] as const;
      for (const signal of signals) process.on(signal, listener);
      return () => signals.forEach((signal) => process.off(signal, listener));
    },
  };
}

/** `npm run cli` in a clone is run in the folder of the clone; scripts of others that call us mean their own folder. */
function startFolder(env: NodeJS.ProcessEnv): string | undefined {
  const isOurs = env['npm_package_name'] === 'devops-actions' && env['npm_lifecycle_event'] === 'cli';
  return isOurs ? env['INIT_CWD'] : undefined;
}

async function askOnTerminal(question: string): Promise<string | undefined> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise<string | undefined>((resolve) => {
      terminal.once('close', () => resolve(undefined));
      terminal.question(question, resolve);
    });
  } finally {
    terminal.close();
  }
}

function screenOf(stream: NodeJS.WriteStream): Screen | undefined {
  if (!stream.isTTY || process.env['TERM'] === 'dumb' || process.env['CI']) return undefined;
  return {
    columns: () => stream.columns || 80,
    rows: () => stream.rows || 24,
    write: (text) => void stream.write(text),
  };
}
