import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import * as net from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RouterConfig } from '../../../rehearsal/router/config.js';
import { routerConformance } from '../../support/traffic/routers/router-conformance.js';

const READY_MS = 5_000;

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** The configuration a team would write for the same backends. */
function haproxyConfig(config: RouterConfig, port: number): string {
  const { map, backends } = config;
  const lines = [
    'global',
    `  stats socket ${config.socket} mode 600 level admin`,
    'defaults',
    '  mode http',
    '  option forwardfor',
    '  timeout connect 200ms',
    '  timeout client 10s',
    '  timeout server 10s',
    '  timeout http-keep-alive 75s',
    'frontend entry',
    `  bind 127.0.0.1:${port}`,
    `  use_backend %[str(${map.key}),map(${map.file},${map.default})]`,
  ];
  for (const [name, { servers }] of Object.entries(backends)) {
    lines.push(`backend ${name}`);
    for (const [server, { address, weight }] of Object.entries(servers)) {
      lines.push(`  server ${server} ${address}${weight === undefined ? '' : ` weight ${weight}`}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

async function ready(
  haproxy: ChildProcess,
  socket: string,
  port: number,
  errors: () => string,
): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while (!(existsSync(socket) && (await accepts(port)))) {
    if (haproxy.exitCode !== null || Date.now() > deadline)
      throw new Error(`haproxy did not start:\n${errors()}`);
    await sleep(20);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.connect(port, '127.0.0.1');
    probe.once('connect', () => resolve(true)).once('error', () => resolve(false));
    probe.once('connect', () => probe.destroy());
  });
}

routerConformance('HAProxy', async (config) => {
  if (spawnSync('haproxy', ['-v']).status !== 0) {
    throw new Error(
      'haproxy is not on the PATH: install it (Debian: apt-get install haproxy) and run this again',
    );
  }
  const port = await freePort();
  const file = join(dirname(config.socket), 'haproxy.cfg');
  writeFileSync(file, haproxyConfig(config, port));
  const haproxy = spawn('haproxy', ['-db', '-f', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  haproxy.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk));
  await ready(haproxy, config.socket, port, () => errors);
  return {
    url: `http://127.0.0.1:${port}`,
    socket: config.socket,
    stop: async () => {
      haproxy.kill('SIGTERM');
      if (haproxy.exitCode === null) await once(haproxy, 'exit');
    },
  };
});
