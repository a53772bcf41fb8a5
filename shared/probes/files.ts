import { open, realpath } from 'node:fs/promises';
import { join, relative, isAbsolute } from 'node:path';

/** The bytes of a file below a folder, or why they cannot be had; links that lead out of the folder are refused. */
export async function readBelow(
  folder: string,
  path: string,
  maxBytes: number,
): Promise<{ ok: true; bytes: Buffer } | { ok: false; reason: string }> {
  try {
    const target = await realpath(join(folder, path));
    const below = relative(await realpath(folder), target);
    if (below === '' || below.startsWith('..') || isAbsolute(below))
      return { ok: false, reason: 'a path that leads out of the workspace' };
    const file = await open(target);
    try {
      const { size } = await file.stat();
      if (size > maxBytes) return { ok: false, reason: `${size} bytes, more than ${maxBytes}` };
      return { ok: true, bytes: await file.readFile() };
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    return { ok: false, reason: code === 'ENOENT' ? 'no such file' : code };
  }
}
