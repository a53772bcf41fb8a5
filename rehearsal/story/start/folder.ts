import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../runner/message-of.js';

const lockName = 'rehearsal.lock';

/** Who uses a folder. */
export interface Holder {
  pid: number;
  /** ISO 8601, UTC. */
  since: string;
}

/** What this process is, and which others still run; tests pass their own. */
export interface Processes {
  pid: number;
  now: () => Date;
  alive: (pid: number) => boolean;
}

export interface Taken {
  dir: string;
  /** Gives the folder back; what is in it stays. */
  release: () => void;
}

/** The folder cannot be used; the message says who or what is in the way. */
export class FolderError extends Error {
  override readonly name = 'FolderError';
}

/**
 * Takes the first of `base`, `base-2`, `base-3` … that no living rehearsal holds, and empties it. `skipped` are those
 * held.
 */
export function takeFreeFolder(
  base: string,
  processes: Processes,
): Taken & { skipped: { dir: string; holder: Holder }[] } {
  const skipped: { dir: string; holder: Holder }[] = [];
  for (let n = 1; ; n++) {
    const dir = n === 1 ? base : `${base}-${n}`;
    const taken = tryFolder(dir, processes);
    if ('release' in taken) return { ...taken, skipped };
    skipped.push({ dir, holder: taken });
  }
}

/** Takes and empties one folder. Throws FolderError while a living rehearsal holds it. */
export function takeFolder(dir: string, processes: Processes): Taken {
  refuseForeign(dir);
  const taken = tryFolder(dir, processes);
  if ('release' in taken) return taken;
  throw new FolderError(
    `${dir} is used by another rehearsal: process ${taken.pid}, since ${taken.since}. Fix: wait for it, or name another --dir.`,
  );
}

function tryFolder(dir: string, processes: Processes): Taken | Holder {
  try {
    return lockAndEmpty(dir, processes);
  } catch (error) {
    throw new FolderError(`${dir} cannot be used: ${messageOf(error)}. Fix: name another --dir.`);
  }
}

function lockAndEmpty(dir: string, processes: Processes): Taken | Holder {
  mkdirSync(dir, { recursive: true });
  const lock = join(dir, lockName);
  const own = JSON.stringify({ pid: processes.pid, since: processes.now().toISOString() } satisfies Holder);
  while (!create(lock, own, processes.pid)) {
    const text = readOrNothing(lock);
    if (text === undefined) continue;
    const holder = parseHolder(text);
    if (holder && processes.alive(holder.pid)) return holder;
    removeStale(lock, text, processes.pid);
  }
  for (const name of readdirSync(dir)) {
    if (!name.startsWith(lockName)) rmSync(join(dir, name), { recursive: true, force: true });
  }
  return {
    dir,
    release: () => {
      if (readOrNothing(lock) === own) writeFileSync(lock, '');
    },
  };
}

/** The folder is emptied: one that holds anything but a rehearsal is somebody's work. */
function refuseForeign(dir: string): void {
  if (!existsSync(dir)) return;
  if (!statSync(dir).isDirectory()) throw new FolderError(`${dir} is not a folder. Fix: name another --dir.`);
  const names = readdirSync(dir);
  if (names.length > 0 && !names.some((name) => name.startsWith(lockName)))
    throw new FolderError(
      `${dir} holds files that are not from a rehearsal, and the rehearsal would delete them. Fix: name a new or empty folder with --dir.`,
    );
}

/** Whether the file was made, whole at once: a reader never finds half of it. */
function create(file: string, text: string, pid: number): boolean {
  const draft = `${file}.new.${pid}`;
  writeFileSync(draft, text);
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function readOrNothing(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Moves the lock of a dead process away; one that somebody took since it was read is put back. */
function removeStale(lock: string, read: string, pid: number): void {
  const aside = `${lock}.old.${pid}`;
  try {
    renameSync(lock, aside);
    if (readFileSync(aside, 'utf8') !== read) linkSync(aside, lock);
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
  rmSync(aside, { force: true });
}

function parseHolder(text: string): Holder | undefined {
  try {
    const { pid, since } = JSON.parse(text) as Partial<Holder>;
    return typeof pid === 'number' && typeof since === 'string' ? { pid, since } : undefined;
  } catch {
    return undefined;
  }
}
