import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { observe } from '../../../../../shared/traffic/router.js';
import { caddySchema, type CaddyAdminConfig } from '../../../../../shared/traffic/routers/caddy/config.js';
import { readUpstreams } from '../../../../../shared/traffic/routers/caddy/upstreams.js';
import { blue, caddyStage, green, type CaddyStage } from './stage.js';
import { move } from '../../transports/memory.js';

let at: CaddyStage;
beforeEach(async () => {
  at = await caddyStage();
});
afterEach(() => at.close());

describe('Caddy by its API', () => {
  const servers = { blue: ['10.0.0.11:80', '10.0.0.21:80'], green: ['10.0.0.12:80'] };
  const section = () => ({
    mode: 'admin',
    nodes: [{ name: 'edge-1', admin: at.address }],
    id: 'shop',
    servers,
  });
  const router = () => at.open(section());
  const upstreams = (...dials: string[]) => JSON.stringify(dials.map((dial) => ({ dial })));

  let running: string;
  let revision: number;
  let patches: number;
  beforeEach(() => {
    running = upstreams(...servers.blue);
    revision = 1;
    patches = 0;
    at.reply = caddy;
  });
  const etag = () => `"/config/apps/http/servers/x/upstreams ${revision}"`;
  function caddy(request: IncomingMessage, body: string, response: ServerResponse): void {
    expect(request.url).toBe('/id/shop/upstreams');
    expect(request.headers.host).toBe(at.address);
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
    at.reply = (request, body, response) => {
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
    at.reply = (_request, _body, response) => {
      response.statusCode = status;
      response.end(text);
    };
    await expect(router().read()).rejects.toThrow(message);
  });

  it('makes no change where it cannot make it on condition', async () => {
    const [call] = router().plan(await router().read(), green);
    at.reply = (_request, _body, response) => response.end(running);
    await expect(router().apply(call!)).rejects.toThrow(/gives no ETag/);
  });

  it('says what Caddy says of a refused change', async () => {
    const [call] = router().plan(await router().read(), green);
    at.reply = (request, body, response) => {
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
