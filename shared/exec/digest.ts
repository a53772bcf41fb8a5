import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import { programEnvironment, type Command } from './run.js';

/** A digest of what a program printed, or why there is none. */
export type Digested = { ok: true; sha256: string; lines: number } | { ok: false; why: string };

/** SHA-256 over the lines that a program prints, however many, without those that `leaves` leaves out. */
export function digestOutput(
  command: Pick<Command, 'argv' | 'env' | 'cwd' | 'timeoutMs'>,
  leaves: (line: string) => boolean,
): Promise<Digested> {
  const [file, ...args] = command.argv;
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: command.cwd,
      env: programEnvironment(command.env),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: command.timeoutMs,
      killSignal: 'SIGKILL',
    });
    const hash = createHash('sha256');
    let [lines, message] = [0, ''];
    // Latin 1 keeps every byte what it is.
    const reader = createInterface({ input: child.stdout.setEncoding('latin1'), crlfDelay: 0 });
    reader.on('line', (line) => {
      if (leaves(line)) return;
      lines++;
      hash.update(`${line}\n`, 'latin1');
    });
    const read = new Promise((done) => reader.once('close', done));
    child.stderr
      .setEncoding('utf8')
      .on('data', (chunk: string) => (message = (message + chunk).slice(-2_000)));
    child.once('error', (error) =>
      resolve({ ok: false, why: `"${file}" could not be started: ${error.message}` }),
    );
    child.once('close', (code, signal) => {
      void read.then(() =>
        resolve(
          code === 0
            ? { ok: true, sha256: hash.digest('hex'), lines }
            : { ok: false, why: `${file} ended with ${code ?? signal}: ${message.trim()}` },
        ),
      );
    });
  });
}
