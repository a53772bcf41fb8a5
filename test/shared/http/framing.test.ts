import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { RequestListener } from 'node:http';
import { createHttpClient } from '../../../shared/http/client.js';
import type { HttpClient } from '../../../shared/http/types.js';
import { serve, type TestServer } from '../../support/servers/http.js';

let server: TestServer;
let client: HttpClient;
let seen: { method: string; url: string; body: string; length: string | undefined }[];

const listener: RequestListener = async (request, response) => {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const { method = '', url = '', headers } = request;
  seen.push({ method, url, body, length: headers['content-length'] });
  response.end();
};

beforeAll(async () => {
  server = await serve(listener);
});
afterAll(() => server.close());
beforeEach(() => {
  client = createHttpClient();
  seen = [];
});
afterEach(() => client.close());

const smuggled = 'POST /admin/delete-all HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n';

describe('smoke fault 1: a body goes out as one body', () => {
  test.each(['GET', 'DELETE', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'TRACE', 'PROPFIND'])(
    'with %s, and what looks like a request inside it is none',
    async (method) => {
      await client.send({ url: `${server.url}/x`, method, body: smuggled, timeoutMs: 60_000 });
      await client.send({ url: `${server.url}/next`, timeoutMs: 60_000 });
      expect(seen).toEqual([
        { method, url: '/x', body: smuggled, length: String(smuggled.length) },
        expect.objectContaining({ method: 'GET', url: '/next' }),
      ]);
    },
  );

  test.each<[what: string, headers: Record<string, string>]>([
    ['a length that is too short', { 'Content-Length': '3' }],
    ['a length that is too long', { 'content-length': '999' }],
    ['chunks that it does not have', { 'Transfer-Encoding': 'chunked' }],
    ['both', { 'transfer-encoding': 'chunked', 'content-length': '1' }],
  ])('where the caller states %s', async (_what, headers) => {
    for (const method of ['DELETE', 'POST'])
      await client.send({ url: server.url, method, headers, body: 'é and more', timeoutMs: 60_000 });
    expect(seen.map(({ method, body, length }) => ({ method, body, length }))).toEqual([
      { method: 'DELETE', body: 'é and more', length: '11' },
      { method: 'POST', body: 'é and more', length: '11' },
    ]);
  });

  test('and a length without a body is not sent', async () => {
    const headers = { 'content-length': '5' };
    await client.send({ url: `${server.url}/a`, headers, timeoutMs: 60_000 });
    await client.send({ url: `${server.url}/b`, method: 'POST', headers, timeoutMs: 60_000 });
    expect(seen).toEqual([
      { method: 'GET', url: '/a', body: '', length: undefined },
      { method: 'POST', url: '/b', body: '', length: '0' },
    ]);
  });
});
