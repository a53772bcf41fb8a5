import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, open, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What a file is known by. */
export interface FileFacts {
  size: number;
  sha256: string;
}

/** Size and SHA-256 of a file of any size; undefined when there is none. */
export async function fileFacts(path: string): Promise<FileFacts | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return { size: found.size, sha256: hash.digest('hex') };
}

/** A file that only its owner can read, in a folder made for it; what writes it later keeps that. */
export async function privateFile(path: string, text = ''): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await (await open(path, 'w', 0o600)).close();
  await chmod(path, 0o600);
  await writeFile(path, text);
}

export const removeFile = (path: string): Promise<void> => rm(path, { force: true });
