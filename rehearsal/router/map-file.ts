import { readFileSync } from 'node:fs';

export interface MapEntry {
  /** Stands for the address HAProxy prints, usable as `#<ref>`. */
  ref: string;
  key: string;
  value: string;
}

/** HAProxy gives its first map the number 2 when one frontend precedes it. */
export const MAP_ID = 2;

/** A map read from its file once; changes live in memory only, as in HAProxy. */
export class RuntimeMap {
  readonly file: string;
  readonly id = MAP_ID;
  entries: MapEntry[] = [];
  private refs = 0x55e1_3322_cd90;

  constructor(file: string) {
    this.file = file;
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      const [, key, value] = /^\s*([^#\s]\S*)\s+(.*?)\s*$/.exec(line) ?? [];
      if (key !== undefined && value !== undefined) this.add(key, value);
    }
  }

  /** Is this what a command called the map: its file, or `#` and its number? */
  isCalled(name: string): boolean {
    return name === this.file || name === `#${this.id}`;
  }

  lookUp(key: string): string | undefined {
    return this.entries.find((entry) => entry.key === key)?.value;
  }

  /** Entries with this key, or the one with this `#<ref>`. */
  select(keyOrRef: string): MapEntry[] {
    return this.entries.filter((entry) =>
      keyOrRef.startsWith('#') ? `#${entry.ref}` === keyOrRef : entry.key === keyOrRef,
    );
  }

  add(key: string, value: string): void {
    this.refs += 0x60;
    this.entries.push({ ref: `0x${this.refs.toString(16)}`, key, value });
  }

  remove(entries: readonly MapEntry[]): void {
    this.entries = this.entries.filter((entry) => !entries.includes(entry));
  }
}
