import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EntryPlan, StartedEntry } from './entry-plan.js';
import { freePorts } from './ports.js';
import { startServer } from './server.js';

const install = join('scripts', 'install', 'caddy.sh');

/** The real Caddy, switched by a file that it reads at each request; built first where it never was. */
export async function startCaddy({ environment, dir, ports }: EntryPlan): Promise<StartedEntry> {
  const caddy = execFileSync(install, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
  const [port] = await freePorts(1);
  const place = join(dir, `${environment}.caddy`);
  mkdirSync(place, { recursive: true });
  const file = join(place, 'live');
  const config = join(place, 'Caddyfile');
  writeFileSync(file, 'blue\n');
  writeFileSync(
    config,
    `{
	admin off
	auto_https off
	persist_config off
	log {
		level ERROR
	}
}
http://127.0.0.1:${port} {
	respond /-/live {file.${file}}
	@green vars {file.${file}} green
	reverse_proxy @green 127.0.0.1:${ports['green']}
	reverse_proxy 127.0.0.1:${ports['blue']}
}
`,
  );
  const url = `http://127.0.0.1:${port}`;
  const storage = { XDG_CONFIG_HOME: place, XDG_DATA_HOME: place };
  const child = await startServer([caddy, 'run', '--config', config], port!, storage);
  const nodes = [{ name: 'edge-1', probe: `${url}/-/live` }];
  const values = { blue: 'blue', green: 'green' };
  return { entry: { url, router: { type: 'caddy', nodes, file, values } }, child };
}
