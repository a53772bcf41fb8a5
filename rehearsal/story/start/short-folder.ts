import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A path that every router's configuration takes unquoted, with room for a socket: its path may have about 100 bytes.
 */
const fits = (path: string) => /^\/[\w./-]{1,60}$/.test(path);

/** A new folder for what routers read, such as sockets and maps, wherever the clone is. */
export function shortFolder(): { dir: string; remove: () => void } {
  const parent = [tmpdir(), '/tmp'].find(fits) ?? '/tmp';
  const dir = mkdtempSync(join(parent, 'rehearsal-'));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
