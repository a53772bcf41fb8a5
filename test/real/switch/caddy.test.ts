import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { startShop } from '../../../rehearsal/shop/shop.js';
import { allTo, type Serving } from '../../../shared/traffic/router.js';
import { caddyAdminRouter } from '../../../shared/traffic/routers/caddy/admin.js';
import { caddySchema, type CaddyAdminConfig } from '../../../shared/traffic/routers/caddy/config.js';
import { localTransport } from '../../../shared/traffic/transports/local.js';
import { parseAddress } from '../../../shared/traffic/transports/machine.js';
import { answers, freePorts, installed, startServer, type RealServer } from '../../support/servers/real.js';
import { ask, mechanismSuite, routerOf, type Subject } from './nginx-caddy-suite.js';

type Shops = { blue: number; green: number };

/** Caddy with its storage in one folder. */
function startCaddy(binary: string, folder: string, config: string, ready: string): Promise<RealServer> {
  mkdirSync(join(folder, 'caddy'), { recursive: true });
  const storage = `XDG_CONFIG_HOME=${folder}/caddy`;
  return startServer(
    ['env', storage, `XDG_DATA_HOME=${folder}/caddy`, binary, 'run', '--config', config],
    () => answers(ready),
  );
}

async function startFile(folder: string, shops: Shops, binary = () => installed('caddy')): Promise<Subject> {
  const [port, admin] = await freePorts(2);
  const file = join(folder, 'live');
  const config = join(folder, 'Caddyfile');
  const url = `http://127.0.0.1:${port}`;
  writeFileSync(file, 'blue\n');
  writeFileSync(
    config,
    `{
	admin 127.0.0.1:${admin}
	auto_https off
	log {
		level ERROR
	}
}
http://127.0.0.1:${port} {
	respond /-/live {file.${file}}
	@green vars {file.${file}} green
	reverse_proxy @green 127.0.0.1:${shops.green}
	reverse_proxy 127.0.0.1:${shops.blue}
}
`,
  );
  return {
    server: await startCaddy(binary(), folder, config, `${url}/-/live`),
    url,
    section: {
      type: 'caddy',
      nodes: [{ name: 'edge-1', probe: `${url}/-/live` }],
      file,
      values: { blue: 'blue', green: 'green' },
    },
    file,
    reset: async () => writeFileSync(file, 'blue\n'),
    meddle: async () => writeFileSync(file, 'green'),
  };
}

/** The dial address itself out of the file, as JSON configurations have it. */
async function startDial(folder: string, shops: Shops): Promise<Subject> {
  const [port, admin] = await freePorts(2);
  const file = join(folder, 'live');
  const config = join(folder, 'caddy.json');
  const url = `http://127.0.0.1:${port}`;
  const values = { blue: `127.0.0.1:${shops.blue}`, green: `127.0.0.1:${shops.green}` };
  writeFileSync(file, values.blue);
  writeFileSync(
    config,
    JSON.stringify({
      admin: { listen: `127.0.0.1:${admin}` },
      logging: { logs: { default: { level: 'ERROR' } } },
      apps: {
        http: {
          servers: {
            entry: {
              listen: [`127.0.0.1:${port}`],
              routes: [
                {
                  match: [{ path: ['/-/live'] }],
                  handle: [{ handler: 'static_response', body: `{file.${file}}` }],
                },
                { handle: [{ handler: 'reverse_proxy', upstreams: [{ dial: `{file.${file}}` }] }] },
              ],
            },
          },
        },
      },
    }),
  );
  return {
    server: await startCaddy(installed('caddy'), folder, config, `${url}/-/live`),
    url,
    section: { type: 'caddy', nodes: [{ name: 'edge-1', probe: `${url}/-/live` }], file, values },
    file,
    reset: async () => writeFileSync(file, values.blue),
    meddle: async () => writeFileSync(file, values.green),
  };
}

function startAdmin(binary: () => string) {
  return async (folder: string, shops: Shops): Promise<Subject> => {
    const [port, adminPort] = await freePorts(2);
    const admin = `127.0.0.1:${adminPort}`;
    const config = join(folder, 'caddy.json');
    const url = `http://127.0.0.1:${port}`;
    const upstreams = (colour: keyof Shops) => [{ dial: `127.0.0.1:${shops[colour]}` }];
    const servers = { blue: [`127.0.0.1:${shops.blue}`], green: [`127.0.0.1:${shops.green}`] };
    writeFileSync(
      config,
      JSON.stringify({
        admin: { listen: admin, config: { persist: false } },
        logging: { logs: { default: { level: 'ERROR' } } },
        apps: {
          http: {
            servers: {
              entry: {
                listen: [`127.0.0.1:${port}`],
                routes: [
                  { match: [{ path: ['/-/up'] }], handle: [{ handler: 'static_response' }] },
                  { handle: [{ '@id': 'shop', handler: 'reverse_proxy', upstreams: upstreams('blue') }] },
                ],
              },
            },
          },
        },
      }),
    );
    const patch = async (colour: keyof Shops) => {
      const answer = await ask(
        `http://${admin}/id/shop/upstreams`,
        'PATCH',
        JSON.stringify(upstreams(colour)),
      );
      if (answer.status !== 200) throw new Error(answer.text);
    };
    return {
      server: await startCaddy(binary(), folder, config, `${url}/-/up`),
      url,
      section: { type: 'caddy', mode: 'admin', nodes: [{ name: 'edge-1', admin }], id: 'shop', servers },
      reset: () => patch('blue'),
      meddle: () => patch('green'),
    };
  };
}

const file = { lossless: true, conditional: true, callsPerSwitch: 1 };
const api = { lossless: false, conditional: true, callsPerSwitch: 1 };
mechanismSuite({ name: 'Caddy by a file and a matcher', ...file, start: startFile });
mechanismSuite({ name: 'Caddy by a file and its dial address', ...file, start: startDial });
mechanismSuite({ name: 'Caddy by its API', ...api, start: startAdmin(() => installed('caddy')) });
mechanismSuite({ name: 'Caddy of Debian by its API', ...api, start: startAdmin(() => 'caddy') });

it('a Caddy too old for the placeholder is found out by the probe', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'caddy-'));
  const [blueAt, greenAt] = await freePorts(2);
  const { server, section } = await startFile(folder, { blue: blueAt!, green: greenAt! }, () => 'caddy');
  try {
    await expect((await routerOf(section)).read()).rejects.toThrow(
      /says "\{file\.[^"]+"; it must return .*before 2\.8 does not know/,
    );
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true });
  }
});

it('a change by someone else between look and change is refused by Caddy itself', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'caddy-'));
  const [blueAt, greenAt] = await freePorts(2);
  const { server, section, meddle } = await startAdmin(() => 'caddy')(folder, {
    blue: blueAt!,
    green: greenAt!,
  });
  const config = caddySchema.parse(section) as CaddyAdminConfig;
  const local = localTransport('edge-1');
  const relay = createServer((near) => {
    near.once('data', async (request: Buffer) => {
      if (request.toString().startsWith('PATCH')) await meddle();
      const far = local.connect(parseAddress(config.nodes[0]!.admin));
      far.write(request);
      pipeline(near, far, near, () => undefined);
    });
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  const { port } = relay.address() as AddressInfo;
  const router = caddyAdminRouter(config, () => ({
    ...local,
    connect: () => local.connect({ host: '127.0.0.1', port }),
  }));
  try {
    const [call] = router.plan(await router.read(), allTo('green', ['blue', 'green']));
    await expect(router.apply(call!)).rejects.toThrow(/was changed by someone else since it was read/);
  } finally {
    await new Promise((resolve) => relay.close(resolve));
    await server.stop();
    rmSync(folder, { recursive: true });
  }
});

it.each<[string, () => string]>([
  ['newest', () => installed('caddy')],
  ['of Debian', () => 'caddy'],
])(
  'switch fault 5: Caddy, %s, tells whether its active checks hold a colour up',
  async (_, binary) => {
    const folder = mkdtempSync(join(tmpdir(), 'caddy-'));
    const [port, adminPort, bluePort, greenPort] = await freePorts(4);
    const [blue, green] = [`127.0.0.1:${bluePort}`, `127.0.0.1:${greenPort}`];
    const file = join(folder, 'live');
    const config = join(folder, 'Caddyfile');
    const url = `http://127.0.0.1:${port}`;
    writeFileSync(file, 'blue\n');
    writeFileSync(
      config,
      `{
	admin 127.0.0.1:${adminPort}
	auto_https off
	log {
		level ERROR
	}
}
${url} {
	respond /-/up 200
	@green vars {file.${file}} green
	reverse_proxy @green ${green} {
		health_uri /health
		health_interval 500ms
	}
	reverse_proxy ${blue} {
		fail_duration 30s
	}
}
`,
    );
    const shop = (at: number) =>
      startShop({ version: '1.0.0', digest: 'sha256:g', colour: 'green', port: at, data: folder });
    const server = await startCaddy(binary(), folder, config, `${url}/-/up`);
    const router = await routerOf({
      type: 'caddy',
      nodes: [{ name: 'edge-1', admin: `127.0.0.1:${adminPort}` }],
      file,
      values: { blue: 'blue', green: 'green' },
      servers: { blue: [blue], green: [green] },
    });
    const becomes = async (is: 'up' | 'down'): Promise<Serving> => {
      for (;;) {
        const serving = await router.serving!('green');
        if (serving.is === is) return serving;
        await sleep(200);
      }
    };
    try {
      expect(await becomes('down')).toEqual({
        is: 'down',
        why: `on Caddy node "edge-1", Caddy holds ${green} down by its health checks`,
      });
      const started = await shop(greenPort!);
      expect(await becomes('up')).toEqual({ is: 'up', servers: 1, lag: 11_500 });
      await started.close();
      expect(await router.serving!('blue')).toMatchObject({
        is: 'unknown',
        why: expect.stringContaining('only by requests of users'),
      });
    } finally {
      await server.stop();
      rmSync(folder, { recursive: true });
    }
  },
  240_000,
);
