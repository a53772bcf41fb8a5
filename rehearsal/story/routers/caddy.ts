import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { EntryPlan, StartedEntry } from './entry-plan.js';
import { freePorts } from '../ports.js';
import { startServer } from './server.js';

const install = join('scripts', 'install', 'caddy.sh');

/** Where Caddy is, or will be once it is built. */
export const caddyProgram = (): string => execFileSync(install, ['--path'], { encoding: 'utf8' }).trim();

/** Builds Caddy from source, in minutes; rejects with what the compiler wrote. */
export async function buildCaddy(): Promise<void> {
  await promisify(execFile)(install, { maxBuffer: 16 * 1024 * 1024 });
}

/** The real Caddy, which must be built, switched by a file that it reads at each request. */
export async function startCaddy({ environment, dir, ports }: EntryPlan): Promise<StartedEntry> {
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
  const child = await startServer([caddyProgram(), 'run', '--config', config], port!, storage);
  const nodes = [{ name: 'edge-1', probe: `${url}/-/live` }];
  const values = { blue: 'blue', green: 'green' };
  return { entry: { url, router: { type: 'caddy', nodes, file, values } }, child };
}
