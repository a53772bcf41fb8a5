import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer as createRawServer, type AddressInfo, type Socket } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { createHttpClient } from '../../../shared/http/client.js';
import type { HttpClient, HttpRequest, HttpResult } from '../../../shared/http/types.js';
import { serve, type TestServer } from '../../support/servers/http.js';

let server: TestServer;
let client: HttpClient;
let listener: RequestListener;
let seen: IncomingMessage[];

beforeAll(async () => {
  server = await serve((request, response) => {
    seen.push(request);
    listener(request, response);
  });
});
afterAll(() => server.close());
beforeEach(() => {
  client = createHttpClient();
  seen = [];
});
afterEach(() => client.close());

const get = (path: string, more: Partial<HttpRequest> = {}) =>
  client.send({ url: `${server.url}${path}`, timeoutMs: 60_000, ...more });
const textOf = (result: HttpResult) =>
  result.ok ? Buffer.from(result.response.body).toString() : result.fault.message;
const faultOf = (result: HttpResult) => (result.ok ? undefined : result.fault.kind);

describe('an exchange', () => {
  test('gives status, headers by lower-case name with every set-cookie apart, body and a duration', async () => {
    listener = (_, response) => {
      response.writeHead(201, { 'X-App': 'a', 'Set-Cookie': ['a=1', 'b=2'] });
      response.end('made');
    };
    const result = await get('/');
    if (!result.ok) throw new Error(result.fault.message);
    expect(result.response).toMatchObject({ status: 201, url: `${server.url}/` });
    expect(result.response.headers['x-app']).toEqual(['a']);
    expect(result.response.headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(textOf(result)).toBe('made');
    expect(result.response.durationMs).toBeGreaterThan(0);
  });

  test('sends method, headers and body as given', async () => {
    listener = (request, response) => void request.pipe(response);
    const result = await get('/', { method: 'PUT', headers: { 'Content-Type': 'text/x' }, body: 'héllo' });
    expect(textOf(result)).toBe('héllo');
    expect(seen[0]).toMatchObject({
      method: 'PUT',
      headers: { 'content-type': 'text/x', 'content-length': '6' },
    });
  });

  test('reuses its connection, and takes one of its own when asked', async () => {
    listener = (_, response) => response.end('x');
    const before = server.connections();
    await get('/');
    await get('/');
    expect(server.connections() - before).toBe(1);
    await get('/', { freshConnection: true });
    await get('/', { freshConnection: true });
    expect(server.connections() - before).toBe(3);
  });

  test('is sent again once when the pooled connection turns out closed, and only when that is safe', async () => {
    let closing: Socket | undefined;
    let connections = 0;
    const raw = createRawServer((socket) => {
      connections++;
      socket.on('error', () => undefined);
      let requests = 0;
      socket.on('data', () => {
        requests++;
        if (requests === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
        else (closing = socket).destroy();
      });
    });
    await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(raw.address() as AddressInfo).port}/`;
    expect(textOf(await client.send({ url, timeoutMs: 60_000 }))).toBe('ok');
    expect(textOf(await client.send({ url, timeoutMs: 60_000 }))).toBe('ok');
    expect(closing?.destroyed).toBe(true);
    expect(connections).toBe(2);
    expect(textOf(await client.send({ url, timeoutMs: 60_000 }))).toBe('ok');
    expect(faultOf(await client.send({ url, timeoutMs: 60_000, method: 'POST', body: '1' }))).toBe('reset');
    raw.close();
  });

  test('is refused after close', async () => {
    client.close();
    expect(faultOf(await get('/'))).toBe('cancelled');
  });
});

describe('bodies', () => {
  const plain = 'hello '.repeat(1_000);
  test.each([
    ['gzip', gzipSync(plain)],
    ['deflate', deflateSync(plain)],
    ['deflate', deflateRawSync(plain)],
    ['br', brotliCompressSync(plain)],
    ['gzip, br', brotliCompressSync(gzipSync(plain))],
    ['deflate, gzip', gzipSync(deflateSync(plain))],
  ])('in %s are decompressed', async (encoding, bytes) => {
    listener = (_, response) => response.writeHead(200, { 'content-encoding': encoding }).end(bytes);
    expect(textOf(await get('/'))).toBe(plain);
  });

  test.each([
    ['a HEAD answer', 'HEAD', 200],
    ['an empty body', 'GET', 200],
    ['no content', 'GET', 204],
  ])('of no bytes need no decompression: %s', async (_, method, status) => {
    listener = (_request, response) => response.writeHead(status, { 'content-encoding': 'gzip' }).end();
    const result = await get('/', { method });
    expect(result).toMatchObject({ ok: true, response: { status, body: { length: 0 } } });
  });

  test('longer than the cap are a fault, counted after decompression', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    listener = (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    expect(faultOf(await get('/', { maxBodyBytes: 100_000 }))).toBe('too-large');
    listener = (_, response) => response.end('x'.repeat(11));
    expect(faultOf(await get('/', { maxBodyBytes: 10 }))).toBe('too-large');
    listener = (_, response) => response.end('x'.repeat(10));
    expect(textOf(await get('/', { maxBodyBytes: 10 }))).toBe('x'.repeat(10));
  });

  test('that never end are cut off at the cap', async () => {
    listener = (_, response) => {
      const timer = setInterval(() => response.write('x'.repeat(10_000)), 1);
      response.on('close', () => clearInterval(timer));
    };
    expect(faultOf(await get('/', { maxBodyBytes: 50_000 }))).toBe('too-large');
  });

  test.each([
    ['damaged', 'gzip', Buffer.from('not gzip at all')],
    ['cut short', 'gzip', gzipSync(plain).subarray(0, 20)],
    ['in an unknown encoding', 'zstd', Buffer.from('?')],
  ])('%s are a protocol fault', async (_, encoding, bytes) => {
    listener = (_request, response) => response.writeHead(200, { 'content-encoding': encoding }).end(bytes);
    expect(faultOf(await get('/'))).toBe('protocol');
  });

  test('whose connection breaks in the middle are a reset, never a short body', async () => {
    listener = (_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('half', () => response.destroy());
    };
    expect(faultOf(await get('/'))).toBe('reset');
  });
});

describe('a server that would rather speak another protocol', () => {
  test.each([
    ['as it was asked', 'Connection: upgrade\r\nUpgrade: websocket\r\n'],
    ['without saying which', ''],
  ])('%s answers with status 101 and no body', async (_, headers) => {
    const raw = createRawServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headers}\r\n`));
    });
    await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(raw.address() as AddressInfo).port}/`;
    const result = await client.send({ url, timeoutMs: 60_000, headers: { connection: 'upgrade' } });
    expect(result).toMatchObject({ ok: true, response: { status: 101, body: new Uint8Array() } });
    raw.close();
  });
});

describe('limits of time', () => {
  test('hold for a server that never answers', async () => {
    listener = () => undefined;
    expect(await get('/', { timeoutMs: 50 })).toMatchObject({
      fault: { kind: 'timeout', message: expect.stringMatching(/within 50 ms/) },
    });
  });

  test('hold for one that drips its body for ever', async () => {
    listener = (_, response) => {
      const timer = setInterval(() => response.write('.'), 10);
      response.on('close', () => clearInterval(timer));
    };
    expect(faultOf(await get('/', { timeoutMs: 80 }))).toBe('timeout');
  });

  test('an abort ends the exchange as cancelled, before or during it', async () => {
    listener = () => controller.abort();
    const controller = new AbortController();
    expect(faultOf(await get('/', { signal: controller.signal }))).toBe('cancelled');
    expect(faultOf(await get('/', { signal: AbortSignal.abort() }))).toBe('cancelled');
    expect(seen).toHaveLength(1);
  });
});

describe('faults', () => {
  test('a port nobody listens on is refused', async () => {
    const gone = await serve(() => undefined);
    await gone.close();
    expect(faultOf(await client.send({ url: gone.url, timeoutMs: 60_000 }))).toBe('refused');
  });

  test('an unknown name is a dns fault', async () => {
    const offline = createHttpClient({
      resolve: (hostname, _, callback) =>
        callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND' }), []),
    });
    expect(faultOf(await offline.send({ url: 'http://shop.invalid/', timeoutMs: 60_000 }))).toBe('dns');
    offline.close();
  });

  test('what is not HTTP is a protocol fault', async () => {
    const raw = createRawServer((socket) => socket.on('error', () => undefined).end('220 mail ready\r\n'));
    await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(raw.address() as AddressInfo).port}/`;
    expect(faultOf(await client.send({ url, timeoutMs: 60_000 }))).toBe('protocol');
    raw.close();
  });

  test('credentials that are not percent-encoded are a stated fault, in the address, a redirect and a proxy', async () => {
    const place = `127.0.0.1:${server.port}/`;
    listener = (_, response) => response.writeHead(302, { location: `http://a%zz:b@${place}` }).end();
    const stated = expect.stringContaining('is not percent-encoded');
    const fault = { ok: false, fault: { kind: 'protocol', message: stated } };
    const url = `http://user:pa%ss@${place}`;
    expect(await client.send({ url, timeoutMs: 60_000 })).toMatchObject(fault);
    expect(seen).toHaveLength(0);
    expect(await get('/', { maxRedirects: 3 })).toMatchObject(fault);
    expect(seen).toHaveLength(1);
    for (const to of [`http://${place}`, `https://${place}`]) {
      const proxied = createHttpClient({ proxy: { url } });
      expect(await proxied.send({ url: to, timeoutMs: 60_000 })).toMatchObject(fault);
      proxied.close();
    }
  });

  test.each(['not a url', 'ftp://127.0.0.1/', 'file:///etc/passwd'])(
    '%s is no address for this client',
    async (url) => {
      expect(faultOf(await client.send({ url, timeoutMs: 60_000 }))).toBe('protocol');
    },
  );

  test('a header that would split the request is refused', async () => {
    expect(faultOf(await get('/', { headers: { 'x-a': 'b\r\nx-c: d' } }))).toBe('protocol');
    expect(seen).toHaveLength(0);
  });

  test('messages show neither query nor credentials', async () => {
    listener = (_, response) => response.destroy();
    const url = `http://user:pa55word@127.0.0.1:${server.port}/path?token=t0ken`;
    const text = textOf(await client.send({ url, timeoutMs: 60_000 }));
    expect(text).toContain('/path');
    expect(text).not.toMatch(/pa55word|t0ken/);
  });
});
