import { mkdir, mkdtemp, open, readFile, realpath, rename, rm, rmdir, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand } from '../../exec/run.js';
import { RouterError } from '../router.js';
import { besideIt, lockOf, type Machine } from './machine.js';

/**
 * Longest wait for a file's lock, pause between two tries, and the age at which nobody holds it any more, in
 * milliseconds. A holder needs a few of them; who finds the lock of a run that was killed may be a rescue.
 */
const lockWithin = 20_000;
const lockEvery = 20;
const lockStale = 5_000;

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;

function emptyIfNone(error: unknown): string {
  if (codeOf(error) === 'ENOENT') return '';
  throw error;
}

/**
 * Writes a file beside another and renames it over that; in a folder of its own, so that nobody can have planted
 * something there.
 */
async function putInPlace(path: string, text: string): Promise<void> {
  const before = await stat(path).catch(() => undefined);
  const folder = await mkdtemp(besideIt(path));
  try {
    const mode = (before?.mode ?? 0o644) & 0o7777;
    const fresh = join(folder, 'new');
    const file = await open(fresh, 'wx', mode);
    try {
      await file.writeFile(text);
      // Only root may give a file away; a user may give it to a group of its own.
      if (before)
        await file
          .chown(before.uid, before.gid)
          .catch(() => file.chown(-1, before.gid).catch(() => undefined));
      await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Does something while no other run of this suite changes the file. */
async function locked<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = lockOf(path);
  for (let waited = 0; ; waited += lockEvery) {
    try {
      await mkdir(lock);
      break;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      const since = await stat(lock).catch(() => undefined);
      if (since && Date.now() - since.mtimeMs > lockStale) await rmdir(lock).catch(() => undefined);
      else if (waited >= lockWithin)
        throw new Error(`${lock} is held; remove it when no run changes the file`, { cause: error });
      await sleep(lockEvery);
    }
  }
  try {
    return await work();
  } finally {
    await rmdir(lock).catch(() => undefined);
  }
}

/** What a person does about an error of the file system. */
const fixes: Readonly<Record<string, string>> = {
  EACCES: 'let the user of this runner read and write the file and its folder',
  EPERM: 'let the user of this runner read and write the file and its folder',
  EROFS: 'mount the file system of this folder for writing',
  ENOSPC: 'free space on the disk of this folder, it is full',
  EDQUOT: 'raise the disk quota of the user of this runner, it is used up',
  ENOENT: 'make its folder, or correct the path in the traffic file',
  ENOTDIR: 'correct the path in the traffic file: a part of it is a file, not a folder',
  EISDIR: 'correct the path in the traffic file: it is a folder',
  EBUSY:
    'mount the folder of the file into the container, not the file alone: a mounted file cannot be replaced',
};

/** The machine this runs on. */
export function localTransport(node: string): Machine {
  const fail = (what: string, error: unknown): never => {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    const fix = fixes[code] ?? '';
    throw new RouterError(`Node "${node}": ${what} (${code})${fix && `. Fix: ${fix}`}.`, node);
  };
  return {
    async readFile(path) {
      try {
        return await readFile(path, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        return fail(`${path} could not be read`, error);
      }
    },
    async replaceFile(path, text, was) {
      try {
        // A link stays a link: what it points to is replaced.
        const target = await realpath(path).catch(() => path);
        if (was === undefined) {
          await putInPlace(target, text);
          return 'replaced';
        }
        return await locked(target, async () => {
          const found = await readFile(target, 'utf8').catch(emptyIfNone);
          if (found !== was) return 'changed';
          await putInPlace(target, text);
          return 'replaced';
        });
      } catch (error) {
        return fail(`${path} could not be replaced and was left as it was`, error);
      }
    },
    async run(argv, timeoutMs) {
      try {
        const { code, stdout, stderr, ended } = await runCommand({ argv, timeoutMs });
        if (ended || code === undefined)
          throw new RouterError(
            `Node "${node}": "${argv.join(' ')}" was ended (${ended ?? 'by a signal'}).`,
            node,
          );
        return { code, stdout, stderr };
      } catch (error) {
        if (error instanceof RouterError) throw error;
        return fail(`"${argv.join(' ')}" could not be run`, error);
      }
    },
    connect: (endpoint) => ('socket' in endpoint ? connect(endpoint.socket) : connect(endpoint)),
  };
}
