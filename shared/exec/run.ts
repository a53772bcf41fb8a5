import { spawn } from 'node:child_process';
import { whenAborted } from '../time/when-aborted.js';

/** A command as an argument vector; no shell ever sees it. */
export interface Command {
  argv: readonly [string, ...string[]];
  /** Milliseconds after which its process group is killed, and no output of what left that group is waited for. */
  timeoutMs: number;
  input?: string;
  cwd?: string;
  /** Variables beside PATH, HOME, LANG, TMPDIR and USER; nothing else of this process is handed on. */
  env?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
  /** Characters kept of each stream; one that writes more is ended. 1,048,576 when not given. */
  maxOutput?: number;
}

export interface Finished {
  /** Undefined when a signal ended it. */
  code: number | undefined;
  stdout: string;
  stderr: string;
  /** Why it was ended from here, when it was. */
  ended?: 'timeout' | 'cancelled' | 'too much output';
}

/** Output kept of each stream when the command says nothing else, in characters. */
const maxOutput = 1_048_576;

const inherited = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'USER', 'SSH_AUTH_SOCK'];

/** The variables a program gets: those that every one does, and its own. */
export function programEnvironment(own: Command['env']): Record<string, string> {
  const shared = inherited.flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name]] as const],
  );
  return { ...Object.fromEntries(shared), ...own };
}

/** Runs a command in a process group of its own and clean environment; rejects only when it cannot be started. */
export function runCommand(command: Command): Promise<Finished> {
  const [file, ...args] = command.argv;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: command.cwd,
      env: programEnvironment(command.env),
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    let ended: Finished['ended'];
    const output = { stdout: '', stderr: '' };
    const end = (why: NonNullable<Finished['ended']>) => {
      ended ??= why;
      try {
        if (child.pid) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // The group is gone already.
      }
      if (child.exitCode !== null || child.signalCode !== null) letGo();
      else child.once('exit', letGo);
    };
    // A process that left the group lives on, and may hold the streams open for as long as it likes.
    const letGo = () => {
      for (const stream of ['stdout', 'stderr'] as const) child[stream].destroy();
    };
    const timer = setTimeout(() => end('timeout'), command.timeoutMs);
    const leave = whenAborted(command.signal, () => end('cancelled'));
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (chunk: string) => {
        output[stream] += chunk;
        if (output[stream].length > (command.maxOutput ?? maxOutput)) end('too much output');
      });
    }
    const finish = () => {
      clearTimeout(timer);
      leave();
    };
    child.once('error', (error) => {
      finish();
      reject(new Error(`"${file}" could not be started: ${error.message}`));
    });
    child.once('close', (code) => {
      finish();
      resolve({ code: code ?? undefined, ...output, ...(ended ? { ended } : {}) });
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(command.input ?? '');
  });
}
