import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createServer, request as forward, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { createHttpClient } from '../../../shared/http/client.js';
import type { HttpClient } from '../../../shared/http/types.js';
import { createAuthority } from '../../support/servers/certificates.js';
import { serve, type TestServer } from '../../support/servers/http.js';

const authority = createAuthority();
let plain: TestServer;
let secure: TestServer;
let proxy: Server;
let proxyUrl: string;
let client: HttpClient;
let proxied: string[];

beforeAll(async () => {
  plain = await serve((_, response) => response.end('plain'));
  secure = await serve((_, response) => response.end('secure'), authority.issue({ names: ['127.0.0.1'] }));
  proxy = createServer((request, response) => {
    proxied.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? '-'}`);
    forward(request.url!, { method: request.method }, (answer) => answer.pipe(response)).end();
  });
  proxy.on('connect', (request, socket) => {
    proxied.push(`CONNECT ${request.url} ${request.headers['proxy-authorization'] ?? '-'}`);
    if (request.headers['proxy-authorization'] === undefined) return socket.end('HTTP/1.1 407 Who\r\n\r\n');
    const upstream = connect(Number(request.url!.split(':')[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  proxyUrl = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});
afterAll(async () => {
  proxy.closeAllConnections();
  proxy.close();
  await Promise.all([plain.close(), secure.close()]);
});
beforeEach(() => {
  proxied = [];
});
afterEach(() => client.close());

test('plain http goes through the proxy in absolute form, with its credentials', async () => {
  client = createHttpClient({ proxy: { url: `http://u:p@${proxyUrl}` } });
  const result = await client.send({ url: `${plain.url}/a?b=1`, timeoutMs: 60_000 });
  expect(result).toMatchObject({ ok: true, response: { status: 200 } });
  expect(proxied).toEqual([`GET ${plain.url}/a?b=1 Basic dTpw`]);
});

test('https goes through a tunnel, is verified end to end and reuses it', async () => {
  client = createHttpClient({ proxy: { url: `http://u:p@${proxyUrl}` }, ca: [authority.ca] });
  for (let i = 0; i < 2; i++) {
    const result = await client.send({ url: `${secure.url}/`, timeoutMs: 60_000 });
    expect(result).toMatchObject({ ok: true, response: { status: 200 } });
  }
  expect(proxied).toEqual([`CONNECT 127.0.0.1:${secure.port} Basic dTpw`]);
});

test('a certificate the client does not trust fails through a tunnel too', async () => {
  client = createHttpClient({ proxy: { url: `http://u:p@${proxyUrl}` } });
  expect(await client.send({ url: `${secure.url}/`, timeoutMs: 60_000 })).toMatchObject({
    fault: { kind: 'tls' },
  });
});

test('a proxy that refuses the tunnel is a stated fault', async () => {
  client = createHttpClient({ proxy: { url: `http://${proxyUrl}` } });
  expect(await client.send({ url: `${secure.url}/`, timeoutMs: 60_000 })).toMatchObject({
    fault: { kind: 'refused', message: expect.stringMatching(/status 407/) },
  });
});

test('hosts listed for bypass are contacted directly', async () => {
  client = createHttpClient({ proxy: { url: `http://${proxyUrl}`, bypass: ['127.0.0.1'] } });
  expect(await client.send({ url: plain.url, timeoutMs: 60_000 })).toMatchObject({ ok: true });
  expect(proxied).toEqual([]);
});

test('metadata addresses are refused before the proxy is asked', async () => {
  client = createHttpClient({ proxy: { url: `http://${proxyUrl}` } });
  const result = await client.send({ url: 'http://metadata.google.internal/', timeoutMs: 60_000 });
  expect(result).toMatchObject({ fault: { kind: 'forbidden-address' } });
  expect(proxied).toEqual([]);
});
