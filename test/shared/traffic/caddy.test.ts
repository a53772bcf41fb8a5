import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { allTo, observe, type Router, type Weights } from '../../../shared/traffic/router.js';
import { caddyRouter } from '../../../shared/traffic/routers/caddy.js';
import {
  caddySchema,
  type CaddyAdminConfig,
  type CaddyFileConfig,
} from '../../../shared/traffic/routers/caddy-config.js';
import { readUpstreams } from '../../../shared/traffic/routers/caddy-upstreams.js';
import { planValue, readValue } from '../../../shared/traffic/routers/caddy-value.js';
import { exchangeOn } from '../../../shared/traffic/routers/http-exchange.js';
import { memoryMachine, tools, type MemoryMachine } from './transports-memory.js';

const colours = ['blue', 'green'];
const blue = allTo('blue', colours);
const green = allTo('green', colours);
const file = '/var/lib/live/shop';

let server: Server;
let reply: (request: IncomingMessage, body: string, response: ServerResponse) => void;
let machine: MemoryMachine;
beforeEach(async () => {
  machine = memoryMachine({ [file]: 'blue\n' });
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => reply(request, body, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
const address = () => `127.0.0.1:${(server.address() as AddressInfo).port}`;
const open = (section: object): Router =>
  caddyRouter(caddySchema.parse({ type: 'caddy', ...section }), tools(), () => machine);

async function move(router: Router, target: Weights): Promise<string[]> {
  const calls = router.plan(await router.read(), target);
  for (const call of calls) await router.apply(call);
  return calls.map(({ say }) => say);
}

describe('Caddy by a file', () => {
  const values = { blue: 'blue', green: 'green' };
  const section = (node: object = {}) => ({ nodes: [{ name: 'edge-1', ...node }], file, values });
  const router = (probed = false) => open(section(probed ? { probe: `http://${address()}/-/live` } : {}));

  it('is the default, lossless and atomic', () => {
    const { kind, can, warning } = router();
    expect({ kind, can, warning }).toEqual({ kind: 'caddy (file)', can: { atomic: true, weighted: false } });
  });

  it('is read, switched by one write, and switched back; each call may be made twice', async () => {
    expect((await router().read()).weights).toEqual(blue);
    const [call] = router().plan(await router().read(), green);
    await router().apply(call!);
    await router().apply(call!);
    expect(machine.files.get(file)).toBe('green\n');
    expect(await move(router(), green)).toEqual([]);
    expect(await move(router(), blue)).toEqual([`write blue to ${file}`]);
  });

  it('says addresses where the configuration dials them', async () => {
    machine = memoryMachine({ [file]: '10.0.0.11:8080' });
    const dials = open({ ...section(), values: { blue: '10.0.0.11:8080', green: '10.0.0.12:8080' } });
    await move(dials, green);
    expect(machine.files.get(file)).toBe('10.0.0.12:8080\n');
  });

  it.each([
    [undefined, /does not exist; write blue or green there/],
    ['red', /says "red"; write blue or green there/],
    ['', /says ""/],
  ])('is not guessed from %j', (text, why) => {
    const config = caddySchema.parse({ type: 'caddy', ...section() }) as CaddyFileConfig;
    expect(readValue(config, text)).toEqual({ ok: false, why: expect.stringMatching(why) });
  });

  it('does not overwrite what someone else wrote since it was read', async () => {
    const [call] = router().plan(await router().read(), green);
    machine.files.set(file, 'maintenance\n');
    await expect(router().apply(call!)).rejects.toThrow(
      /says "maintenance", and said "blue"; nothing was written/,
    );
    expect(machine.files.get(file)).toBe('maintenance\n');
  });

  it('believes the running Caddy, and mends a file that says nothing', async () => {
    reply = (_request, _body, response) => response.end(machine.files.get(file) ?? 'blue');
    machine.files.delete(file);
    expect(await router(true).read()).toMatchObject({ weights: blue, saved: {} });
    await move(router(true), green);
    expect(await router(true).read()).toMatchObject({ weights: green, saved: { 'edge-1': green } });
  });

  it('says what is wrong when Caddy does not follow its file', async () => {
    reply = (_request, _body, response) => response.end('blue');
    await expect(move(router(true), green)).rejects.toThrow(
      /shop says green, but http\S+ says "blue"\. Its configuration must read that very file/,
    );
  });

  it('says which Caddy is too old', async () => {
    reply = (_request, _body, response) => response.end(`{file.${file}}`);
    await expect(router(true).read()).rejects.toThrow(
      /says "\{file\.\/var\/lib\/live\/shop\}"; it must return .* \(which Caddy before 2\.8 does not know\)/,
    );
  });

  it('has no weighted steps', () => {
    const config = caddySchema.parse({ type: 'caddy', ...section() }) as CaddyFileConfig;
    expect(() => planValue(config, observe({ a: blue }), { blue: 50, green: 50 })).toThrow(
      /all traffic to one colour/,
    );
  });

  it.each([
    { values: { blue: 'x', green: 'x' } },
    { values: { blue: '{env.SECRET}', green: 'green' } },
    { values: { blue: 'a b', green: 'green' } },
    { file: '/a/{x}' },
    { file: 'live' },
    { id: 'shop' },
  ])('refuses the section with %j', (change) => {
    expect(caddySchema.safeParse({ type: 'caddy', ...section(), ...change }).success).toBe(false);
  });
});

describe('Caddy by its API', () => {
  const servers = { blue: ['10.0.0.11:80', '10.0.0.21:80'], green: ['10.0.0.12:80'] };
  const section = () => ({
    mode: 'admin',
    nodes: [{ name: 'edge-1', admin: address() }],
    id: 'shop',
    servers,
  });
  const router = () => open(section());
  const upstreams = (...dials: string[]) => JSON.stringify(dials.map((dial) => ({ dial })));

  let running: string;
  let revision: number;
  let patches: number;
  beforeEach(() => {
    running = upstreams(...servers.blue);
    revision = 1;
    patches = 0;
    reply = caddy;
  });
  const etag = () => `"/config/apps/http/servers/x/upstreams ${revision}"`;
  function caddy(request: IncomingMessage, body: string, response: ServerResponse): void {
    expect(request.url).toBe('/id/shop/upstreams');
    expect(request.headers.host).toBe(address());
    if (request.method === 'GET') {
      response.setHeader('Trailer', 'ETag');
      response.write(running);
      response.addTrailers({ ETag: etag() });
      return void response.end();
    }
    patches++;
    if (request.headers['if-match'] !== etag()) {
      response.statusCode = 412;
      return void response.end('{"error":"If-Match header did not match current config hash"}');
    }
    running = body;
    revision++;
    response.end();
  }

  it('warns with its figure', () => {
    expect(router().warning).toMatch(/133 of 16,546 .* 42 of 7,005 .*--resume/);
  });

  it('is read, switched on condition, and switched back; each call may be made twice', async () => {
    expect((await router().read()).weights).toEqual(blue);
    const [call] = router().plan(await router().read(), green);
    expect(call!.say).toBe('PATCH /id/shop/upstreams 10.0.0.12:80');
    await router().apply(call!);
    await router().apply(call!);
    expect(patches).toBe(1);
    expect(await move(router(), green)).toEqual([]);
    await move(router(), blue);
    expect(running).toBe(upstreams(...servers.blue));
  });

  it('notices a change between plan and call', async () => {
    const [call] = router().plan(await router().read(), green);
    running = upstreams(...servers.blue, ...servers.green);
    await expect(router().apply(call!)).rejects.toThrow(
      /was changed by someone else since it was read; nothing was changed/,
    );
    expect(patches).toBe(0);
  });

  it('loses a race between its own look and its change without harm', async () => {
    const [call] = router().plan(await router().read(), green);
    reply = (request, body, response) => {
      if (request.method === 'PATCH') revision++;
      caddy(request, body, response);
    };
    await expect(router().apply(call!)).rejects.toThrow(/was changed by someone else/);
    expect(running).toBe(upstreams(...servers.blue));
  });

  const config = () => caddySchema.parse({ type: 'caddy', ...section() }) as CaddyAdminConfig;

  it('counts mixed upstreams by their number', () => {
    expect(readUpstreams(config(), upstreams(...servers.blue, ...servers.green))).toEqual({
      ok: true,
      weights: { blue: 200 / 3, green: 100 / 3 },
    });
    expect(readUpstreams(config(), '[]')).toEqual({ ok: true, weights: { blue: 0, green: 0 } });
  });

  it.each([
    ['{"error":"x"}', /are not understood: "\{\\"error\\":\\"x\\"\}"/],
    ['<html>', /are not understood/],
    ['', /are not understood/],
    [
      '[{"dial":"10.9.9.9:80"}]',
      /"10\.9\.9\.9:80" belongs to no colour \(known: 10\.0\.0\.11:80, 10\.0\.0\.21:80, 10\.0\.0\.12:80\)/,
    ],
    ['[{"dial":"10.0.0.12:80","max_requests":5}]', /also sets max_requests, which a switch would lose/],
    ['[{}]', /are not understood/],
  ])('does not guess what %s means', (text, why) => {
    expect(readUpstreams(config(), text)).toEqual({ ok: false, why: expect.stringMatching(why) });
  });

  it.each([
    [404, '{"error":"unknown object ID \'shop\'"}', /add "@id": "shop" to the reverse_proxy handler/],
    [200, 'null\n', /add "@id": "shop"/],
    [403, '{"error":"host not allowed: x"}', /GET \/id\/shop\/upstreams answers 403: .*host not allowed/],
    [500, '', /answers 500/],
  ])('explains the answer %i %s', async (status, text, message) => {
    reply = (_request, _body, response) => {
      response.statusCode = status;
      response.end(text);
    };
    await expect(router().read()).rejects.toThrow(message);
  });

  it('makes no change where it cannot make it on condition', async () => {
    const [call] = router().plan(await router().read(), green);
    reply = (_request, _body, response) => response.end(running);
    await expect(router().apply(call!)).rejects.toThrow(/gives no ETag/);
  });

  it('says what Caddy says of a refused change', async () => {
    const [call] = router().plan(await router().read(), green);
    reply = (request, body, response) => {
      if (request.method === 'GET') return caddy(request, body, response);
      response.statusCode = 400;
      response.end('{"error":"loading new config: bind: address already in use"}');
    };
    await expect(router().apply(call!)).rejects.toThrow(/PATCH \S+ answers 400: .*address already in use/);
  });

  it('has no weighted steps and does no call of another configuration', async () => {
    expect(() => router().plan(observe({ 'edge-1': blue }), { blue: 50, green: 50 })).toThrow(
      /all traffic to one colour/,
    );
    for (const action of [
      { do: 'patch-upstreams', colour: 'red', from: 'x' },
      { do: 'patch-upstreams', colour: 'green' },
      { do: 'write-value', colour: 'green', from: 'x' },
    ] as Record<string, string>[])
      await expect(router().apply({ node: 'edge-1', say: 'x', action })).rejects.toThrow(/does not fit/);
  });

  it.each([
    { servers: { blue: ['10.0.0.1:80'], green: ['10.0.0.1:80'] } },
    { servers: { blue: ['{env.SECRET}'], green: ['10.0.0.1:80'] } },
    { servers: { blue: [], green: ['10.0.0.1:80'] } },
    { id: 'a/../b' },
    { nodes: [{ name: 'edge-1', admin: 'http://127.0.0.1:2019' }] },
  ])('refuses the section with %j', (change) => {
    expect(caddySchema.safeParse({ type: 'caddy', ...section(), ...change }).success).toBe(false);
  });
});

describe('an exchange with a node', () => {
  const ask = (timeoutMs: number) =>
    exchangeOn(
      'edge-1',
      machine,
      { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
      { method: 'GET', path: '/x', host: 'edge' },
      timeoutMs,
    );

  it('that gets no answer in time is given up', async () => {
    reply = () => undefined;
    await expect(ask(50)).rejects.toThrow(
      /Node "edge-1": GET \/x on 127\.0\.0\.1:\d+ gave no complete answer within 50 ms/,
    );
  });

  it('that breaks off in the middle is no answer', async () => {
    reply = (_request, _body, response) => {
      response.setHeader('content-length', '100');
      response.write('half');
      setImmediate(() => response.socket?.destroy());
    };
    await expect(ask(5_000)).rejects.toThrow(/gave no answer/);
  });

  it('that answers something else than HTTP is no answer', async () => {
    reply = (_request, _body, response) => response.socket?.end('hello\n');
    await expect(ask(5_000)).rejects.toThrow(/gave no answer \(HPE_/);
  });

  it('that never ends is given up', async () => {
    reply = (_request, _body, response) => {
      const chunk = 'x'.repeat(1_048_576);
      const pour = () => {
        while (!response.destroyed && response.write(chunk));
        if (!response.destroyed) response.once('drain', pour);
      };
      pour();
    };
    await expect(ask(5_000)).rejects.toThrow(/gave an endless answer/);
  });
});
