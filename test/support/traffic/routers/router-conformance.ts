import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startLoad } from '../../../../rehearsal/load/load.js';
import type { RouterConfig } from '../../../../rehearsal/router/config.js';
import { startShop, type RunningShop } from '../../../../rehearsal/shop/shop.js';
import { answerCases, stateRows } from './router-answers.js';
import { ask, command } from '../runtime-socket.js';

export interface RouterSubject {
  url: string;
  socket: string;
  stop: () => Promise<void>;
}

/** Starts a router with this configuration; `listen` asks for a free port. */
export type StartSubject = (config: RouterConfig) => Promise<RouterSubject>;

const SWITCHES = 20;

/** Everything the suite relies on in a router that speaks HAProxy's runtime API, told of one subject. */
export function routerConformance(name: string, start: StartSubject): void {
  describe(name, () => {
    let folder: string;
    let mapFile: string;
    let blue: RunningShop;
    let green: RunningShop;
    let router: RouterSubject;
    const tell = (line: string): Promise<string> => command(router.socket, line);

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'router-'));
      mapFile = join(folder, 'live.map');
      writeFileSync(mapFile, '# which colour is live\nlive blue\n');
      const data = join(folder, 'data');
      blue = await startShop({ port: 0, version: '1.0.0', digest: 'sha256:b', colour: 'blue', data });
      green = await startShop({ port: 0, version: '2.0.0', digest: 'sha256:g', colour: 'green', data });
      const [blueAt, greenAt] = [blue, green].map(({ port }) => `127.0.0.1:${port}`) as [string, string];
      router = await start({
        listen: '127.0.0.1:0',
        socket: join(folder, 'api.sock'),
        map: { file: mapFile, key: 'live', default: 'blue' },
        backends: {
          blue: { servers: { app: { address: blueAt, weight: 100 } } },
          green: { servers: { app: { address: greenAt } } },
          pool: {
            servers: { blue: { address: blueAt, weight: 100 }, green: { address: greenAt, weight: 0 } },
          },
          gone: { servers: { app: { address: '127.0.0.1:1' } } },
        },
      });
    });

    afterAll(async () => {
      await router.stop();
      await Promise.all([blue.close(), green.close()]);
      rmSync(folder, { recursive: true });
    });

    describe('answers on its socket', () => {
      // Runs before anything is changed: a fresh server reports another health than one that left maintenance.
      it('shows each server on a line of its own', async () => {
        const rows = [
          ['blue', 'app', blue.port, 100],
          ['green', 'app', green.port, 1],
          ['pool', 'blue', blue.port, 100],
          ['pool', 'green', green.port, 0],
          ['gone', 'app', 1, 1],
        ] as const;
        expect(stateRows(await tell('show servers state'))).toEqual(
          rows.map((row) => expect.objectContaining(fresh(row))),
        );
      });

      for (const { says, given = [], asks, answers } of answerCases) {
        it(says, async () => {
          const id = /^(\d+) \(/m.exec(await tell('show map'))?.[1] ?? 'none';
          const fill = (text: string): string => text.replaceAll('FILE', mapFile).replaceAll('MAPID', id);
          await setUp();
          for (const line of given) await tell(fill(line));
          const received = (await tell(fill(asks))).replaceAll(/0x[0-9a-f]+/g, '0xREF');
          if (typeof answers === 'string') expect(received).toBe(fill(answers));
          else expect(received).toMatch(answers);
        });
      }
    });

    describe('keeps a session', () => {
      it('open after prompt, with a prompt after each answer', async () => {
        const session = 'prompt\nget weight blue/app\nget weight nope/app;get weight blue/app\nquit\n';
        expect(await ask(router.socket, session)).toBe(
          '\n> 100 (initial 100)\n\n> No such backend.\n\n> 100 (initial 100)\n\n> ',
        );
      });

      it('for the lines at hand only, without prompt', async () => {
        expect(await ask(router.socket, 'get weight blue/app\nget weight green/app\n')).toBe(
          '100 (initial 100)\n\n1 (initial 1)\n\n',
        );
      });
    });

    /** Puts back what a test changed. */
    async function setUp(): Promise<void> {
      const servers = ['blue/app', 'green/app', 'pool/blue', 'pool/green'];
      await tell(
        [
          `clear map ${mapFile}`,
          `add map ${mapFile} live blue`,
          ...servers.flatMap((server) => [
            `set server ${server} state ready`,
            `set server ${server} weight 100%`,
          ]),
        ].join(';'),
      );
      blue.setFault({});
    }

    describe('traffic', () => {
      beforeEach(setUp);

      it('goes where the map says, and to the default without an entry', async () => {
        expect((await get(router.url)).version).toBe('1.0.0');
        await tell(`set map ${mapFile} live green`);
        expect((await get(router.url)).version).toBe('2.0.0');
        await tell(`del map ${mapFile} live`);
        expect((await get(router.url)).version).toBe('1.0.0');
      });

      it('leaves the map file as it was', async () => {
        await tell(`set map ${mapFile} live green`);
        expect(readFileSync(mapFile, 'utf8')).toBe('# which colour is live\nlive blue\n');
      });

      it.each([
        ['the map names no backend', ['set map FILE live nobody']],
        ['no server is usable', ['set server blue/app state maint']],
        ['all weights are 0', ['set server blue/app weight 0']],
      ])('is answered 503 by the router when %s', async (_, lines) => {
        for (const line of lines) await tell(line.replace('FILE', mapFile));
        expect(await get(router.url)).toEqual({
          status: 503,
          version: undefined,
          text: '<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n',
        });
      });

      it('is answered 503 by the router when the server refuses connections', async () => {
        await tell(`set map ${mapFile} live gone`);
        expect(await get(router.url)).toMatchObject({ status: 503, version: undefined });
      });

      it('is spread by weight', async () => {
        await tell(
          `set map ${mapFile} live pool;set server pool/blue weight 30;set server pool/green weight 10`,
        );
        const versions = [];
        for (let i = 0; i < 80; i += 1) versions.push((await get(router.url)).version);
        const onGreen = versions.filter((version) => version === '2.0.0').length;
        expect(onGreen).toBeGreaterThanOrEqual(19);
        expect(onGreen).toBeLessThanOrEqual(21);
      });

      it.each([
        ['the map is switched', 'set map FILE live green'],
        ['its server is drained', 'set server pool/blue state drain'],
        ['its server goes into maintenance', 'set server pool/blue state maint'],
      ])(
        'in flight finishes on the old server while new requests take the new one when %s',
        async (_, line) => {
          await tell(
            `set map ${mapFile} live pool;set server pool/green weight 1;set server pool/blue weight 256`,
          );
          await tell('set server pool/green state drain');
          blue.setFault({ latencyMs: 150 });
          const connection = new http.Agent({ keepAlive: true, maxSockets: 1 });
          const slow = get(router.url, connection);
          await sleep(50);
          await tell('set server pool/green state ready');
          await tell(line.replace('FILE', mapFile));
          expect((await get(router.url)).version).toBe('2.0.0');
          expect(await slow).toMatchObject({ status: 200, version: '1.0.0' });
          expect((await get(router.url, connection)).version).toBe('2.0.0');
          connection.destroy();
        },
      );
    });

    describe('under load loses no request', () => {
      beforeEach(setUp);

      const switches: [string, string, (toGreen: boolean) => string[]][] = [
        ['map switches', 'blue', (toGreen) => [`set map FILE live ${toGreen ? 'green' : 'blue'}`]],
        [
          'switches by weight, the new raised before the old is lowered',
          'pool',
          (toGreen) =>
            toGreen
              ? ['set server pool/green weight 100', 'set server pool/blue weight 0']
              : ['set server pool/blue weight 100', 'set server pool/green weight 0'],
        ],
        [
          'switches by drain, the new made ready before the old is drained',
          'pool',
          (toGreen) =>
            toGreen
              ? [
                  'set server pool/green weight 100;set server pool/green state ready',
                  'set server pool/blue state drain',
                ]
              : ['set server pool/blue state ready', 'set server pool/green state drain'],
        ],
      ];

      it.each(switches)(`in ${SWITCHES} %s`, async (_, firstLive, linesFor) => {
        await tell(`set map ${mapFile} live ${firstLive}`);
        const load = startLoad({ url: router.url, rps: 0, keepalive: 4, fresh: 2 });
        for (let i = 0; i < SWITCHES; i += 1) {
          await sleep(25);
          for (const line of linesFor(i % 2 === 0)) {
            expect(await tell(line.replace('FILE', mapFile))).toMatch(/^\n+$/);
          }
        }
        const report = await load.stop();
        expect(report).toMatchObject({ failedTransport: 0, failedRouter: 0, appErrors: {}, failures: [] });
        expect(report.ok).toBe(report.sent);
        expect(Math.min(report.byVersion['1.0.0'] ?? 0, report.byVersion['2.0.0'] ?? 0)).toBeGreaterThan(50);
      });
    });
  });
}

/** `show servers state` of a server nobody has touched. */
function fresh([be_name, srv_name, port, weight]: readonly [string, string, number, number]): Record<
  string,
  string
> {
  return {
    be_name,
    srv_name,
    srv_addr: '127.0.0.1',
    srv_port: `${port}`,
    srv_op_state: '2',
    srv_admin_state: '0',
    srv_uweight: `${weight}`,
    srv_iweight: `${weight}`,
    srv_check_status: '1',
    srv_check_result: '0',
    srv_check_health: '2',
    srv_fqdn: '-',
  };
}

interface Got {
  status: number;
  version: string | undefined;
  text: string;
}

function get(url: string, agent: http.Agent | false = false): Promise<Got> {
  return new Promise((resolve, reject) => {
    http
      .get(`${url}/api/products`, { agent }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        answer.once('end', () => {
          const version = answer.headers['x-app-version'];
          resolve({ status: answer.statusCode ?? 0, version: version as string | undefined, text });
        });
      })
      .once('error', reject);
  });
}
