import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startCaddy } from './caddy.js';
import { startChild } from '../child.js';
import type { EntryPlan, RouterChoice, StartedEntry } from './entry-plan.js';
import { checkEvery, haproxySection, startHaproxy, writeMap } from './haproxy.js';
import { startNginx } from './nginx.js';

/** Starts the chosen router; `embedded` is the script of the one that needs nothing installed. */
export function startEntry(choice: RouterChoice, plan: EntryPlan, embedded: string): Promise<StartedEntry> {
  switch (choice) {
    case 'embedded':
      return startEmbedded(plan, embedded);
    case 'haproxy':
      return startHaproxy(plan);
    case 'nginx':
      return startNginx(plan);
    case 'caddy':
      return startCaddy(plan);
  }
}

async function startEmbedded({ environment, dir, ports }: EntryPlan, script: string): Promise<StartedEntry> {
  const map = writeMap(dir, environment);
  const socket = join(dir, `${environment}.sock`);
  const config = join(dir, `${environment}.router.json`);
  const backends = Object.fromEntries(
    Object.entries(ports).map(([colour, port]) => [
      `shop_${colour}`,
      { servers: { [`${colour}1`]: { address: `127.0.0.1:${port}`, check: checkEvery } } },
    ]),
  );
  writeFileSync(
    config,
    JSON.stringify({
      listen: '127.0.0.1:0',
      socket,
      map: { file: map, key: 'shop', default: 'shop_blue' },
      backends,
    }),
  );
  const child = await startChild<{ url: string }>(script, ['--config', config]);
  return { entry: { url: child.ready.url, router: haproxySection(socket, map) }, child };
}
