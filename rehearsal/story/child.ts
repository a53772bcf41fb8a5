import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A process of the rehearsal that says in one JSON line when it is ready. */
export interface Child<Ready> {
  ready: Ready;
  /** JSON lines after the first. */
  onLine(listener: (line: unknown) => void): void;
  stop(): Promise<void>;
}

const children = new Set<ChildProcess>();
process.once('exit', () => children.forEach((child) => child.kill('SIGKILL')));

/** Starts a node script and waits for its ready line; one that dies first is an error with what it wrote. */
export function startChild<Ready>(
  script: string,
  args: readonly string[],
  nodeOptions: readonly string[] = [],
): Promise<Child<Ready>> {
  const child = spawn(process.execPath, [...nodeOptions, script, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  children.add(child);
  const listeners: ((line: unknown) => void)[] = [];
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors = (errors + chunk).slice(-4_000);
  });
  void gone.then(() => children.delete(child));
  return new Promise((resolve, reject) => {
    let first = true;
    child.once('exit', (code, signal) => {
      if (first) reject(new Error(`${script} ended (${signal ?? code}) before it was ready: ${errors}`));
    });
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = parse(text);
      if (line === undefined) return;
      if (!first) return listeners.forEach((listener) => listener(line));
      first = false;
      resolve({
        ready: line as Ready,
        onLine: (listener) => void listeners.push(listener),
        stop: async () => {
          child.kill('SIGTERM');
          const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
          await gone;
          clearTimeout(timer);
        },
      });
    });
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
