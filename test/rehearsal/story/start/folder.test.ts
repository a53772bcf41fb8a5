import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  FolderError,
  takeFolder,
  takeFreeFolder,
  type Processes,
} from '../../../../rehearsal/story/start/folder.js';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'folder-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

const living = new Set<number>();
const now = () => new Date('2026-11-28T12:00:00Z');
/** A process of its own, which lives until the test says otherwise. */
function started(pid: number): Processes {
  living.add(pid);
  return { pid, now, alive: (other) => living.has(other) };
}

describe('the folder of a rehearsal', () => {
  it('is emptied of what the last rehearsal left', () => {
    const dir = join(parent, 'run');
    takeFolder(dir, started(1)).release();
    writeFileSync(join(dir, 'old.txt'), 'old');
    takeFolder(dir, started(2));
    expect(existsSync(join(dir, 'old.txt'))).toBe(false);
  });

  it('is refused while another rehearsal plays in it, and says which one and since when', () => {
    const dir = join(parent, 'run');
    takeFolder(dir, started(11));
    writeFileSync(join(dir, 'theirs.txt'), 'kept');
    expect(() => takeFolder(dir, started(12))).toThrow(
      `${dir} is used by another rehearsal: process 11, since 2026-11-28T12:00:00.000Z.`,
    );
    expect(readFileSync(join(dir, 'theirs.txt'), 'utf8')).toBe('kept');
  });

  it('is taken over from a rehearsal that died', () => {
    const dir = join(parent, 'run');
    takeFolder(dir, started(21));
    living.delete(21);
    expect(takeFolder(dir, started(22)).dir).toBe(dir);
    expect(() => takeFolder(dir, started(23))).toThrow('process 22');
  });

  it('is another one for each of those that play at once, and the first again when that is free', () => {
    const base = join(parent, '.rehearsal');
    const first = takeFreeFolder(base, started(31));
    const second = takeFreeFolder(base, started(32));
    expect([first.dir, second.dir]).toEqual([base, `${base}-2`]);
    expect(second.skipped).toEqual([{ dir: base, holder: { pid: 31, since: '2026-11-28T12:00:00.000Z' } }]);
    first.release();
    expect(takeFreeFolder(base, started(33)).dir).toBe(base);
  });

  it.each(['a lock that says nothing', '{"pid":"x"}', ''])('is free with the lock %j', (text) => {
    const dir = join(parent, 'run');
    mkdirSync(dir);
    writeFileSync(join(dir, 'rehearsal.lock'), text);
    expect(takeFolder(dir, started(41)).dir).toBe(dir);
  });

  it('is never somebody’s folder with other files', () => {
    writeFileSync(join(parent, 'thesis.txt'), 'years of work');
    expect(() => takeFolder(parent, started(51))).toThrow(FolderError);
    expect(readFileSync(join(parent, 'thesis.txt'), 'utf8')).toBe('years of work');
    expect(() => takeFolder(join(parent, 'thesis.txt'), started(51))).toThrow('is not a folder');
  });

  it('that cannot be made is an error that names it', () => {
    writeFileSync(join(parent, 'file'), '');
    expect(() => takeFolder(join(parent, 'file', 'run'), started(61))).toThrow(
      `${join(parent, 'file', 'run')} cannot be used`,
    );
  });
});
