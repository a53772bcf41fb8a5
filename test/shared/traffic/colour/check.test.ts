import { createServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { parseConfig } from '../../../../shared/config/parse.js';
import { createHttpClient } from '../../../../shared/http/client.js';
import type { HttpClient } from '../../../../shared/http/types.js';
import { systemClock } from '../../../../shared/runner/port.js';
import { answerOf, askIdentity, checkColour } from '../../../../shared/traffic/colour/check.js';
import { resolveHeaders } from '../../../../shared/traffic/config/headers.js';
import { trafficSchema, type TrafficConfig } from '../../../../shared/traffic/config/schema.js';
import { digestOf, startColour, type Colour } from '../../../support/traffic/colours.js';

let http: HttpClient;
let machines: Colour[];
beforeEach(async () => {
  http = createHttpClient();
  machines = [await startColour('2.0.0', digestOf('2')), await startColour('2.0.0', digestOf('2'))];
});
afterEach(async () => {
  http.close();
  await Promise.all(machines.map((machine) => machine.close()));
});

/** A traffic file with a colour green as given. */
function config(green: object, more: object = {}, variables: Record<string, string> = {}): TrafficConfig {
  const text = stringify({
    version: 1,
    router: {
      ...{ type: 'haproxy', mode: 'map', nodes: [{ name: 'a', socket: '/run/a.sock' }] },
      ...{ map: '/etc/live.map', key: 'shop', backends: { blue: 'b', green: 'g' } },
    },
    colours: { blue: { url: 'http://127.0.0.1:1' }, green },
    health: { timeout: '2s', successes: 1 },
    identity: { version: { json: '$.version' }, digest: { json: '$.digest' } },
    entry: { url: 'https://shop.example.com/health' },
    ...more,
  });
  const parsed = parseConfig(text, 'traffic.yml', trafficSchema);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return resolveHeaders(parsed.value, (name) => variables[name]).config;
}
const expected = { version: '2.0.0', digest: digestOf('2') };
const check = (given: TrafficConfig, of = expected) => checkColour(http, given, 'green', of, systemClock);

describe('a colour of several machines', () => {
  const urls = () => machines.map(({ url }) => url);

  it('is well when each of them is, and runs what is expected', async () => {
    expect(await check(config({ urls: urls() }))).toEqual({ ok: true });
  });

  it.each([0, 1])('is not well when machine %d is not, which is named', async (index) => {
    machines[index]!.well = false;
    const { host } = new URL(machines[index]!.url);
    expect(await check(config({ urls: urls() }))).toMatchObject({
      ok: false,
      why: expect.stringContaining(`colour green is not well: ${host}: /health answers 503 instead of 200`),
    });
  });

  it.each([0, 1])('does not run the release when machine %d runs another, which is named', async (index) => {
    machines[index]!.version = '1.9.0';
    const done = await check(config({ urls: urls() }));
    expect(done).toMatchObject({ ok: false });
    expect(JSON.stringify(done)).toContain(
      `${new URL(machines[index]!.url).host}: it says version 1.9.0 instead of 2.0.0`,
    );
  });

  it('says nothing when its machines say different things', async () => {
    machines[1]!.digest = digestOf('3');
    const said = await askIdentity(http, config({ urls: urls() }), 'green');
    expect(said).toMatchObject({ ok: false, why: expect.stringContaining('say different things') });
  });

  it('answers when any of them does', async () => {
    machines[0]!.there = false;
    expect(await answerOf(http, config({ urls: urls() }), 'green', systemClock)).toBe(200);
  });
});

describe('headers', () => {
  /** Answers as the virtual host that is asked for, to those who have the token. */
  async function virtualHosts(): Promise<{ url: string; close(): void }> {
    const server = createServer(({ headers }, response) => {
      const known = headers.host === 'green.internal' && headers['x-token'] === 'geheim';
      response.statusCode = known ? 200 : 421;
      response.end(JSON.stringify({ version: '2.0.0', digest: digestOf('2') }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      close: () => void server.close(),
    };
  }

  it('of the colour are sent to health and identity, secrets from variables', async () => {
    const server = await virtualHosts();
    const headers = { Host: 'green.internal', 'X-Token': { env: 'TOKEN' } };
    const given = config({ url: server.url, headers }, {}, { TOKEN: 'geheim' });
    expect(await check(given)).toEqual({ ok: true });
    const without = await check(config({ url: server.url, headers: { Host: 'green.internal' } }));
    expect(without).toMatchObject({ ok: false, why: expect.stringContaining('answers 421') });
    server.close();
  });

  it('of health stand over those of the colour, whatever their case, and not for identity', async () => {
    const server = await virtualHosts();
    const given = config(
      { url: server.url, headers: { host: 'other', 'x-token': 'geheim' } },
      { health: { successes: 1, headers: { HOST: 'green.internal' } } },
    );
    expect(await answerOf(http, given, 'green', systemClock)).toBe(200);
    const identity = { version: { json: '$.version' }, digest: { json: '$.digest' } };
    const both = {
      ...given,
      identity: { ...given.identity, ...identity, headers: { Host: 'green.internal' } },
    };
    expect(await check(both)).toEqual({ ok: true });
    server.close();
  });

  it('make two virtual hosts at one address two colours', () => {
    const url = 'http://10.0.0.1';
    const colours = (one: object, two: object) => () =>
      config(
        { url, headers: two },
        { colours: { blue: { url, headers: one }, green: { url, headers: two } } },
      );
    expect(colours({ Host: 'blue' }, { Host: 'green' })).not.toThrow();
    expect(colours({ Host: 'blue' }, { host: 'blue' })).toThrow('an address that no other colour has');
  });

  it('whose variable is not set, or has two lines, are told with their place', () => {
    const headers = { 'X-Token': { env: 'TOKEN' }, 'X-Two': { env: 'TWO' } };
    const file = trafficSchema.parse(parse(stringify({ ...fileOf({ headers }) })));
    const { missing, secrets } = resolveHeaders(file, (name) => (name === 'TWO' ? 'a\nb' : undefined));
    expect(missing).toEqual([
      { path: ['entry', 'headers', 'X-Token'], variable: 'TOKEN', why: 'is not set' },
      { path: ['entry', 'headers', 'X-Two'], variable: 'TWO', why: 'has more than one line' },
    ]);
    expect(secrets).toEqual([]);
  });

  function fileOf(entry: object) {
    const {
      colours: _colours,
      entry: _entry,
      entries: _entries,
      ...rest
    } = config({ url: 'http://10.0.0.2' });
    return {
      ...rest,
      router: {
        ...{ type: 'haproxy', mode: 'map', nodes: [{ name: 'a', socket: '/run/a.sock' }] },
        ...{ map: '/etc/live.map', key: 'shop', backends: { blue: 'b', green: 'g' } },
      },
      health: {},
      colours: { blue: { url: 'http://10.0.0.1' }, green: { url: 'http://10.0.0.2' } },
      entry: { url: 'https://shop.example.com/', ...entry },
    };
  }
});

describe('an identity without digest', () => {
  const identity = { version: { json: '$.version' } };

  it('compares versions alone', async () => {
    machines[0]!.digest = digestOf('9');
    expect(await check(config({ url: machines[0]!.url }, { identity }))).toEqual({ ok: true });
  });

  it('still refuses another version', async () => {
    machines[0]!.version = '1.0.0';
    expect(await check(config({ url: machines[0]!.url }, { identity }))).toMatchObject({ ok: false });
  });

  it('is only one where the file leaves the digest out: one that an answer leaves out is missing', async () => {
    machines[0]!.digest = undefined as never;
    expect(await check(config({ url: machines[0]!.url }))).toMatchObject({
      ok: false,
      why: expect.stringContaining('it does not say its digest'),
    });
  });
});

describe('health without HTTP', () => {
  it('of type tcp takes a connection for an answer, on the port that is named', async () => {
    const { port } = new URL(machines[1]!.url);
    machines[0]!.well = false;
    const health = { type: 'tcp', port: Number(port), successes: 2 };
    expect(await check(config({ url: machines[0]!.url }, { health }))).toEqual({ ok: true });
    await machines.pop()!.close();
    expect(await check(config({ url: machines[0]!.url }, { health }))).toMatchObject({
      ok: false,
      why: expect.stringMatching(/colour green is not well: .*refused/),
    });
  });

  it.each([
    [1, 'SERVING'],
    [2, 'NOT_SERVING'],
  ])('of type grpc asks the health service, whose word is final (%d: %s)', async (code, word) => {
    const server = createHttp2Server();
    server.on('stream', (stream, { 'x-token': token }) => {
      if (token !== 'geheim') return void stream.respond({ ':status': 401 }, { endStream: true });
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.from([0, 0, 0, 0, 2, 8, code]));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const health = { type: 'grpc', port, successes: 1, headers: { 'X-Token': 'geheim' } };
    const done = await check(config({ url: machines[0]!.url }, { health }));
    expect(done.ok).toBe(word === 'SERVING');
    if (!done.ok) expect(done.why).toContain('gRPC health says NOT_SERVING of the server instead of SERVING');
    await new Promise((resolve) => server.close(resolve));
  });
});
