import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { createHttpClient } from '../../../../../shared/http/client.js';
import type { HttpClient } from '../../../../../shared/http/types.js';
import type { Clock } from '../../../../../shared/time/clock.js';
import type { Call } from '../../../../../shared/contracts/call.js';
import { observe, type Router } from '../../../../../shared/traffic/router.js';
import { traefikRouter } from '../../../../../shared/traffic/routers/traefik/router.js';
import { traefikSchema } from '../../../../../shared/traffic/routers/traefik/config.js';
import { localTransport } from '../../../../../shared/traffic/transports/local.js';
import type { OpenMachine } from '../../../../../shared/traffic/transports/open.js';
import { serve, type TestServer } from '../../../../support/servers/http.js';

const blue = { blue: 100, green: 0 };
const green = { blue: 0, green: 100 };
const shares = (onBlue: number, onGreen: number) => ({
  services: [
    { name: 'shop-blue', weight: onBlue },
    { name: 'shop-green', weight: onGreen },
  ],
});

/** Takes what the file says after so many looks, as a process does that holds changes back. */
function follows(file: string, after = 0): RequestListener {
  let live = shares(100, 0);
  let looks = 0;
  return (_, response) => {
    const weighted = existsSync(file)
      ? (parse(readFileSync(file, 'utf8')) as File).http.services.shop.weighted
      : live;
    if (JSON.stringify(weighted) === JSON.stringify(live)) looks = 0;
    else if (looks++ >= after) live = weighted;
    response.end(JSON.stringify({ status: 'enabled', weighted: live }));
  };
}
interface File {
  http: { services: { shop: { weighted: ReturnType<typeof shares> } } };
}

describe('a router that watches a file', () => {
  let folder: string;
  let file: string;
  let http: HttpClient;
  let api: TestServer;

  // Waits cost nothing: the pauses between two looks only move this clock.
  let now = 0;
  const clock: Clock = { now: () => now, sleep: async (ms) => void (now += ms) };

  const write = (onBlue: number, onGreen: number) =>
    writeFileSync(
      file,
      JSON.stringify({ http: { services: { shop: { weighted: shares(onBlue, onGreen) } } } }),
    );
  const edge = (changes: object = {}) => ({ name: 'edge-1', file, api: api.url, ...changes });
  function router(nodes: object[], within = '2s', open?: OpenMachine): Router {
    const section = { service: 'shop', backends: { blue: 'shop-blue', green: 'shop-green' }, within };
    return traefikRouter(
      traefikSchema.parse({ type: 'traefik', nodes, ...section }),
      { http, clock, workspace: folder, variable: () => undefined },
      open,
    );
  }
  async function serveApi(listener: RequestListener): Promise<void> {
    await api?.close();
    api = await serve(listener);
  }
  const callTo = async (by: Router, target: typeof blue): Promise<Call> =>
    by.plan(await by.read(), target)[0]!;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'traefik-'));
    file = join(folder, 'shop.yml');
    http = createHttpClient();
    write(100, 0);
    api = await serve(follows(file));
  });

  afterEach(async () => {
    http.close();
    await api.close();
    rmSync(folder, { recursive: true });
  });

  it('waits until the process works with what was written', async () => {
    await serveApi(follows(file, 5));
    const edges = router([edge()]);
    await edges.apply(await callTo(edges, green));
    expect((await edges.read()).weights).toEqual(green);
  });

  it('plans one call for each node that differs, in its file or in its process', () => {
    const edges = router(['a', 'b', 'c', 'd'].map((name) => edge({ name })));
    const observed = observe({ a: green, b: blue, c: green, d: green }, { a: green, b: green, c: blue });
    expect(edges.plan(observed, green).map(({ node, say }) => `${node}: ${say}`)).toEqual(
      ['b', 'c', 'd'].map((node) => `${node}: write ${file}: shop-blue 0, shop-green 100`),
    );
  });

  it.each([
    ['parts of a percent', { blue: 99.5, green: 0.5 }],
    ['a sum that is not 100', { blue: 100, green: 100 }],
    ['less than nothing', { blue: 110, green: -10 }],
    ['a colour it does not know', { red: 100 }],
  ])('plans nothing for %s', (_, target) => {
    expect(() => router([edge()]).plan(observe({ 'edge-1': blue }), target)).toThrow(RangeError);
  });

  it('writes a file that went missing', async () => {
    const edges = router([edge()]);
    rmSync(file);
    const [call] = edges.plan(observe({ 'edge-1': blue }, {}), green);
    await edges.apply(call!);
    expect((await edges.read()).saved).toEqual({ 'edge-1': green });
  });

  it('counts a file that was written and is not taken yet as a change', async () => {
    await serveApi(follows(file, 1_000));
    const edges = router([edge()]);
    const before = await edges.read();
    write(0, 100);
    const after = await edges.read();
    expect(after.weights).toEqual(before.weights);
    expect(after.version).not.toBe(before.version);
  });

  it('waits out a change that was on its way when it takes it back', async () => {
    // The process shows blue, then the green it had read before, and at last the blue that was written over it.
    const shown = [blue, blue, blue, blue, green, blue].map((weights) => shares(weights.blue, weights.green));
    await serveApi((_, response) => {
      const weighted = shown.length > 1 ? shown.shift() : shown[0];
      response.end(JSON.stringify({ status: 'enabled', weighted }));
    });
    write(0, 100);
    const edges = router([edge()], '4s');
    await edges.apply(await callTo(edges, blue));
    expect(shown).toHaveLength(1);
    expect((await edges.read()).saved).toEqual({ 'edge-1': blue });
  });

  it('leaves a file that was understood when planned and is not any more', async () => {
    const edges = router([edge()]);
    const call = await callTo(edges, green);
    writeFileSync(file, 'http: { routers: {} }\n');
    await expect(edges.apply(call)).rejects.toThrow(/changed by someone else .* nothing was written/);
    expect(readFileSync(file, 'utf8')).toBe('http: { routers: {} }\n');
  });

  it('never writes a file that holds more than the service', async () => {
    const edges = router([edge()]);
    writeFileSync(file, 'http: { routers: {} }\n');
    const [call] = edges.plan(observe({ 'edge-1': blue }, {}), green);
    await expect(edges.apply(call!)).rejects.toThrow(/cannot be changed: it must hold the weighted service/);
    expect(readFileSync(file, 'utf8')).toBe('http: { routers: {} }\n');
  });

  it.each<[string, Partial<Call>]>([
    ['another action', { action: { do: 'set-map', backend: 'x' } }],
    ['no weights', { action: { do: 'write-weights' } }],
    ['weights of other colours', { action: { do: 'write-weights', to: '{"red":100,"green":0}' } }],
    ['weights that are none', { action: { do: 'write-weights', to: '{"blue":"100","green":0}' } }],
    ['a broken condition', { action: { do: 'write-weights', to: JSON.stringify(green), from: '[' } }],
    [
      'a node it does not know',
      { node: 'edge-9', action: { do: 'write-weights', to: JSON.stringify(green) } },
    ],
  ])('refuses a journaled call with %s', async (_, changes) => {
    const call = { node: 'edge-1', say: 'a call', action: {}, ...changes };
    await expect(router([edge()]).apply(call)).rejects.toMatchObject({
      name: 'RouterError',
      node: call.node,
    });
    expect(parse(readFileSync(file, 'utf8'))).toMatchObject({
      http: { services: { shop: { weighted: shares(100, 0) } } },
    });
  });

  it.each<[string, RequestListener, RegExp]>([
    [
      'answers with an error',
      (_, response) => response.writeHead(500).end('boom'),
      /its API answers 500.*boom/,
    ],
    ['answers nonsense', (_, response) => response.end('<html>'), /not understood/],
    ['breaks off', (request) => request.socket.destroy(), /edge-1/],
  ])('says so when a node %s', async (_, listener, why) => {
    await serveApi(listener);
    await expect(router([edge()]).read()).rejects.toMatchObject({
      name: 'RouterError',
      message: expect.stringMatching(why),
    });
  });

  it('writes nothing while the process does not answer', async () => {
    const edges = router([edge()]);
    const call = await callTo(edges, green);
    await api.close();
    await expect(edges.apply(call)).rejects.toMatchObject({ name: 'RouterError', node: 'edge-1' });
    expect(parse(readFileSync(file, 'utf8'))).toMatchObject({
      http: { services: { shop: { weighted: shares(100, 0) } } },
    });
  });

  it('gives up on a process that never takes the file, with its own words', async () => {
    await serveApi((_, response) =>
      response.end(JSON.stringify({ status: 'enabled', weighted: shares(100, 0) })),
    );
    const edges = router([edge()], '100ms');
    await expect(edges.apply(await callTo(edges, green))).rejects.toThrow(
      /has not taken .*shop\.yml within 100 ms: it still says blue 100 %\. .*watch: true/,
    );
  });

  it('asks for the service by its name at the address given, path and all', async () => {
    const asked: string[] = [];
    await serveApi((request, response) => {
      asked.push(request.url ?? '');
      follows(file)(request, response);
    });
    await router([edge({ api: `${api.url}/traefik/` })]).read();
    expect(asked).toEqual(['/traefik/api/http/services/shop%40file']);
  });

  describe('behind ssh', () => {
    const ssh = { host: 'edge', 'known-hosts': 'ops/known_hosts' };
    /** A machine whose loopback interface has the API at another port than anything here. */
    const through =
      (dialled: unknown[], port = api.port): OpenMachine =>
      (node) => ({
        ...localTransport(node.name),
        connect: (endpoint) => {
          dialled.push(endpoint);
          return connect(port, '127.0.0.1');
        },
      });

    it('reaches the address as the node sees it', async () => {
      const dialled: unknown[] = [];
      const edges = router([edge({ ssh, api: 'http://[::1]:8080' })], '2s', through(dialled));
      await edges.apply(await callTo(edges, green));
      expect((await edges.read()).weights).toEqual(green);
      expect(new Set(dialled.map((endpoint) => JSON.stringify(endpoint)))).toEqual(
        new Set(['{"host":"::1","port":8080}']),
      );
      expect(dialled.length).toBe(api.connections());
    });

    it('says what went wrong on the way', async () => {
      const dead = await serve(() => undefined);
      await dead.close();
      const edges = router([edge({ ssh })], '2s', through([], dead.port));
      await expect(edges.read()).rejects.toThrow(/Node "edge-1": .* gave no answer \(ECONNREFUSED\)/);
    });
  });
});
