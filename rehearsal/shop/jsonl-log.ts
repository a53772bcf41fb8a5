import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';

const NEWLINE = 10;

/**
 * An append-only file of JSON lines that several processes write at once. Records reach `apply` only by
 * being read back, in file order, so all processes agree on which of two rivals came first.
 */
export class JsonlLog<Record> {
  private readonly fd: number | undefined;
  private readonly apply: (record: Record) => void;
  private offset = 0;

  /** Without a file the records live in this process only. */
  constructor(file: string | undefined, apply: (record: Record) => void) {
    this.fd = file === undefined ? undefined : openSync(file, 'a+');
    this.apply = apply;
  }

  append(record: Record): void {
    if (this.fd === undefined) return this.apply(record);
    // The leading newline ends a line that a killed writer left half written.
    writeSync(this.fd, `\n${JSON.stringify(record)}\n`);
    this.catchUp();
  }

  /** Applies what other processes appended since the last look. */
  catchUp(): void {
    if (this.fd === undefined) return;
    const fresh = Buffer.alloc(fstatSync(this.fd).size - this.offset);
    if (fresh.length === 0) return;
    readSync(this.fd, fresh, 0, fresh.length, this.offset);
    const complete = fresh.lastIndexOf(NEWLINE) + 1;
    this.offset += complete;
    for (const line of fresh.subarray(0, complete).toString('utf8').split('\n')) {
      const record = parsed<Record>(line);
      if (record !== undefined) this.apply(record);
    }
  }

  close(): void {
    if (this.fd !== undefined) closeSync(this.fd);
  }
}

function parsed<Record>(line: string): Record | undefined {
  if (line === '') return undefined;
  try {
    return JSON.parse(line) as Record;
  } catch {
    return undefined;
  }
}
