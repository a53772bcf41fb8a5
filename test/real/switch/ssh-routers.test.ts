import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startShop, type RunningShop } from '../../../rehearsal/shop/shop.js';
import { allTo } from '../../../shared/traffic/router.js';
import { answers, freePorts, startServer } from '../../support/servers/real.js';
import { move, routerOf, versionsAt } from './nginx-caddy-suite.js';
import { startSshd, type SshServer } from './ssh-server.js';

const green = allTo('green', ['blue', 'green']);
const blue = allTo('blue', ['blue', 'green']);

let folder: string;
let sshd: SshServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ssh-'));
  sshd = await startSshd(join(folder, 'sshd'));
});
afterAll(async () => {
  await sshd.server.stop();
  rmSync(folder, { recursive: true });
});

describe('routers on a machine behind a real sshd', () => {
  let place: string;
  let shops: { blue: RunningShop; green: RunningShop };
  beforeAll(async () => {
    const data = join(folder, 'data');
    shops = {
      blue: await startShop({ port: 0, version: '1.0.0', digest: 'sha256:b', colour: 'blue', data }),
      green: await startShop({ port: 0, version: '2.0.0', digest: 'sha256:g', colour: 'green', data }),
    };
  });
  afterAll(() => Promise.all([shops.blue.close(), shops.green.close()]));
  beforeEach(() => {
    place = mkdtempSync(join(folder, 'router-'));
  });

  async function thereAndBack(section: Record<string, unknown>, url: string): Promise<void> {
    const router = await routerOf(section);
    expect((await router.read()).weights).toEqual(blue);
    expect(await move(router, green)).toBeGreaterThan(0);
    expect((await router.read()).weights).toEqual(green);
    expect(await versionsAt(url)).toEqual(Array(5).fill('2.0.0'));
    expect(await move(router, green)).toBe(0);
    await move(router, blue);
    expect(await versionsAt(url)).toEqual(Array(5).fill('1.0.0'));
  }

  it('are switched: HAProxy, by a loopback port of the machine and its map file', async () => {
    const [entry, admin] = await freePorts(2);
    const map = join(place, 'live.map');
    const config = join(place, 'haproxy.cfg');
    writeFileSync(map, 'shop shop_blue\n');
    writeFileSync(
      config,
      `global
  stats socket ipv4@127.0.0.1:${admin} level admin
defaults
  mode http
  timeout connect 1s
  timeout client 10s
  timeout server 10s
frontend entry
  bind 127.0.0.1:${entry}
  use_backend %[str(shop),map(${map},shop_blue)]
backend shop_blue
  server blue1 127.0.0.1:${shops.blue.port}
backend shop_green
  server green1 127.0.0.1:${shops.green.port}
`,
    );
    const url = `http://127.0.0.1:${entry}`;
    const server = await startServer(['haproxy', '-db', '-f', config], () => answers(`${url}/health`));
    try {
      await thereAndBack(
        {
          type: 'haproxy',
          mode: 'map',
          nodes: [{ name: 'edge-1', address: `127.0.0.1:${admin}`, ssh: sshd.ssh }],
          map,
          key: 'shop',
          backends: { blue: 'shop_blue', green: 'shop_green' },
        },
        url,
      );
      expect(readFileSync(map, 'utf8')).toBe('shop shop_blue\n');
    } finally {
      await server.stop();
    }
  });

  it('are switched: Caddy, by its API on the loopback interface of the machine', async () => {
    const [entry, admin] = await freePorts(2);
    const config = join(place, 'caddy.json');
    const dial = (colour: 'blue' | 'green') => `127.0.0.1:${shops[colour].port}`;
    const handler = { '@id': 'shop', handler: 'reverse_proxy', upstreams: [{ dial: dial('blue') }] };
    writeFileSync(
      config,
      JSON.stringify({
        admin: { listen: `127.0.0.1:${admin}`, config: { persist: false } },
        apps: {
          http: { servers: { entry: { listen: [`127.0.0.1:${entry}`], routes: [{ handle: [handler] }] } } },
        },
      }),
    );
    const url = `http://127.0.0.1:${entry}`;
    const storage = [`XDG_CONFIG_HOME=${place}`, `XDG_DATA_HOME=${place}`];
    const server = await startServer(['env', ...storage, 'caddy', 'run', '--config', config], () =>
      answers(`${url}/health`),
    );
    try {
      await thereAndBack(
        {
          type: 'caddy',
          mode: 'admin',
          nodes: [{ name: 'edge-1', admin: `127.0.0.1:${admin}`, ssh: sshd.ssh }],
          id: 'shop',
          servers: { blue: [dial('blue')], green: [dial('green')] },
        },
        url,
      );
    } finally {
      await server.stop();
    }
  });

  it('are switched: nginx, by its flag file, with the probe asked from the machine', async () => {
    const [entry] = await freePorts(1);
    const flags = { blue: join(place, 'blue'), green: join(place, 'green') };
    const config = join(place, 'nginx.conf');
    writeFileSync(flags.blue, '');
    writeFileSync(
      config,
      `${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
pid ${place}/nginx.pid;
error_log ${place}/error.log;
events {}
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${place}/${name};`).join(' ')}
  upstream shop_blue { server 127.0.0.1:${shops.blue.port}; }
  upstream shop_green { server 127.0.0.1:${shops.green.port}; }
  server {
    listen 127.0.0.1:${entry};
    set $live blue;
    if (-f ${flags.green}) { set $live green; }
    location = /-/live { default_type text/plain; return 200 $live; }
    location / { proxy_pass http://shop_$live; }
  }
}
`,
    );
    const url = `http://127.0.0.1:${entry}`;
    const argv = ['nginx', '-e', join(place, 'error.log'), '-c', config] as const;
    const server = await startServer(argv, () => answers(`${url}/-/live`));
    try {
      const nodes = [{ name: 'edge-1', probe: `${url}/-/live`, ssh: sshd.ssh }];
      await thereAndBack({ type: 'nginx', nodes, flags }, url);
    } finally {
      await server.stop();
    }
  });
});
