import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { gitEnvironment } from './run.js';

export interface RawObject {
  oid: string;
  type: 'blob' | 'tree' | 'commit' | 'tag';
  content: Buffer;
}

interface Waiting {
  resolve: (object: RawObject | null) => void;
  reject: (error: Error) => void;
}

/** Reads objects through one long-lived `git cat-file --batch`: about 0.1 ms an object instead of a process each. */
export class ObjectReader {
  private child: ChildProcessWithoutNullStreams | null = null;
  private waiting: Waiting[] = [];
  private chunks: Buffer[] = [];
  private buffered = 0;
  private needed = 1;

  constructor(private readonly gitDir: string) {}

  /** The object that `name` means (an oid, a ref, or `commit:path`), or null when there is none. */
  read(name: string): Promise<RawObject | null> {
    if (name === '' || name.includes('\n')) return Promise.resolve(null);
    const child = this.start();
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      child.stdin.write(`${name}\n`);
    });
  }

  close(): void {
    this.child?.kill();
    this.child = null;
  }

  private start(): ChildProcessWithoutNullStreams {
    if (this.child !== null) return this.child;
    const child = spawn('git', [`--git-dir=${this.gitDir}`, 'cat-file', '--batch'], { env: gitEnvironment });
    child.stdout.on('data', (chunk: Buffer) => this.receive(chunk));
    child.stderr.resume();
    child.stdin.on('error', () => undefined);
    const ended = (): void => {
      if (this.child === child) this.child = null;
      const waiting = this.waiting;
      this.waiting = [];
      this.chunks = [];
      this.buffered = 0;
      this.needed = 1;
      for (const one of waiting) one.reject(new Error(`git cat-file ended in ${this.gitDir}`));
    };
    child.on('error', ended);
    child.on('close', ended);
    // An idle reader must not keep its process alive.
    child.unref();
    for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as unknown as Socket).unref();
    this.child = child;
    return child;
  }

  private receive(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.buffered += chunk.length;
    // Joining is put off until a whole answer is there, so that a large blob is copied once, not per chunk.
    if (this.buffered < this.needed) return;
    let buffer: Buffer = Buffer.concat(this.chunks);
    for (;;) {
      const answer = takeAnswer(buffer);
      if (typeof answer === 'number') {
        this.needed = answer;
        break;
      }
      buffer = answer.rest;
      this.waiting.shift()?.resolve(answer.object);
    }
    this.chunks = [buffer];
    this.buffered = buffer.length;
  }
}

/** One answer off the front of the stream, or how many bytes are needed before there can be one. */
function takeAnswer(buffer: Buffer): { object: RawObject | null; rest: Buffer } | number {
  const lineEnd = buffer.indexOf(10);
  if (lineEnd < 0) return buffer.length + 1;
  const header = /^([0-9a-f]{40,64}) (blob|tree|commit|tag) (\d+)$/.exec(buffer.toString('utf8', 0, lineEnd));
  if (header === null) return { object: null, rest: buffer.subarray(lineEnd + 1) };
  const [, oid = '', type, size = '0'] = header;
  const end = lineEnd + 1 + Number(size);
  if (buffer.length < end + 1) return end + 1;
  const content = Buffer.from(buffer.subarray(lineEnd + 1, end));
  return { object: { oid, type: type as RawObject['type'], content }, rest: buffer.subarray(end + 1) };
}
