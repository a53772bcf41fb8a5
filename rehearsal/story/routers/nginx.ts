import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EntryPlan, StartedEntry } from './entry-plan.js';
import { freePorts } from '../ports.js';
import { startServer } from './server.js';
import { serverProgram } from '../start/programs.js';

/** Folders that nginx would make under its own prefix. */
const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

/** The real nginx, switched by a flag file that it tests at each request; it must be installed. */
export async function startNginx({ environment, dir, ports }: EntryPlan): Promise<StartedEntry> {
  const [port] = await freePorts(1);
  const place = join(dir, `${environment}.nginx`);
  const flags = { blue: join(place, 'live', 'blue'), green: join(place, 'live', 'green') };
  mkdirSync(join(place, 'live'), { recursive: true });
  writeFileSync(flags.blue, '');
  const config = join(place, 'nginx.conf');
  const upstream = (colour: string) =>
    `  upstream shop_${colour} { server 127.0.0.1:${ports[colour]}; keepalive 32; keepalive_timeout 3s; }\n`;
  writeFileSync(
    config,
    `${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
pid ${place}/nginx.pid;
worker_processes 2;
events { worker_connections 1024; }
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${place}/${name};`).join(' ')}
${Object.keys(ports).map(upstream).join('')}
  server {
    listen 127.0.0.1:${port};
    set $live blue;
    if (-f ${flags.green}) { set $live green; }
    location = /-/live { default_type text/plain; return 200 $live; }
    location / {
      proxy_pass http://shop_$live;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
    }
  }
}
`,
  );
  const url = `http://127.0.0.1:${port}`;
  const child = await startServer(
    [serverProgram('nginx'), '-e', join(place, 'error.log'), '-c', config],
    port!,
  );
  const nodes = [{ name: 'edge-1', probe: `${url}/-/live` }];
  return { entry: { url, router: { type: 'nginx', nodes, flags } }, child };
}
