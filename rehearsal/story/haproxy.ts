import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Child } from './child.js';
import { freePorts, type Entry } from './ports.js';

interface HaproxyPlan {
  environment: string;
  ports: Readonly<Record<string, number>>;
  dir: string;
  socket: string;
  map: string;
}

/** The real HAProxy in place of the embedded router; it must be installed. */
export async function startHaproxy(plan: HaproxyPlan): Promise<{ entry: Entry; child: Child<unknown> }> {
  const [port] = await freePorts(1);
  const config = join(plan.dir, `${plan.environment}.haproxy.cfg`);
  writeFileSync(config, haproxyConfig(plan, port!));
  const haproxy = spawn('haproxy', ['-db', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  haproxy.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk;
  });
  const gone = new Promise<string>((resolve) => {
    haproxy.once('error', (error) =>
      resolve(`haproxy could not be started (${error.message}); install it, or leave out --router haproxy`),
    );
    haproxy.once('exit', (code) => resolve(`haproxy ended with ${code}: ${errors}`));
  });
  process.once('exit', () => haproxy.kill('SIGKILL'));
  const failed = await Promise.race([gone, listening(port!)]);
  if (failed) throw new Error(failed);
  const stop = async () => {
    haproxy.kill('SIGKILL');
    await gone;
  };
  return {
    entry: { url: `http://127.0.0.1:${port}`, socket: plan.socket, map: plan.map },
    child: { ready: undefined, onLine: () => undefined, stop },
  };
}

function haproxyConfig({ ports, socket, map }: HaproxyPlan, port: number): string {
  const backend = (colour: string) =>
    `backend shop_${colour}\n  server ${colour}1 127.0.0.1:${ports[colour]}\n`;
  return `global
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
${Object.keys(ports).map(backend).join('')}`;
}

async function listening(port: number): Promise<undefined> {
  for (let tries = 0; tries < 200; tries++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) return undefined;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return undefined;
}
