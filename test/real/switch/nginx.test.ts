import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { nginxSchema, type NginxIncludeConfig } from '../../../shared/traffic/routers/nginx/config.js';
import { renderInclude } from '../../../shared/traffic/routers/nginx/shares.js';
import { allTo } from '../../../shared/traffic/router.js';
import { answers, freePorts, startServer, type RealServer } from '../../support/servers/real.js';
import { ask, mechanismSuite, move, routerOf, type Subject } from './nginx-caddy-suite.js';

const green = allTo('green', ['blue', 'green']);
const blue = allTo('blue', ['blue', 'green']);

/** nginx in the foreground with its files in one folder; the http block is what differs. */
async function startNginx(
  folder: string,
  http: string,
  ready: string,
): Promise<{ server: RealServer; conf: string }> {
  const conf = join(folder, 'nginx.conf');
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  writeFileSync(
    conf,
    `${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log warn;
worker_processes 2;
events { worker_connections 1024; }
http {
  access_log off;
  ${paths.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
${http}
}
`,
  );
  return {
    server: await startServer(['nginx', '-e', `${folder}/error.log`, '-c', conf], () => answers(ready)),
    conf,
  };
}

function upstreams(shops: { blue: number; green: number }): string {
  const upstream = (colour: 'blue' | 'green') =>
    `  upstream shop_${colour} { server 127.0.0.1:${shops[colour]}; keepalive 32; keepalive_timeout 3s; }`;
  return `${upstream('blue')}\n${upstream('green')}`;
}

const proxy = (to: string) =>
  `location / { proxy_pass http://${to}; proxy_http_version 1.1; proxy_set_header Connection ""; }`;

async function startFlag(
  folder: string,
  shops: { blue: number; green: number },
  more = '',
): Promise<Subject> {
  const [port] = await freePorts(1);
  const live = join(folder, 'live');
  mkdirSync(live);
  const flags = { blue: join(live, 'blue'), green: join(live, 'green') };
  writeFileSync(flags.blue, '');
  const url = `http://127.0.0.1:${port}`;
  const { server } = await startNginx(
    folder,
    `${upstreams(shops)}
  server {
    listen 127.0.0.1:${port};
    ${more}
    set $live blue;
    if (-f ${flags.green}) { set $live green; }
    location = /-/live { default_type text/plain; return 200 $live; }
    ${proxy('shop_$live')}
  }`,
    `${url}/-/live`,
  );
  return {
    server,
    url,
    section: { type: 'nginx', nodes: [{ name: 'edge-1', probe: `${url}/-/live` }], flags },
    file: flags.green,
    reset: async () => {
      rmSync(flags.green, { force: true });
      writeFileSync(flags.blue, '');
    },
    meddle: async () => renameSync(flags.blue, flags.green),
  };
}

mechanismSuite({
  name: 'nginx by a flag file',
  lossless: true,
  conditional: false,
  callsPerSwitch: 1,
  start: startFlag,
});

async function startSymlink(folder: string, shops: { blue: number; green: number }): Promise<Subject> {
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const link = join(folder, 'active.conf');
  const targets = { blue: join(folder, 'blue.conf'), green: join(folder, 'green.conf') };
  for (const colour of ['blue', 'green'] as const)
    writeFileSync(
      targets[colour],
      `upstream shop { server 127.0.0.1:${shops[colour]}; keepalive 32; keepalive_timeout 3s; }\nmap "" $shop_live { default ${colour}; }\n`,
    );
  // A relative link is what people write by hand.
  symlinkSync('blue.conf', link);
  const nginx = ['nginx', '-e', join(folder, 'error.log'), '-c', join(folder, 'nginx.conf')];
  const section = {
    type: 'nginx',
    mode: 'symlink',
    nodes: [{ name: 'edge-1', probe: `${url}/-/live` }],
    link,
    targets,
    test: [...nginx, '-t'],
    reload: [...nginx, '-s', 'reload'],
  };
  const { server } = await startNginx(
    folder,
    `  include ${link};
  server {
    listen 127.0.0.1:${port};
    location = /-/live { default_type text/plain; return 200 $shop_live; }
    ${proxy('shop')}
  }`,
    `${url}/-/live`,
  );
  return {
    server,
    url,
    section,
    reset: async () => void (await move(await routerOf(section), blue)),
    meddle: async () => {
      rmSync(link);
      symlinkSync(targets.green, link);
      const [program, ...args] = section.reload;
      execFileSync(program!, args, { stdio: 'ignore' });
      // Old workers go on accepting for a while.
      for (let inARow = 0; inARow < 20; await sleep(50))
        inARow = (await ask(`${url}/-/live`)).text === 'green' ? inARow + 1 : 0;
    },
  };
}

mechanismSuite({
  name: 'nginx by a symbolic link and reload',
  lossless: false,
  conditional: true,
  callsPerSwitch: 2,
  start: startSymlink,
});

async function startInclude(folder: string, shops: { blue: number; green: number }): Promise<Subject> {
  const [port] = await freePorts(1);
  const include = join(folder, 'shares.conf');
  const url = `http://127.0.0.1:${port}`;
  const conf = join(folder, 'nginx.conf');
  const nginx = ['nginx', '-e', join(folder, 'error.log'), '-c', conf];
  const section = {
    type: 'nginx',
    mode: 'include',
    nodes: [{ name: 'edge-1', probe: `${url}/-/live` }],
    include,
    variable: 'shop_live',
    upstreams: { blue: 'shop_blue', green: 'shop_green' },
    test: [...nginx, '-t'],
    reload: [...nginx, '-s', 'reload'],
  };
  const config = nginxSchema.parse(section) as NginxIncludeConfig;
  writeFileSync(include, renderInclude(config, blue));
  const { server } = await startNginx(
    folder,
    `  include ${include};
${upstreams(shops)}
  server {
    listen 127.0.0.1:${port};
    location = /-/live { default_type text/plain; return 200 $shop_live_shares; }
    location = /-/break { return 200; }
    location = /-/which { default_type text/plain; return 200 $shop_live; }
    ${proxy('$shop_live')}
  }`,
    `${url}/-/live`,
  );
  return {
    server,
    url,
    section,
    file: include,
    reset: async () => void (await move(await routerOf(section), blue)),
    meddle: async () => {
      writeFileSync(include, renderInclude(config, green));
      const [program, ...args] = section.reload;
      execFileSync(program!, args, { stdio: 'ignore' });
      // Old workers go on accepting for a while.
      for (let inARow = 0; inARow < 20; await sleep(50))
        inARow = (await ask(`${url}/-/live`)).text === 'blue=0 green=100' ? inARow + 1 : 0;
    },
  };
}

mechanismSuite({
  name: 'nginx by include and reload',
  lossless: false,
  conditional: true,
  callsPerSwitch: 2,
  start: startInclude,
});

/** One nginx with both shops, for a story of its own. */
async function inFolder(
  tell: (folder: string, shops: { blue: number; green: number }) => Promise<Subject>,
  then: (subject: Subject, folder: string) => Promise<void>,
) {
  const folder = mkdtempSync(join(tmpdir(), 'nginx-'));
  const [blueAt, greenAt] = await freePorts(2);
  const subject = await tell(folder, { blue: blueAt!, green: greenAt! });
  try {
    await then(subject, folder);
  } finally {
    await subject.server.stop();
    rmSync(folder, { recursive: true });
  }
}

it('an nginx that caches what it knows of files is found out by the probe, and the flag can be renamed back', () =>
  inFolder(
    (folder, shops) =>
      startFlag(
        folder,
        shops,
        'open_file_cache max=100; open_file_cache_valid 60s; open_file_cache_errors on;',
      ),
    async ({ section }) => {
      const router = await routerOf(section);
      await expect(move(router, green)).rejects.toThrow(
        /says "blue"\. nginx must test that very file.*open_file_cache must be off/,
      );
      expect(await router.read()).toMatchObject({ weights: blue, saved: { 'edge-1': green } });
      expect(await move(router, blue)).toBe(1);
      expect(await router.read()).toMatchObject({ weights: blue, saved: { 'edge-1': blue } });
    },
  ));

it('a configuration that nginx refuses is put back, and the running one is not touched', () =>
  inFolder(startInclude, async ({ section, file }, folder) => {
    const before = readFileSync(file!, 'utf8');
    const conf = join(folder, 'nginx.conf');
    writeFileSync(conf, readFileSync(conf, 'utf8').replace('location = /-/break', 'locatio = /-/break'));
    const router = await routerOf(section);
    await expect(move(router, green)).rejects.toThrow(
      /-t refuses the configuration, so \S+ is as it was: .*unknown directive "locatio"/s,
    );
    expect(readFileSync(file!, 'utf8')).toBe(before);
    expect((await router.read()).weights).toEqual(blue);
  }));

it('a reload that nginx does not carry out is noticed', () =>
  inFolder(startInclude, async ({ section }) => {
    const router = await routerOf({ ...section, reload: ['true'] });
    await expect(move(router, green)).rejects.toThrow(
      /after true new connections are served "blue=100 green=0"/,
    );
  }));

it('shares of a colour are what new requests get', () =>
  inFolder(startInclude, async ({ section, url }) => {
    const router = await routerOf(section);
    await move(router, { blue: 75, green: 25 });
    expect((await router.read()).weights).toEqual({ blue: 75, green: 25 });
    let onGreen = 0;
    for (let i = 0; i < 400; i += 1) if ((await ask(`${url}/-/which`)).text === 'shop_green') onGreen += 1;
    expect(onGreen).toBeGreaterThan(55);
    expect(onGreen).toBeLessThan(150);
  }));

it('an nginx that is gone is named', () =>
  inFolder(startFlag, async ({ section, server }) => {
    await server.stop();
    await expect((await routerOf(section)).read()).rejects.toMatchObject({
      name: 'RouterError',
      node: 'edge-1',
      message: expect.stringMatching(/ECONNREFUSED/),
    });
  }));
