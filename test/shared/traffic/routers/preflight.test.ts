import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runCommand } from '../../../../shared/exec/run.js';
import type { Inspection, Router } from '../../../../shared/traffic/router.js';
import { caddySchema } from '../../../../shared/traffic/routers/caddy/config.js';
import { caddyRouter } from '../../../../shared/traffic/routers/caddy/router.js';
import { envoySchema } from '../../../../shared/traffic/routers/envoy/config.js';
import { envoyRouter } from '../../../../shared/traffic/routers/envoy/router.js';
import { nginxSchema } from '../../../../shared/traffic/routers/nginx/config.js';
import { nginxRouter } from '../../../../shared/traffic/routers/nginx/router.js';
import { obstaclesTo } from '../../../../shared/traffic/routers/preflight.js';
import { traefikSchema } from '../../../../shared/traffic/routers/traefik/config.js';
import { traefikRouter } from '../../../../shared/traffic/routers/traefik/router.js';
import { localTransport } from '../../../../shared/traffic/transports/local.js';
import type { Machine } from '../../../../shared/traffic/transports/machine.js';
import { done, memoryMachine, tools } from '../transports/memory.js';

const backends = { blue: 'shop-blue', green: 'shop-green' };
const probe = 'http://127.0.0.1:9/live';
const nodes = [{ name: 'edge-1', probe }];
const file = '/srv/edge/live';

/** Each router that replaces something on its nodes, and the folder of that. */
const routers: Record<string, (machine: Machine) => Router> = {
  'nginx (flag)': (machine) =>
    nginxRouter(
      nginxSchema.parse({ type: 'nginx', nodes, flags: { blue: `${file}.blue`, green: `${file}.green` } }),
      tools(),
      () => machine,
    ),
  'nginx (include)': (machine) =>
    nginxRouter(
      nginxSchema.parse({ type: 'nginx', mode: 'include', nodes, include: file, upstreams: backends }),
      tools(),
      () => machine,
    ),
  'nginx (symlink)': (machine) =>
    nginxRouter(
      nginxSchema.parse({
        ...{ type: 'nginx', mode: 'symlink', nodes, link: file },
        targets: { blue: '/srv/edge/blue.conf', green: '/srv/edge/green.conf' },
      }),
      tools(),
      () => machine,
    ),
  'caddy (file)': (machine) =>
    caddyRouter(
      caddySchema.parse({
        type: 'caddy',
        nodes,
        file,
        values: { blue: '10.0.0.1:80', green: '10.0.0.2:80' },
      }),
      tools(),
      () => machine,
    ),
  traefik: (machine) =>
    traefikRouter(
      traefikSchema.parse({
        ...{ type: 'traefik', service: 'shop', backends },
        nodes: [{ name: 'edge-1', file: `${file}.yml`, api: 'http://127.0.0.1:9' }],
      }),
      tools(),
      () => machine,
    ),
  envoy: (machine) =>
    envoyRouter(
      envoySchema.parse({
        ...{ type: 'envoy', 'route-config': 'shop', backends },
        nodes: [{ name: 'edge-1', file: `${file}.json`, admin: 'http://127.0.0.1:9' }],
      }),
      tools(),
      () => machine,
    ),
};

describe.each(Object.entries(routers))('a switch by %s', (_, open) => {
  const inspect = async (code: number): Promise<Inspection> => {
    const machine = memoryMachine({});
    machine.command = () => done(code);
    return (await open(machine).inspect?.()) ?? { obstacles: ['not looked at'] as never[], notes: [] };
  };

  it('is not begun where its file could not be replaced', async () => {
    expect((await inspect(41)).obstacles).toContainEqual(
      expect.stringMatching(/^node "edge-1": \/srv\/edge is not writable, so .*\[router-not-ready\]$/),
    );
    expect((await inspect(127)).obstacles).not.toContainEqual(expect.stringContaining('writable'));
    expect((await inspect(42)).obstacles).toContainEqual(
      expect.stringContaining('the disk of /srv/edge is full'),
    );
  });
});

it('a Traefik file that holds something else, which a switch would refuse to change, is said before it', async () => {
  const machine = memoryMachine({ [`${file}.yml`]: 'http:\n  routers: {}\n' });
  const { obstacles } = await routers['traefik']!(machine).inspect!();
  expect(obstacles).toContainEqual(
    expect.stringMatching(/\/srv\/edge\/live\.yml cannot be changed: .*router-not-ready/),
  );
});

describe('on a real machine, a file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'preflight-'));
    mkdirSync(join(folder, 'real'));
    writeFileSync(join(folder, 'real', 'live'), 'blue\n');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const machine = localTransport('edge-1');

  it('in a folder that can be written is no obstacle, nor a link to one', async () => {
    symlinkSync(join(folder, 'real', 'live'), join(folder, 'live'));
    for (const path of [join(folder, 'real', 'live'), join(folder, 'live'), join(folder, 'none yet')])
      expect(await obstaclesTo('edge-1', machine, { path })).toEqual([]);
  });

  /** The machine, where a tool says something else than it would here. */
  function withTool(name: string, body: string): Pick<Machine, 'run'> {
    writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(folder, name), 0o755);
    return {
      async run([, , script = '', ...words], timeoutMs) {
        const argv = ['sh', '-c', `PATH=${folder}:$PATH; ${script}`, ...words] as const;
        const { code = 1, stdout, stderr } = await runCommand({ argv, timeoutMs });
        return { code, stdout, stderr };
      },
    };
  }

  it('on a full disk is an obstacle before anything moves', async () => {
    const crowded = withTool(
      'df',
      String.raw`printf 'Filesystem Blocks Used Available\ntmpfs 64 64 0 100%% /\n'`,
    );
    const path = join(folder, 'live');
    symlinkSync(join('real', 'live'), path);
    // Of a link the file counts that it leads to, unless the link itself is replaced.
    const cases = [
      [{ path }, join(folder, 'real')],
      [{ path, is: 'link' }, folder],
    ] as const;
    for (const [replaced, where] of cases)
      expect(await obstaclesTo('edge-1', crowded, replaced)).toEqual([
        expect.stringContaining(`the disk of ${where} is full`),
      ]);
  });

  it('that is mounted by itself is an obstacle before anything moves', async () => {
    const path = join(folder, 'real', 'live');
    const container = withTool('cut', `printf '/\n/proc\n${path}\n'`);
    expect(await obstaclesTo('edge-1', container, { path })).toEqual([
      expect.stringContaining(`${path} is mounted by itself`),
    ]);
    expect(await obstaclesTo('edge-1', container, { path: `${path}r` })).toEqual([]);
  });
});
