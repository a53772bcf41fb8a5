import { spawn, type ChildProcess } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';
import type { Timings } from '../../request.js';

/** What to start and who reads it. */
export interface StepProcess {
  file: string;
  args: readonly string[];
  cwd: string;
  env: Record<string, string>;
  onLine: (line: string) => void;
  /** SIGINT, SIGTERM, SIGKILL to this one process, with the waits of {@link Timings}. */
  cancel: AbortSignal;
  /** SIGKILL at once: the machine is gone. */
  dead: AbortSignal;
  timings: Timings;
}

/** Splits chunks into lines at \n, \r\n and \r. */
function lineReader(onLine: (line: string) => void): { push: (chunk: Buffer) => void; end: () => void } {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const feed = (text: string, final: boolean) => {
    rest += text;
    // A \r at the end of a chunk may be the first half of \r\n.
    const held = !final && rest.endsWith('\r') ? '\r' : '';
    const lines = rest.slice(0, rest.length - held.length).split(/\r\n|\n|\r/);
    rest = (lines.pop() ?? '') + held;
    lines.forEach(onLine);
  };
  return {
    push: (chunk) => feed(decoder.write(chunk), false),
    end: () => {
      feed(decoder.end(), true);
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}

function signalLadder(child: ChildProcess, timings: Timings): () => void {
  const timers: NodeJS.Timeout[] = [];
  child.kill('SIGINT');
  timers.push(
    setTimeout(() => {
      child.kill('SIGTERM');
      timers.push(setTimeout(() => child.kill('SIGKILL'), timings.sigtermMs));
    }, timings.sigintMs),
  );
  return () => timers.forEach(clearTimeout);
}

/**
 * Runs a process to its end and resolves its exit code (128 when a signal ended it); rejects when it cannot be
 * started. Output that children keep open after that is awaited no longer than `timings.drainMs`.
 */
export function runProcess(request: StepProcess): Promise<number> {
  const { cancel, dead, timings } = request;
  return new Promise((resolve, reject) => {
    const child = spawn(request.file, request.args, {
      cwd: request.cwd,
      env: request.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const readers = [child.stdout, child.stderr].map((stream) => {
      const reader = lineReader(request.onLine);
      stream.on('data', reader.push);
      return reader;
    });
    let stopLadder: (() => void) | undefined;
    let drain: NodeJS.Timeout | undefined;
    const onCancel = () => (stopLadder = signalLadder(child, timings));
    const onDead = () => child.kill('SIGKILL');

    const finish = () => {
      clearTimeout(drain);
      stopLadder?.();
      cancel.removeEventListener('abort', onCancel);
      dead.removeEventListener('abort', onDead);
      child.stdout.destroy();
      child.stderr.destroy();
      readers.forEach((reader) => reader.end());
    };
    child.once('error', (error) => {
      finish();
      reject(error);
    });
    const end = (code: number | null) => {
      finish();
      resolve(code ?? 128);
    };
    child.once('exit', (code) => {
      drain = setTimeout(() => end(code), timings.drainMs);
    });
    child.once('close', end);

    if (cancel.aborted) onCancel();
    else cancel.addEventListener('abort', onCancel, { once: true });
    if (dead.aborted) onDead();
    else dead.addEventListener('abort', onDead, { once: true });
  });
}
