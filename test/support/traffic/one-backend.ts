import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RouterConfig } from '../../../rehearsal/router/config.js';

/** A router configuration with one backend `app` in a folder of its own; `remove` deletes the folder. */
export function oneBackend(
  ports: readonly number[],
  timeouts: RouterConfig['timeouts'] = {},
): { config: RouterConfig; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'router-'));
  const file = join(folder, 'live.map');
  writeFileSync(file, 'live app\n');
  const servers = Object.fromEntries(
    ports.map((port, index) => [`s${index}`, { address: `127.0.0.1:${port}` }]),
  );
  return {
    config: {
      listen: '127.0.0.1:0',
      socket: join(folder, 'api.sock'),
      map: { file, key: 'live', default: 'app' },
      backends: { app: { servers } },
      timeouts,
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
