import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nginxSchema, type NginxIncludeConfig } from '../../shared/traffic/routers/nginx/config.js';
import { renderInclude } from '../../shared/traffic/routers/nginx/shares.js';
import { allTo } from '../../shared/traffic/router.js';
import {
  answers,
  freePorts,
  installed,
  startServer,
  type RealServer,
} from '../../test/support/servers/real.js';

/** Where the colours listen, as `host:port`. */
export interface Colours {
  blue: string;
  green: string;
}

/** A started router with all traffic on blue. */
export interface Running {
  server: RealServer;
  /** Public address. */
  url: string;
  /** Its section of the traffic file. */
  section: { nodes: Record<string, unknown>[] } & Record<string, unknown>;
  /** The colour that a restart would bring, read from its file; undefined where the mechanism keeps none. */
  saved?(): string;
}

/** One way in which a real router can be switched. */
export interface Mechanism {
  product: 'haproxy' | 'nginx' | 'caddy';
  mode: string;
  /** Whether it is the product's default, which may lose nothing. */
  isDefault: boolean;
  /** Starts it in a folder of its own; throws with what is missing. */
  start(folder: string, colours: Colours): Promise<Running>;
}

const colourNames = ['blue', 'green'] as const;

async function startHaproxy(
  folder: string,
  colours: Colours,
  mode: 'map' | 'servers',
): Promise<{ server: RealServer; url: string; socket: string; map: string }> {
  const [port] = await freePorts(1);
  const map = join(folder, 'live.map');
  const socket = join(folder, 'haproxy.sock');
  const config = join(folder, 'haproxy.cfg');
  writeFileSync(map, 'shop shop_blue\n');
  const backends =
    mode === 'map'
      ? colourNames.map((name) => `backend shop_${name}\n  server ${name}1 ${colours[name]}`).join('\n')
      : `backend shop\n  server blue1 ${colours.blue} weight 100\n  server green1 ${colours.green} weight 0`;
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
  default-server check inter 500ms
frontend entry
  bind 127.0.0.1:${port}
  ${mode === 'map' ? `use_backend %[str(shop),map(${map},shop_blue)]` : 'default_backend shop'}
${backends}
`,
  );
  const url = `http://127.0.0.1:${port}`;
  const server = await startServer(
    ['haproxy', '-db', '-f', config],
    async () => existsSync(socket) && (await answers(`${url}/health`)),
  );
  return { server, url, socket, map };
}

/** nginx in the foreground with its files in one folder. */
function startNginx(folder: string, http: string, ready: string): Promise<RealServer> {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  writeFileSync(
    nginxConf(folder),
    `${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log warn;
worker_processes 2;
events { worker_connections 1024; }
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
${http}
}
`,
  );
  return startServer(nginxCommand(folder), () => answers(ready));
}

const nginxConf = (folder: string) => join(folder, 'nginx.conf');
const nginxCommand = (folder: string): [string, ...string[]] => [
  'nginx',
  '-e',
  join(folder, 'error.log'),
  '-c',
  nginxConf(folder),
];

const upstreams = (colours: Colours) =>
  colourNames
    .map(
      (name) => `  upstream shop_${name} { server ${colours[name]}; keepalive 32; keepalive_timeout 3s; }\n`,
    )
    .join('');

const proxyTo = (upstream: string) =>
  `location / { proxy_pass http://${upstream}; proxy_http_version 1.1; proxy_set_header Connection ""; }`;

/** Caddy with its storage in one folder, from a JSON configuration. */
function startCaddy(folder: string, admin: string, config: object, ready: string): Promise<RealServer> {
  const file = join(folder, 'caddy.json');
  const storage = join(folder, 'caddy');
  mkdirSync(storage, { recursive: true });
  writeFileSync(
    file,
    JSON.stringify({
      admin: { listen: admin, config: { persist: false } },
      logging: { logs: { default: { level: 'ERROR' } } },
      apps: { http: { servers: { entry: config } } },
    }),
  );
  const environment = [`XDG_CONFIG_HOME=${storage}`, `XDG_DATA_HOME=${storage}`];
  const caddy = [installed('caddy'), 'run', '--config', file];
  return startServer(['env', ...environment, ...caddy], () => answers(ready));
}

/** Every mechanism of the three products that teams run themselves; each product's default comes first. */
export const mechanisms: readonly Mechanism[] = [
  {
    product: 'haproxy',
    mode: 'map',
    isDefault: true,
    async start(folder, colours) {
      const { server, url, socket, map } = await startHaproxy(folder, colours, 'map');
      const backends = { blue: 'shop_blue', green: 'shop_green' };
      const nodes = [{ name: 'edge-1', socket }];
      return {
        server,
        url,
        section: { type: 'haproxy', mode: 'map', nodes, map, key: 'shop', backends },
        saved: () => /^shop shop_(\w+)$/m.exec(readFileSync(map, 'utf8'))?.[1] ?? 'nothing',
      };
    },
  },
  {
    product: 'haproxy',
    mode: 'servers',
    isDefault: false,
    async start(folder, colours) {
      const { server, url, socket } = await startHaproxy(folder, colours, 'servers');
      const servers = { blue: ['blue1'], green: ['green1'] };
      const nodes = [{ name: 'edge-1', socket }];
      return { server, url, section: { type: 'haproxy', mode: 'servers', nodes, backend: 'shop', servers } };
    },
  },
  {
    product: 'nginx',
    mode: 'flag',
    isDefault: true,
    async start(folder, colours) {
      const [port] = await freePorts(1);
      const live = join(folder, 'live');
      const flags = { blue: join(live, 'blue'), green: join(live, 'green') };
      const url = `http://127.0.0.1:${port}`;
      rmSync(live, { recursive: true, force: true });
      mkdirSync(live);
      writeFileSync(flags.blue, '');
      const http = `${upstreams(colours)}
  server {
    listen 127.0.0.1:${port};
    set $live blue;
    if (-f ${flags.green}) { set $live green; }
    location = /-/live { default_type text/plain; return 200 $live; }
    ${proxyTo('shop_$live')}
  }`;
      return {
        server: await startNginx(folder, http, `${url}/-/live`),
        url,
        section: { type: 'nginx', nodes: [{ name: 'edge-1', probe: `${url}/-/live` }], flags },
        saved: () => colourNames.filter((name) => existsSync(flags[name])).join(' and ') || 'nothing',
      };
    },
  },
  {
    product: 'nginx',
    mode: 'include',
    isDefault: false,
    async start(folder, colours) {
      const [port] = await freePorts(1);
      const include = join(folder, 'shares.conf');
      const url = `http://127.0.0.1:${port}`;
      const section = {
        type: 'nginx',
        mode: 'include',
        nodes: [{ name: 'edge-1', probe: `${url}/-/live` }],
        include,
        variable: 'shop_live',
        upstreams: { blue: 'shop_blue', green: 'shop_green' },
        test: [...nginxCommand(folder), '-t'],
        reload: [...nginxCommand(folder), '-s', 'reload'],
      };
      const config = nginxSchema.parse(section) as NginxIncludeConfig;
      writeFileSync(include, renderInclude(config, allTo('blue', colourNames)));
      const http = `  include ${include};
${upstreams(colours)}
  server {
    listen 127.0.0.1:${port};
    location = /-/live { default_type text/plain; return 200 $shop_live_shares; }
    ${proxyTo('$shop_live')}
  }`;
      return { server: await startNginx(folder, http, `${url}/-/live`), url, section };
    },
  },
  {
    product: 'caddy',
    mode: 'file',
    isDefault: true,
    async start(folder, colours) {
      const [port, admin] = await freePorts(2);
      const file = join(folder, 'live');
      const url = `http://127.0.0.1:${port}`;
      writeFileSync(file, 'blue\n');
      const proxy = (colour: 'blue' | 'green') => ({
        handler: 'reverse_proxy',
        upstreams: [{ dial: colours[colour] }],
        health_checks: { active: { uri: '/health', interval: '500ms' } },
      });
      const server = await startCaddy(
        folder,
        `127.0.0.1:${admin}`,
        {
          listen: [`127.0.0.1:${port}`],
          routes: [
            {
              match: [{ path: ['/-/live'] }],
              handle: [{ handler: 'static_response', body: `{file.${file}}` }],
            },
            {
              match: [{ vars: { [`{file.${file}}`]: ['green'] } }],
              handle: [proxy('green')],
              terminal: true,
            },
            { handle: [proxy('blue')] },
          ],
        },
        `${url}/-/live`,
      );
      const nodes = [{ name: 'edge-1', probe: `${url}/-/live`, admin: `127.0.0.1:${admin}` }];
      const values = { blue: 'blue', green: 'green' };
      const servers = { blue: [colours.blue], green: [colours.green] };
      return {
        server,
        url,
        section: { type: 'caddy', nodes, file, values, servers },
        saved: () => readFileSync(file, 'utf8').trim(),
      };
    },
  },
  {
    product: 'caddy',
    mode: 'admin',
    isDefault: false,
    async start(folder, colours) {
      const [port, adminPort] = await freePorts(2);
      const admin = `127.0.0.1:${adminPort}`;
      const url = `http://127.0.0.1:${port}`;
      const upstreams = [{ dial: colours.blue }];
      const server = await startCaddy(
        folder,
        admin,
        {
          listen: [`127.0.0.1:${port}`],
          routes: [{ handle: [{ '@id': 'shop', handler: 'reverse_proxy', upstreams }] }],
        },
        `${url}/health`,
      );
      const servers = { blue: [colours.blue], green: [colours.green] };
      const nodes = [{ name: 'edge-1', admin }];
      return { server, url, section: { type: 'caddy', mode: 'admin', nodes, id: 'shop', servers } };
    },
  },
];
