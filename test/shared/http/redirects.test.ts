import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createHttpClient } from '../../../shared/http/client.js';
import type { HttpClient, HttpRequest } from '../../../shared/http/types.js';
import { serve, type TestServer } from '../../support/servers/http.js';

let here: TestServer;
let elsewhere: TestServer;
let client: HttpClient;
let listener: RequestListener;
let there: { request: IncomingMessage; body: string }[];

beforeAll(async () => {
  here = await serve((request, response) => listener(request, response));
  elsewhere = await serve(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    there.push({ request, body });
    response.end('elsewhere');
  });
});
afterAll(() => Promise.all([here.close(), elsewhere.close()]));
beforeEach(() => {
  client = createHttpClient();
  there = [];
});
afterEach(() => client.close());

const send = (path: string, more: Partial<HttpRequest> = {}) =>
  client.send({ url: `${here.url}${path}`, timeoutMs: 60_000, ...more });

test('a redirect is the response unless following was asked for', async () => {
  listener = (_, response) => response.writeHead(302, { location: '/next' }).end();
  expect(await send('/')).toMatchObject({ response: { status: 302, headers: { location: ['/next'] } } });
});

test('redirects are followed up to the number asked for, and one more is a fault', async () => {
  listener = (request, response) => {
    const left = Number(request.url!.slice(1));
    if (left > 0) response.writeHead(307, { location: `/${left - 1}` }).end();
    else response.end('arrived');
  };
  expect(await send('/3', { maxRedirects: 3 })).toMatchObject({
    response: { status: 200, url: `${here.url}/0` },
  });
  expect(await send('/4', { maxRedirects: 3 })).toMatchObject({ fault: { kind: 'too-many-redirects' } });
});

test.each([
  [303, 'PUT', 'GET', ''],
  [303, 'DELETE', 'GET', ''],
  [302, 'DELETE', 'GET', ''],
  [301, 'PUT', 'GET', ''],
  [302, 'PATCH', 'GET', ''],
  [302, 'GET', 'GET', 'payload'],
  [307, 'DELETE', 'DELETE', 'payload'],
  [302, 'POST', 'GET', ''],
  [301, 'POST', 'GET', ''],
  [307, 'POST', 'POST', 'payload'],
  [308, 'PUT', 'PUT', 'payload'],
])('a %i after %s goes on as %s', async (status, method, expectedMethod, expectedBody) => {
  let received = '';
  listener = async (request, response) => {
    if (request.url === '/') return void response.writeHead(status, { location: '/next' }).end();
    for await (const chunk of request) received += String(chunk);
    received = `${request.method} ${received} ${request.headers['x-mine']}`;
    response.end();
  };
  await send('/', { method, body: 'payload', headers: { 'x-mine': 'kept' }, maxRedirects: 1 });
  expect(received).toBe(`${expectedMethod} ${expectedBody} kept`);
});

test('another origin gets neither credentials nor headers nor body', async () => {
  listener = (_, response) => response.writeHead(307, { location: `${elsewhere.url}/` }).end();
  const headers = { Authorization: 'Bearer t0ken', Cookie: 'a=1', 'X-Api-Key': 'k3y' };
  await send('/', { method: 'POST', body: 'payload', headers, maxRedirects: 1 });
  expect(there).toHaveLength(1);
  expect(there[0]!.body).toBe('');
  const sent = JSON.stringify(there[0]!.request.headers);
  expect(sent).not.toMatch(/t0ken|a=1|k3y/);
});

test('a redirect to cloud metadata or to another scheme ends there', async () => {
  listener = (_, response) =>
    response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end();
  expect(await send('/', { maxRedirects: 1 })).toMatchObject({ fault: { kind: 'forbidden-address' } });
  listener = (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end();
  expect(await send('/', { maxRedirects: 1 })).toMatchObject({ fault: { kind: 'protocol' } });
});
