import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { createServer, type AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { createHttpClient } from '../../../shared/http/client.js';
import { createCookieJar } from '../../../shared/http/cookies.js';
import type { HttpClient, HttpRequest } from '../../../shared/http/types.js';
import { createAuthority } from '../../support/servers/certificates.js';
import { serve } from '../../support/servers/http.js';
import { serveHttp2, type TestHttp2Server } from '../../support/servers/http2.js';

const authority = createAuthority();
const identity = authority.issue({ names: ['127.0.0.1', 'localhost'] });
let server: TestHttp2Server;
let client: HttpClient;
let answer: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

beforeEach(async () => {
  server = await serveHttp2((stream, headers) => answer(stream, headers), identity);
  client = createHttpClient({ ca: [authority.ca] });
});
afterEach(async () => {
  client.close();
  await server.close();
});

const send = (request: Partial<HttpRequest> = {}) =>
  client.send({ url: server.url, timeoutMs: 60_000, ...request });

test('HTTP/2 is spoken with a server that offers it, on one connection for many requests', async () => {
  answer = (stream, headers) => {
    stream.respond({ ':status': 201, 'x-path': headers[':path'], 'set-cookie': ['a=1', 'b=2'] });
    stream.end('hello');
  };
  const results = await Promise.all(
    Array.from({ length: 50 }, (_, i) => send({ url: `${server.url}/p?q=${i}` })),
  );
  results.forEach((result, i) =>
    expect(result).toMatchObject({
      ok: true,
      response: { status: 201, headers: { 'x-path': [`/p?q=${i}`], 'set-cookie': ['a=1', 'b=2'] } },
    }),
  );
  expect(server.connections()).toBe(1);
});

test('method, headers and body arrive, and headers of one connection are left out', async () => {
  let seen: IncomingHttpHeaders = {};
  answer = (stream, headers) => {
    seen = headers;
    stream.respond();
    stream.pipe(stream);
  };
  const headers = { 'X-Key': 'v', Connection: 'close', Host: 'shop.example.com' };
  const result = await send({ method: 'POST', body: 'körper', headers });
  expect(result.ok && Buffer.from(result.response.body).toString()).toBe('körper');
  expect(seen).toMatchObject({ ':method': 'POST', ':authority': 'shop.example.com', 'x-key': 'v' });
  expect(seen['connection']).toBeUndefined();
});

test.each([
  ['gzip', gzipSync],
  ['br', brotliCompressSync],
])('bodies in %s are unpacked under the same cap', async (encoding, pack) => {
  answer = (stream) => {
    stream.respond({ 'content-encoding': encoding });
    stream.end(pack(Buffer.alloc(1_000_000)));
  };
  const result = await send({ maxBodyBytes: 1_000_000 });
  expect(result.ok && result.response.body.length).toBe(1_000_000);
  expect(await send({ maxBodyBytes: 999_999 })).toMatchObject({ ok: false, fault: { kind: 'too-large' } });
});

describe('what is no complete answer', () => {
  test('a stream cut off in the middle of the body', async () => {
    answer = (stream) => {
      stream.respond({ 'content-length': 100 });
      stream.write('half', () => stream.destroy());
    };
    expect(await send({ method: 'POST', body: 'x' })).toMatchObject({ ok: false, fault: { kind: 'reset' } });
  });

  test('a session that ends in the middle of the body', async () => {
    answer = (stream) => {
      stream.respond();
      stream.write('half', () => stream.session!.destroy());
    };
    expect(await send()).toMatchObject({
      ok: false,
      fault: { kind: expect.stringMatching(/reset|protocol/) },
    });
  });

  test('a stream refused without an answer', async () => {
    answer = (stream) => stream.close(2);
    expect(await send({ method: 'POST', body: 'x' })).toMatchObject({ ok: false });
  });

  test.each([
    ['silence', false],
    ['a drip', true],
  ])('%s beyond the limit of time', async (_, drips) => {
    answer = (stream) => {
      if (!drips) return;
      stream.respond();
      const timer = setInterval(() => stream.write('.'), 5);
      stream.on('close', () => clearInterval(timer));
    };
    expect(await send({ timeoutMs: 80 })).toMatchObject({ ok: false, fault: { kind: 'timeout' } });
  });

  test('a handshake that does not end, and the next request does not wait for it', async () => {
    const deaf = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(deaf, 'listening');
    const url = `https://127.0.0.1:${(deaf.address() as AddressInfo).port}`;
    const results = await Promise.all([80, 120, 160].map((timeoutMs) => send({ url, timeoutMs })));
    for (const result of results) expect(result).toMatchObject({ ok: false, fault: { kind: 'timeout' } });
    deaf.close();
  });
});

test('a session that was closed since is replaced by a new one', async () => {
  answer = (stream) => {
    stream.respond();
    stream.end('ok');
  };
  expect(await send()).toMatchObject({ ok: true });
  server.hangUp();
  expect(await send()).toMatchObject({ ok: true });
  expect(server.connections()).toBe(2);
});

test.each([
  ['without an answer', false],
  ['in the middle of a body', true],
])('a session that stood still %s is not used again, and is replaced by a new one', async (_, answers) => {
  let frozen: unknown;
  answer = (stream) => {
    if (stream.session !== frozen || answers) stream.respond();
    if (stream.session !== frozen) stream.end('ok');
  };
  expect(await send()).toMatchObject({ ok: true });
  const usual = answer;
  answer = (stream, headers) => {
    frozen ??= stream.session;
    usual(stream, headers);
  };
  const stuck = await Promise.all(
    [80, 100].map((timeoutMs) => send({ timeoutMs, method: 'POST', body: 'x' })),
  );
  for (const result of stuck) expect(result).toMatchObject({ ok: false, fault: { kind: 'timeout' } });
  expect(await send({ method: 'POST', body: 'x' })).toMatchObject({ ok: true });
  expect(await send()).toMatchObject({ ok: true });
  expect(server.connections()).toBe(2);
});

test('a request that takes too long ends none of the others on its session', async () => {
  answer = (stream, headers) => {
    stream.respond();
    if (headers[':path'] === '/slow') return;
    setTimeout(() => stream.end('ok'), 120);
  };
  const [slow, other] = await Promise.all([send({ url: `${server.url}/slow`, timeoutMs: 60 }), send()]);
  expect(slow).toMatchObject({ ok: false, fault: { kind: 'timeout' } });
  expect(other).toMatchObject({ ok: true });
});

test('a fresh connection is one of its own', async () => {
  answer = (stream) => {
    stream.respond();
    stream.end('ok');
  };
  await send();
  await send({ freshConnection: true });
  await send();
  expect(server.connections()).toBe(2);
});

test('a certificate that is not trusted fails before anything is sent', async () => {
  const strict = createHttpClient();
  answer = (stream) => stream.respond({}, { endStream: true });
  expect(await strict.send({ url: server.url, timeoutMs: 60_000 })).toMatchObject({
    ok: false,
    fault: { kind: 'tls' },
  });
  strict.close();
});

test('a server that speaks HTTP/1.1 only costs one handshake, and its connection is reused', async () => {
  const older = await serve((_, response) => response.end('ok'), identity);
  for (let i = 0; i < 5; i++) expect(await send({ url: older.url })).toMatchObject({ ok: true });
  expect(older.connections()).toBe(1);
  expect(await send({ url: older.url, freshConnection: true })).toMatchObject({ ok: true });
  expect(older.connections()).toBe(2);
  await older.close();
});

describe('a client certificate', () => {
  const own = authority.issue({ names: ['client'] });
  const mutual = { requestCert: true, ca: authority.ca, rejectUnauthorized: false };
  const whoAmI = (socket: unknown) => ((socket as TLSSocket).authorized ? 'known' : 'unknown');

  test('is shown where it is given, and nowhere else', async () => {
    const asking = await serveHttp2(
      (stream) => {
        stream.respond();
        stream.end(whoAmI(stream.session!.socket));
      },
      identity,
      mutual,
    );
    const ask = async (clientCertificate?: HttpRequest['clientCertificate']) => {
      const result = await send({ url: asking.url, ...(clientCertificate ? { clientCertificate } : {}) });
      return result.ok && Buffer.from(result.response.body).toString();
    };
    expect([await ask(), await ask(own), await ask()]).toEqual(['unknown', 'known', 'unknown']);
    await asking.close();
  });

  test('is shown in HTTP/1.1 too, and not to the origin a redirect leads to', async () => {
    const other = await serve((request, response) => response.end(whoAmI(request.socket)), {
      ...identity,
      ...mutual,
    });
    const first = await serve(
      (request, response) => {
        if (request.url === '/away') response.writeHead(302, { location: other.url }).end();
        else response.end(whoAmI(request.socket));
      },
      { ...identity, ...mutual },
    );
    const ask = async (path: string) => {
      const result = await send({ url: `${first.url}${path}`, clientCertificate: own, maxRedirects: 1 });
      return result.ok && Buffer.from(result.response.body).toString();
    };
    expect([await ask('/'), await ask('/away')]).toEqual(['known', 'unknown']);
    await Promise.all([first.close(), other.close()]);
  });

  test('that cannot be read is a stated failure', async () => {
    const clientCertificate = { cert: 'no certificate', key: own.key };
    expect(await send({ clientCertificate })).toMatchObject({
      ok: false,
      fault: { kind: 'tls', message: expect.stringContaining('client certificate cannot be used') },
    });
  });
});

test('cookies are kept and sent on redirects, each to its own host only', async () => {
  const seen: string[] = [];
  const other = await serve((request, response) => {
    seen.push(`other ${request.headers.cookie}`);
    response.end();
  });
  const first = await serve((request, response) => {
    seen.push(`first ${request.url} ${request.headers.cookie}`);
    if (request.url === '/login')
      response.writeHead(302, { location: '/home', 'set-cookie': 'sid=1; Path=/; HttpOnly' }).end();
    else response.writeHead(302, { location: other.url.replace('127.0.0.1', 'localhost') }).end();
  });
  const cookies = createCookieJar();
  await send({ url: `${first.url}/login`, cookies, maxRedirects: 5 });
  expect(seen).toEqual(['first /login undefined', 'first /home sid=1', 'other undefined']);
  await Promise.all([first.close(), other.close()]);
});
