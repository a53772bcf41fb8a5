import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EntryPlan, StartedEntry } from './entry-plan.js';
import { freePorts } from '../ports.js';
import { startServer } from './server.js';
import { serverProgram } from '../start/programs.js';

/** Between two health checks of a server, in milliseconds; the idle colour is down until it is deployed. */
export const checkEvery = 500;

/** The real HAProxy in place of the embedded router; it must be installed. */
export async function startHaproxy({ environment, dir, ports }: EntryPlan): Promise<StartedEntry> {
  const [port] = await freePorts(1);
  const socket = join(dir, `${environment}.sock`);
  const map = writeMap(dir, environment);
  const config = join(dir, `${environment}.haproxy.cfg`);
  const backend = (colour: string) =>
    `backend shop_${colour}\n  server ${colour}1 127.0.0.1:${ports[colour]} check inter ${checkEvery}ms\n`;
  writeFileSync(
    config,
    `global
  stats socket ${socket} mode 600 level admin
  maxconn 2000
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
frontend entry
  bind 127.0.0.1:${port}
  use_backend %[str(shop),map(${map},shop_blue)]
${Object.keys(ports).map(backend).join('')}`,
  );
  const child = await startServer([serverProgram('haproxy'), '-db', '-f', config], port!);
  return { entry: { url: `http://127.0.0.1:${port}`, router: haproxySection(socket, map) }, child };
}

/** The map that says blue, as before a first switch; its path. */
export function writeMap(dir: string, environment: string): string {
  const map = join(dir, `${environment}.map`);
  writeFileSync(map, '# key backend\nshop shop_blue\n');
  return map;
}

/** The router section for one HAProxy, or what speaks as it does. */
export function haproxySection(socket: string, map: string): object {
  return {
    type: 'haproxy',
    mode: 'map',
    nodes: [{ name: 'edge-1', socket }],
    map,
    key: 'shop',
    backends: { blue: 'shop_blue', green: 'shop_green' },
  };
}
