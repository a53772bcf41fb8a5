import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import * as http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startLoad } from '../../../rehearsal/load/load.js';
import { startShop, type RunningShop } from '../../../rehearsal/shop/shop.js';
import { createHttpClient } from '../../../shared/http/client.js';
import { systemClock } from '../../../shared/runner/port.js';
import { openRouter } from '../../../shared/traffic/registry.js';
import { allTo, liveColour, observe, type Router, type Weights } from '../../../shared/traffic/router.js';
import { routerSchema } from '../../../shared/traffic/routers/schemas.js';
import { foretoldAndCalled } from './foretold.js';
import { freePorts, type RealServer } from '../servers/real.js';

/** A started product with two shops behind it. */
export interface WatchedSubject {
  server: RealServer;
  /** Public address through the router. */
  url: string;
  /** The node's fields of the traffic file. */
  node: Record<string, string>;
  /** The file that the node watches. */
  file: string;
}

export interface WatchedProduct {
  name: string;
  /** Section of the traffic file for these nodes. */
  router(nodes: readonly Record<string, string>[], within: string): Record<string, unknown>;
  /** Starts it in a folder of its own, all traffic on blue; started again, it goes by what the file says then. */
  start(folder: string, ports: { blue: number; green: number }): Promise<WatchedSubject>;
  /** The node's fields with another administration address. */
  elsewhere(node: Record<string, string>, address: string): Record<string, string>;
}

const colours = ['blue', 'green'];
const blueLive = allTo('blue', colours);
const greenLive = allTo('green', colours);
const switches = 20;

/** Everything a router that watches a file has to hold to, told of the real product. */
export function watchedFileSuite(product: WatchedProduct): void {
  describe(product.name, () => {
    const client = createHttpClient();
    let folder: string;
    let shops: { blue: RunningShop; green: RunningShop };
    let subject: WatchedSubject;
    let router: Router;

    const open = (nodes: readonly Record<string, string>[], within = '10s') =>
      openRouter(routerSchema.parse(product.router(nodes, within)), {
        http: client,
        clock: systemClock,
        workspace: folder,
        variable: () => undefined,
      });
    const edge = () => ({ name: 'edge-1', ...subject.node });
    async function move(target: Weights, by = router): Promise<number> {
      const calls = by.plan(await by.read(), target);
      for (const call of calls) await by.apply(call);
      return calls.length;
    }
    const seen = async (requests = 5) => {
      const versions = [];
      for (let i = 0; i < requests; i += 1) versions.push(await versionAt(subject.url));
      return versions;
    };

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'watched-'));
      const data = join(folder, 'data');
      shops = {
        blue: await startShop({ port: 0, version: '1.0.0', digest: 'sha256:b', colour: 'blue', data }),
        green: await startShop({ port: 0, version: '2.0.0', digest: 'sha256:g', colour: 'green', data }),
      };
      subject = await product.start(folder, ports());
      router = await open([edge()]);
    }, 1_800_000);
    const ports = () => ({ blue: shops.blue.port, green: shops.green.port });

    afterAll(async () => {
      client.close();
      await subject.server.stop();
      await Promise.all([shops.blue.close(), shops.green.close()]);
      rmSync(folder, { recursive: true });
    });

    beforeEach(async () => void (await move(blueLive)));
    afterEach(() => subject.server.thaw());

    it('tells which colour is live, from the process and from its file', async () => {
      const { weights, saved, nodes } = await router.read();
      expect({ weights, saved, nodes }).toEqual({
        weights: blueLive,
        saved: { 'edge-1': blueLive },
        nodes: { 'edge-1': blueLive },
      });
      expect(await seen()).toEqual(Array(5).fill('1.0.0'));
    });

    it('switches with one call, reads it back, and switches back', async () => {
      expect(await move(greenLive)).toBe(1);
      expect(liveColour((await router.read()).weights)).toBe('green');
      expect(await seen()).toEqual(Array(5).fill('2.0.0'));
      expect(await move(blueLive)).toBe(1);
      expect(await seen()).toEqual(Array(5).fill('1.0.0'));
    });

    it('has nothing to call when the target is reached', async () => {
      expect(router.plan(await router.read(), blueLive)).toEqual([]);
    });

    it('shares traffic by weight', async () => {
      await move({ blue: 75, green: 25 });
      const onGreen = (await seen(400)).filter((version) => version === '2.0.0').length;
      expect(onGreen).toBeGreaterThan(50);
      expect(onGreen).toBeLessThan(150);
      expect((await router.read()).weights).toEqual({ blue: 75, green: 25 });
    });

    it('is called as a dry run foretells', async () => {
      const { foretold, called } = await foretoldAndCalled(router);
      expect(foretold.flat()).not.toEqual([]);
      expect(foretold).toEqual(called);
    });

    it('does the same when a journaled call is made twice', async () => {
      const calls = router.plan(await router.read(), greenLive);
      for (const call of [...calls, ...calls]) await router.apply(call);
      expect((await router.read()).weights).toEqual(greenLive);
      expect(await seen()).toEqual(Array(5).fill('2.0.0'));
    });

    it('notices that someone else changed the traffic between plan and call, and leaves it', async () => {
      const [stale] = router.plan(await router.read(), greenLive);
      await move({ blue: 60, green: 40 });
      await expect(router.apply(stale!)).rejects.toThrow(
        /changed by someone else since it was read: it says blue 60 %, green 40 %, and was blue 100 %; nothing was written/,
      );
      expect((await router.read()).weights).toEqual({ blue: 60, green: 40 });
    });

    it('writes the file again when only the file differs, so that a restart brings no surprise', async () => {
      const good = readFileSync(subject.file, 'utf8');
      await move(greenLive);
      subject.server.freeze();
      writeFileSync(subject.file, good);
      const calls = router.plan(observe({ 'edge-1': greenLive }, { 'edge-1': blueLive }), greenLive);
      subject.server.thaw();
      for (const call of calls) await router.apply(call);
      expect(calls).toHaveLength(1);
      expect(await router.read()).toMatchObject({ weights: greenLive, saved: { 'edge-1': greenLive } });
    });

    it('leaves nothing beside its file', async () => {
      await move(greenLive);
      const around = readdirSync(join(subject.file, '..'));
      expect(around.filter((name) => name.includes('devops-actions'))).toEqual([]);
    });

    it('keeps the switch over a restart', async () => {
      await move(greenLive);
      await subject.server.stop();
      subject = await product.start(folder, ports());
      router = await open([edge()]);
      expect((await router.read()).weights).toEqual(greenLive);
      expect(await seen()).toEqual(Array(5).fill('2.0.0'));
    });

    it('says which node cannot be asked', async () => {
      const [port] = await freePorts(1);
      const gone = product.elsewhere({ ...edge(), name: 'edge-2' }, `http://127.0.0.1:${port}`);
      await expect((await open([edge(), gone])).read()).rejects.toMatchObject({
        node: 'edge-2',
        message: expect.stringContaining('edge-2'),
      });
    });

    it('writes nothing while the process does not answer, and goes on when it does again', async () => {
      const [call] = router.plan(await router.read(), greenLive);
      const before = readFileSync(subject.file, 'utf8');
      subject.server.freeze();
      await expect(router.apply(call!)).rejects.toMatchObject({ name: 'RouterError', node: 'edge-1' });
      subject.server.thaw();
      expect(readFileSync(subject.file, 'utf8')).toBe(before);
      await router.apply(call!);
      expect(await seen()).toEqual(Array(5).fill('2.0.0'));
    });

    it('takes back what a run that died had written, and stays there', async () => {
      await move(greenLive);
      const greenFile = readFileSync(subject.file, 'utf8');
      await move(blueLive);
      // Renamed as the router does it, while the process cannot look: written, not taken.
      subject.server.freeze();
      writeFileSync(`${subject.file}.next`, greenFile);
      renameSync(`${subject.file}.next`, subject.file);
      const calls = router.plan(observe({ 'edge-1': blueLive }, { 'edge-1': greenLive }), blueLive);
      subject.server.thaw();
      for (const call of calls) await router.apply(call);
      expect(calls).toHaveLength(1);
      for (let look = 0; look < 30; look += 1) {
        expect(await versionAt(subject.url)).toBe('1.0.0');
        await sleep(100);
      }
      expect((await router.read()).saved).toEqual({ 'edge-1': blueLive });
    });

    it('says that a process never took a file which it does not watch', async () => {
      const unwatched = subject.file.replace(/\.(\w+)$/, '-unwatched.txt.$1');
      const file = join(folder, unwatched.slice(unwatched.lastIndexOf('/') + 1));
      writeFileSync(file, readFileSync(subject.file, 'utf8'));
      const astray = await open([{ ...edge(), file }], '1s');
      await expect(move(greenLive, astray)).rejects.toThrow(
        /has not taken .*unwatched.* within 1\.0 s: it still says blue 100 %/,
      );
      expect((await router.read()).weights).toEqual(blueLive);
    });

    it(`loses no request in ${switches} switches under load, on kept and on new connections`, async () => {
      const load = startLoad({ url: subject.url, rps: 0, keepalive: 4, fresh: 2 });
      for (let i = 0; i < switches; i += 1) {
        await sleep(20);
        await move(i % 2 === 0 ? greenLive : blueLive);
      }
      const report = await load.stop();
      expect(report).toMatchObject({ failedTransport: 0, failedRouter: 0, appErrors: {}, failures: [] });
      expect(report.ok).toBe(report.sent);
      expect(Math.min(report.byVersion['1.0.0'] ?? 0, report.byVersion['2.0.0'] ?? 0)).toBeGreaterThan(50);
    }, 180_000);
  });
}

/** Version that a new connection reaches. */
function versionAt(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    http
      .get(`${url}/api/products`, { agent: false }, (answer) => {
        answer.resume();
        answer.once('end', () => resolve(String(answer.headers['x-app-version'])));
      })
      .once('error', reject);
  });
}
