import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import * as http from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startLoad } from '../../../rehearsal/load/load.js';
import { startShop, type RunningShop } from '../../../rehearsal/shop/shop.js';
import { createHttpClient } from '../../../shared/http/client.js';
import { systemClock } from '../../../shared/runner/port.js';
import { openRouter } from '../../../shared/traffic/registry.js';
import { allTo, liveColour, type Router, type Weights } from '../../../shared/traffic/router.js';
import { routerSchema } from '../../../shared/traffic/routers/schemas.js';
import { foretoldAndCalled } from '../../support/traffic/foretold.js';
import type { RealServer } from '../../support/servers/real.js';

/** A started product with two shops behind it, all traffic on blue. */
export interface Subject {
  server: RealServer;
  /** Public address through the router. */
  url: string;
  /** Section of the traffic file. */
  section: Record<string, unknown>;
  /** Puts back by hand what a new installation has. */
  reset(): Promise<void>;
  /** Changes the live colour to green by hand, as a person at the machine does. */
  meddle(): Promise<void>;
  /** File that the suite replaces, if any. */
  file?: string;
}

export interface Mechanism {
  name: string;
  /** Whether it is the one that may lose nothing. */
  lossless: boolean;
  /** Whether calls made for a state that is gone are refused. */
  conditional: boolean;
  callsPerSwitch: number;
  start(folder: string, shops: { blue: number; green: number }): Promise<Subject>;
}

const blue = allTo('blue', ['blue', 'green']);
const green = allTo('green', ['blue', 'green']);
const switches = 24;

// These routers reach everything through their nodes' machines, so it never opens a connection.
const client = createHttpClient();

/** The router of a section, as the actions open it. */
export function routerOf(section: Record<string, unknown>, workspace = '.'): Promise<Router> {
  const tools = { http: client, clock: systemClock, workspace, variable: () => undefined };
  return openRouter(routerSchema.parse(section), tools);
}

/** Plans and makes the calls; how many there were. */
export async function move(router: Router, target: Weights): Promise<number> {
  const calls = router.plan(await router.read(), target);
  for (const call of calls) await router.apply(call);
  return calls.length;
}

/** One request on a connection of its own. */
export function ask(
  url: string,
  method = 'GET',
  body?: string,
): Promise<{ status: number; version: string; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const request = http.request(url, { agent: false, method, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.once('end', () =>
        resolve({ status: answer.statusCode ?? 0, version: String(answer.headers['x-app-version']), text }),
      );
    });
    request.once('error', reject);
    request.end(body);
  });
}

/** Versions that new connections reach. */
export async function versionsAt(url: string, requests = 5): Promise<string[]> {
  const versions = [];
  for (let i = 0; i < requests; i += 1) versions.push((await ask(`${url}/api/products`)).version);
  return versions;
}

/** What every mechanism has to hold to, told of the real product. */
export function mechanismSuite(mechanism: Mechanism): void {
  describe(mechanism.name, () => {
    let folder: string;
    let shops: { blue: RunningShop; green: RunningShop };
    let subject: Subject;
    let router: Router;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'switch-'));
      const data = join(folder, 'data');
      shops = {
        blue: await startShop({ port: 0, version: '1.0.0', digest: 'sha256:b', colour: 'blue', data }),
        green: await startShop({ port: 0, version: '2.0.0', digest: 'sha256:g', colour: 'green', data }),
      };
      subject = await mechanism.start(folder, { blue: shops.blue.port, green: shops.green.port });
      router = await routerOf(subject.section);
    }, 1_800_000);

    afterAll(async () => {
      // A suite that could not start still ends.
      await (subject as Subject | undefined)?.server.stop();
      await Promise.all([shops.blue.close(), shops.green.close()]);
      rmSync(folder, { recursive: true });
    });

    beforeEach(() => subject.reset());

    it('says that blue is live, as new connections see it', async () => {
      expect((await router.read()).weights).toEqual(blue);
      expect(await versionsAt(subject.url)).toEqual(Array(5).fill('1.0.0'));
      expect(router.plan(await router.read(), blue)).toEqual([]);
    });

    it('switches, reads it back, has nothing more to do, and switches back', async () => {
      expect(await move(router, green)).toBe(mechanism.callsPerSwitch);
      expect((await router.read()).weights).toEqual(green);
      expect(await versionsAt(subject.url)).toEqual(Array(5).fill('2.0.0'));
      expect(await move(router, green)).toBe(0);
      await move(router, blue);
      expect(await versionsAt(subject.url)).toEqual(Array(5).fill('1.0.0'));
    });

    it('is called as a dry run foretells', async () => {
      const { foretold, called } = await foretoldAndCalled(router);
      expect(foretold.flat()).not.toEqual([]);
      expect(foretold).toEqual(called);
    });

    it('ends the same when every journaled call is made twice', async () => {
      const calls = router.plan(await router.read(), green);
      for (const call of calls) {
        await router.apply(call);
        await router.apply(call);
      }
      for (const call of calls) await router.apply(call);
      expect(liveColour((await router.read()).weights)).toBe('green');
      expect(await versionsAt(subject.url)).toEqual(Array(5).fill('2.0.0'));
    });

    it('sees in its version that someone else switched', async () => {
      const { version } = await router.read();
      const stale = router.plan(await router.read(), blue);
      await subject.meddle();
      const now = await router.read();
      expect(now.version).not.toBe(version);
      expect(liveColour(now.weights)).toBe('green');
      expect(stale).toEqual([]);
      expect(await move(router, blue)).toBeGreaterThan(0);
      expect(await versionsAt(subject.url)).toEqual(Array(5).fill('1.0.0'));
    });

    if (mechanism.conditional) {
      it('refuses a call made for a state that is gone', async () => {
        await move(router, green);
        const [stale] = router.plan(await router.read(), blue);
        await subject.reset();
        // Someone went on to a state that is neither what the call was made for nor what it wants.
        const from = { ...stale!, action: { ...stale!.action, from: 'something else' } };
        await move(router, green);
        await expect(router.apply(from)).rejects.toThrow(/changed by someone else since it was read/);
        expect(await versionsAt(subject.url)).toEqual(Array(5).fill('2.0.0'));
      });
    }

    it('leaves nothing beside its files', async () => {
      await move(router, green);
      const around = subject.file === undefined ? [] : readdirSync(dirname(subject.file));
      expect(around.filter((name) => name.includes('devops-actions'))).toEqual([]);
    });

    it(`${mechanism.lossless ? 'loses no request' : 'serves the right colour'} through ${switches} switches under load`, async () => {
      const load = startLoad({ url: subject.url, rps: 0, keepalive: 8, fresh: 4 });
      for (let i = 0; i < switches; i += 1) {
        await sleep(40);
        await move(router, i % 2 === 0 ? green : blue);
      }
      const report = await load.stop();
      const failed = report.failedTransport + report.failedRouter;
      process.stdout.write(
        `${mechanism.name}: ${failed} of ${report.sent} failed, ${report.reusedFailures} on kept and ${report.freshFailures} on new connections\n`,
      );
      expect(report.appErrors).toEqual({});
      expect(Math.min(report.byVersion['1.0.0'] ?? 0, report.byVersion['2.0.0'] ?? 0)).toBeGreaterThan(50);
      expect(report.sent - report.ok).toBe(failed);
      if (mechanism.lossless) expect(report.failures).toEqual([]);
      else expect(router.warning).toMatch(/failed over 40 switches/);
      expect(await versionsAt(subject.url)).toEqual(Array(5).fill('1.0.0'));
    });
  });
}
