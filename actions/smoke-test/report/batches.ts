/** Lines that are written a number at a time. */
export interface Batches {
  add(line: string): void;
  /** Writes what is left. */
  flush(): void;
}

/** Hands lines on `size` at a time, as one text. */
export function inBatches(size: number, write: (text: string) => void): Batches {
  let waiting: string[] = [];
  const flush = () => {
    if (waiting.length > 0) write(waiting.join('\n'));
    waiting = [];
  };
  const add = (line: string) => {
    if (waiting.push(line) >= size) flush();
  };
  return { add, flush };
}
