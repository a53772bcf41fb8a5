import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import * as http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startShop, type RunningShop } from '../../../rehearsal/shop/shop.js';
import { until } from '../../support/until.js';

interface Got {
  status: number;
  version: string | null;
  body: Record<string, unknown>;
}

async function call(
  base: string,
  method: string,
  path: string,
  body?: object,
  headers: object = {},
): Promise<Got> {
  const answer = await fetch(base + path, {
    method,
    ...(body && { body: JSON.stringify(body) }),
    headers: { ...headers, connection: 'close' },
  });
  const text = await answer.text();
  const json = answer.headers.get('content-type') === 'application/json';
  return {
    status: answer.status,
    version: answer.headers.get('x-app-version'),
    body: json ? (JSON.parse(text) as Record<string, unknown>) : { text },
  };
}

const ana = { email: 'ana@shop.example', password: 'correct horse' };

async function signIn(base: string, tenant: string): Promise<Record<string, string>> {
  const headers = { 'x-tenant': tenant };
  await call(base, 'POST', '/api/register', ana, headers);
  const { body } = await call(base, 'POST', '/api/login', ana, headers);
  return { ...headers, authorization: `Bearer ${String(body['token'])}` };
}

let folder: string;
let blue: RunningShop;
let green: RunningShop;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shop-'));
  const data = join(folder, 'data');
  blue = await startShop({ port: 0, version: '1.0.0', digest: 'sha256:b', colour: 'blue', data });
  green = await startShop({ port: 0, version: '2.0.0', digest: 'sha256:g', colour: 'green', data });
});
afterEach(() => blue.setFault({}));
afterAll(async () => {
  await Promise.all([blue.close(), green.close()]);
  rmSync(folder, { recursive: true });
});

describe('a customer', () => {
  it('registers once, signs in, orders and finds the order', async () => {
    const tenant = { 'x-tenant': 'flow' };
    expect(await call(blue.url, 'POST', '/api/register', ana, tenant)).toMatchObject({
      status: 201,
      version: '1.0.0',
    });
    expect(await call(blue.url, 'POST', '/api/register', ana, tenant)).toMatchObject({ status: 409 });
    const signedIn = await signIn(blue.url, 'flow');
    const items = [
      { productId: 'p-1', quantity: 2 },
      { productId: 'p-3', quantity: 1 },
    ];
    const placed = await call(blue.url, 'POST', '/api/orders', { items }, signedIn);
    expect(placed).toMatchObject({ status: 201, body: { total: 5_390, status: 'placed' } });
    expect(
      await call(blue.url, 'GET', `/api/orders/${String(placed.body['id'])}`, undefined, signedIn),
    ).toMatchObject({
      status: 200,
      body: placed.body,
    });
  });

  it('finds account, login and orders again in the other version', async () => {
    const signedIn = await signIn(blue.url, 'switch');
    const { body } = await call(blue.url, 'POST', '/api/orders', { items: [{ productId: 'p-2' }] }, signedIn);
    expect(await call(green.url, 'POST', '/api/login', ana, signedIn)).toMatchObject({
      status: 200,
      version: '2.0.0',
    });
    expect(
      await call(green.url, 'GET', `/api/orders/${String(body['id'])}`, undefined, signedIn),
    ).toMatchObject({
      status: 200,
      version: '2.0.0',
      body,
    });
  });

  it('searches products', async () => {
    const { body } = await call(blue.url, 'GET', '/api/products?q=MUG');
    expect(body['products']).toEqual([
      expect.objectContaining({ id: 'p-1' }),
      expect.objectContaining({ id: 'p-2' }),
    ]);
  });

  it('sees the version in the footer', async () => {
    expect((await call(blue.url, 'GET', '/')).body['text']).toContain('<footer>version 1.0.0</footer>');
  });
});

describe('the shop refuses', () => {
  it.each([
    ['a registration without a password', 'POST', '/api/register', { email: 'a@b' }, 400],
    ['a login nobody has', 'POST', '/api/login', { email: 'x@y', password: 'z' }, 401],
    ['an order without a login', 'POST', '/api/orders', { items: [{ productId: 'p-1' }] }, 401],
    ['an order asked for without a login', 'GET', '/api/orders/1', undefined, 401],
    ['another method', 'DELETE', '/api/orders', undefined, 405],
    ['another page', 'GET', '/nothing', undefined, 404],
    ['a fault through the public address', 'POST', '/_fault', { errorRate: 1 }, 404],
    ['a body over 64 KiB', 'POST', '/api/register', { email: 'a@b', password: 'x'.repeat(70_000) }, 413],
  ])('%s', async (_, method, path, body, status) => {
    expect(await call(blue.url, method, path, body)).toMatchObject({ status, version: '1.0.0' });
  });

  it.each([
    ['no items', { items: [] }],
    ['an unknown product', { items: [{ productId: 'p-99' }] }],
    ['half a product', { items: [{ productId: 'p-1', quantity: 0.5 }] }],
    ['null', { items: [null] }],
  ])('an order of %s', async (_, order) => {
    const signedIn = await signIn(blue.url, 'refusals');
    expect(await call(blue.url, 'POST', '/api/orders', order, signedIn)).toMatchObject({ status: 400 });
  });

  it('a wrong password and a forged token', async () => {
    const signedIn = await signIn(blue.url, 'forged');
    expect(await call(blue.url, 'POST', '/api/login', { ...ana, password: 'no' }, signedIn)).toMatchObject({
      status: 401,
    });
    const [, signature] = (signedIn['authorization'] ?? '').split('.');
    const claims = Buffer.from(JSON.stringify({ user: 'root', tenant: 'forged' })).toString('base64url');
    const forged = { ...signedIn, authorization: `Bearer ${claims}.${signature}` };
    expect(await call(blue.url, 'GET', '/api/orders/1', undefined, forged)).toMatchObject({ status: 401 });
  });

  it('an unreadable path without falling over', async () => {
    expect(await call(blue.url, 'GET', '//')).toMatchObject({ status: 404 });
    expect(await call(blue.url, 'GET', '/health')).toMatchObject({ status: 200 });
  });
});

describe('tenants', () => {
  it('do not see each other’s orders, and a login is good in one tenant only', async () => {
    const [acme, globex] = [await signIn(blue.url, 'acme'), await signIn(blue.url, 'globex')];
    const { body } = await call(blue.url, 'POST', '/api/orders', { items: [{ productId: 'p-1' }] }, acme);
    const path = `/api/orders/${String(body['id'])}`;
    expect(await call(blue.url, 'GET', path, undefined, globex)).toMatchObject({ status: 404 });
    expect(await call(blue.url, 'GET', path, undefined, { ...acme, 'x-tenant': 'globex' })).toMatchObject({
      status: 401,
    });
    blue.setFault({ tenantLeak: true });
    expect(await call(blue.url, 'GET', path, undefined, globex)).toMatchObject({ status: 200, body });
  });
});

describe('/health', () => {
  it('says which version, digest and colour is running since when', async () => {
    expect(await call(blue.url, 'GET', '/health')).toEqual({
      status: 200,
      version: '1.0.0',
      body: {
        status: 'ok',
        version: '1.0.0',
        digest: 'sha256:b',
        colour: 'blue',
        startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      },
    });
  });

  it('names another version when told to', async () => {
    blue.setFault({ wrongVersion: '9.9.9' });
    expect((await call(blue.url, 'GET', '/health')).body).toMatchObject({ status: 'ok', version: '9.9.9' });
  });

  it('is 503 until a slow start is over, and so is everything else', async () => {
    const fault = { slowStartMs: 3_000 };
    const slow = await startShop({ port: 0, version: '3.0.0', digest: 'd', colour: 'c', fault });
    expect(await call(slow.url, 'GET', '/health')).toMatchObject({
      status: 503,
      body: { status: 'starting' },
    });
    expect(await call(slow.url, 'GET', '/')).toMatchObject({ status: 503, version: '3.0.0' });
    await until(async () => (await call(slow.url, 'GET', '/health')).status !== 503, 'the start is over');
    expect(await call(slow.url, 'GET', '/health')).toMatchObject({ status: 200, body: { status: 'ok' } });
    await slow.close();
  });
});

describe('a fault', () => {
  const fault = (body: object): Promise<Got> => call(blue.adminUrl, 'POST', '/_fault', body);

  it('fails its exact share of requests, but never /health or /metrics', async () => {
    expect(await fault({ errorRate: 0.12 })).toMatchObject({ status: 200, body: { errorRate: 0.12 } });
    const statuses = [];
    for (let i = 0; i < 100; i += 1) statuses.push((await call(blue.url, 'GET', '/api/products')).status);
    expect(statuses.filter((status) => status === 500)).toHaveLength(12);
    await fault({ errorRate: 1, latencyMs: 5_000 });
    expect(await call(blue.url, 'GET', '/health')).toMatchObject({ status: 200 });
    expect(await call(blue.url, 'GET', '/metrics')).toMatchObject({ status: 200 });
  });

  it('keeps the version on a failed answer', async () => {
    await fault({ errorRate: 1 });
    expect(await call(blue.url, 'GET', '/')).toMatchObject({ status: 500, version: '1.0.0' });
  });

  it('passes a smoke test and fails under load', async () => {
    await fault({ errorRate: 1, afterRequests: 3 });
    const statuses = [];
    for (let i = 0; i < 5; i += 1) statuses.push((await call(blue.url, 'GET', '/')).status);
    expect(statuses).toEqual([200, 200, 200, 500, 500]);
  });

  it('slows answers down', async () => {
    await fault({ latencyMs: 60 });
    const began = performance.now();
    await call(blue.url, 'GET', '/');
    expect(performance.now() - began).toBeGreaterThanOrEqual(59);
  });

  it('is refused when misspelt, and the one before stays', async () => {
    await fault({ errorRate: 1 });
    expect(await fault({ errorate: 0 })).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('errorate') },
    });
    expect(await call(blue.url, 'GET', '/')).toMatchObject({ status: 500 });
  });
});

it('a closing shop finishes the request in flight and ends its kept connections', async () => {
  const shop = await startShop({
    port: 0,
    version: '4.0.0',
    digest: 'd',
    colour: 'c',
    fault: { latencyMs: 1_000 },
  });
  const agent = new http.Agent({ keepAlive: true });
  // "100 Continue" comes when the shop has the request.
  const request = http.request(shop.url, { agent, headers: { expect: '100-continue' } });
  const answered = once(request, 'response') as Promise<[http.IncomingMessage]>;
  request.flushHeaders();
  await once(request, 'continue');
  request.end();
  const [[answer]] = await Promise.all([answered, shop.close()]);
  answer.resume();
  expect(answer.statusCode).toBe(200);
  expect(answer.headers.connection).toBe('close');
  agent.destroy();
});
