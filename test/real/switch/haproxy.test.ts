import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startLoad } from '../../../rehearsal/load/load.js';
import { startShop } from '../../../rehearsal/shop/shop.js';
import { parseConfig } from '../../../shared/config/parse.js';
import { createHttpClient } from '../../../shared/http/client.js';
import { systemClock } from '../../../shared/runner/port.js';
import { checkFit } from '../../../shared/traffic/colour/fit.js';
import { resolveHeaders } from '../../../shared/traffic/config/headers.js';
import { trafficSchema, type TrafficConfig } from '../../../shared/traffic/config/schema.js';
import { openRouter } from '../../../shared/traffic/registry.js';
import { allTo, type Router } from '../../../shared/traffic/router.js';
import { Timeline } from '../../../shared/traffic/timeline.js';
import { answers, freePorts, startServer } from '../../support/servers/real.js';

const page = readFileSync('docs/routers/haproxy.md', 'utf8');
const block = (language: string, index: number) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))][index]![1]!;
const colours = ['blue', 'green'];

let folder: string;
let cleanUp: (() => unknown)[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'haproxy-page-'));
  cleanUp = [() => rmSync(folder, { recursive: true, force: true })];
});
afterEach(async () => {
  for (const undo of cleanUp.reverse()) await undo();
});

interface Started {
  url: string;
  router: Router;
  config: TrafficConfig;
  startGreen(): Promise<void>;
}

/**
 * HAProxy as the page configures it, but for places of this machine; blue is live, and nothing listens where green
 * will.
 */
async function started(mode: 'map' | 'servers', change = (text: string) => text): Promise<Started> {
  const [entry, greenPort] = (await freePorts(2)) as [number, number];
  const data = join(folder, 'data');
  const blue = await startShop({ port: 0, version: '1.0.0', digest: 'sha256:b', colour: 'blue', data });
  cleanUp.push(() => blue.close());
  const socket = join(folder, 'admin.sock');
  mkdirSync(join(folder, 'live'));
  writeFileSync(join(folder, 'live', 'shop.map'), 'shop shop_blue\n');
  const here = (text: string) =>
    text
      .replaceAll('/run/haproxy/admin.sock mode 660 group haproxy', `${socket} mode 600`)
      .replaceAll('/run/haproxy/admin.sock', socket)
      .replaceAll('/etc/haproxy/live', join(folder, 'live'))
      .replaceAll(':443 ssl crt /etc/haproxy/certs', `127.0.0.1:${entry}`)
      .replaceAll('https://shop.example.com', `http://127.0.0.1:${entry}`)
      .replaceAll(/10\.0\.0\.1[13]:8080/g, `127.0.0.1:${blue.port}`)
      .replaceAll(/10\.0\.0\.1[24]:8080/g, `127.0.0.1:${greenPort}`);
  const whole = block('haproxy', 0);
  const cfg =
    mode === 'map'
      ? whole
      : `${whole.slice(0, whole.indexOf('  use_backend'))}  default_backend shop\n${block('haproxy', 1)}`;
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(file, change(here(cfg)));
  const url = `http://127.0.0.1:${entry}`;
  const server = await startServer(
    ['haproxy', '-db', '-f', file],
    async () => existsSync(socket) && (await answers(`${url}/health`)),
  );
  cleanUp.push(() => server.stop());
  const parsed = parseConfig(here(block('yaml', mode === 'map' ? 0 : 1)), 'haproxy.md', trafficSchema);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const client = createHttpClient();
  cleanUp.push(() => client.close());
  const router = await openRouter(parsed.value.router, {
    http: client,
    clock: systemClock,
    workspace: folder,
    variable: () => undefined,
  });
  return {
    url,
    router,
    config: resolveHeaders(parsed.value, () => undefined).config,
    async startGreen() {
      const green = await startShop({
        port: greenPort,
        version: '2.0.0',
        digest: 'sha256:g',
        colour: 'green',
        data,
      });
      cleanUp.push(() => green.close());
    },
  };
}

async function moveTo(router: Router, colour: string): Promise<void> {
  const target = allTo(colour, colours);
  for (const call of router.plan(await router.read(), target)) await router.apply(call);
  expect(router.plan(await router.read(), target)).toEqual([]);
}

/** Waits until HAProxy has checked a colour and holds it so. */
async function untilHeld(router: Router, colour: string, wanted: 'up' | 'DOWN'): Promise<void> {
  for (;;) {
    const serving = await router.serving!(colour);
    if (wanted === 'up' ? serving.is === 'up' : serving.is === 'down' && /is DOWN/.test(serving.why)) return;
    await sleep(100);
  }
}

/** The version that one connection, kept open, is answered by. */
function versionBy(url: string, agent: http.Agent): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    http
      .get(`${url}/health`, { agent }, (answer) => {
        answer.resume().once('end', () => resolve(answer.headers['x-app-version'] as string | undefined));
      })
      .once('error', reject);
  });
}

describe.each(['map', 'servers'] as const)(
  'switch fault 24: the configuration of the page, mode %s',
  (mode) => {
    it('waits for a colour that starts cold and loses no request, on kept and on new connections', async () => {
      const { url, router, config, startGreen } = await started(mode);
      await untilHeld(router, 'green', 'DOWN');
      const load = startLoad({ url, rps: 200, keepalive: 4, fresh: 2, tenant: 'main' });
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
      cleanUp.push(() => agent.destroy());
      expect(await versionBy(url, agent)).toBe('1.0.0');
      await startGreen();
      const client = createHttpClient();
      cleanUp.push(() => client.close());
      const clock = systemClock;
      const signal = new AbortController().signal;
      const timeline = new Timeline(clock, () => undefined);
      const fit = await checkFit(
        { router, config, http: client, clock, signal, timeline },
        'green',
        undefined,
      );
      expect(fit).toEqual({ ok: true });
      await moveTo(router, 'green');
      expect(await versionBy(url, agent)).toBe('2.0.0');
      await sleep(500);
      const report = await load.stop();
      expect(report.failures).toEqual([]);
      expect(report).toMatchObject({ failedTransport: 0, failedRouter: 0 });
      expect(report.byVersion['1.0.0']).toBeGreaterThan(0);
      expect(report.byVersion['2.0.0']).toBeGreaterThan(0);
    });
  },
);

describe('HAProxy with servers of both colours', () => {
  it('switches with a server in maintenance, there and back (switch fault 4)', async () => {
    const { router, startGreen, config } = await started('servers', (text) =>
      text.replace(/(server green2 \S+)/, '$1 disabled').replace('inter 2s', 'inter 100ms'),
    );
    expect(config.router.type).toBe('haproxy');
    await startGreen();
    await untilHeld(router, 'green', 'up');
    expect(await router.serving!('green')).toEqual({ is: 'up', servers: 1 });
    for (const colour of ['green', 'blue']) await moveTo(router, colour);
  });

  it('switches a static balance (switch fault 18)', async () => {
    const { router, startGreen } = await started('servers', (text) =>
      text.replace('balance roundrobin', 'balance source').replaceAll('weight 0', 'weight 100'),
    );
    await startGreen();
    for (const colour of ['green', 'blue']) await moveTo(router, colour);
  });

  it('is said to keep clients where it sets a cookie or has a stick table (switch fault 17)', async () => {
    expect((await (await started('servers')).router.inspect!()).notes).toEqual([]);
    for (const undo of cleanUp.splice(1).reverse()) await undo();
    rmSync(join(folder, 'live'), { recursive: true });
    const { router } = await started('servers', (text) =>
      text.replace(
        'balance roundrobin',
        'cookie SRV insert indirect\n  stick-table type ip size 1k expire 1m\n  stick on src',
      ),
    );
    expect((await router.inspect!()).notes).toEqual([
      expect.stringMatching(/backend "shop" can keep clients on their server \(cookie SRV, a stick table\)/),
    ]);
  });
});
