import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { startLoad, type LoadReport } from '../../../rehearsal/load/load.js';
import { startShop } from '../../../rehearsal/shop/shop.js';
import { startChild } from '../../support/runner/child.js';

const servers: http.Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(handle: http.RequestListener): Promise<string> {
  const server = http.createServer(handle).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function runLoad(url: string, ms: number, options = {}): Promise<LoadReport> {
  const load = startLoad({ url, ...options });
  await new Promise((resolve) => setTimeout(resolve, ms));
  return load.stop();
}

describe('the load', () => {
  it('goes through the whole shop without an error, at the rate asked for', async () => {
    const shop = await startShop({ port: 0, version: '1.0.0', digest: 'd', colour: 'c' });
    const report = await runLoad(shop.url, 1000, { rps: 200 });
    const metrics = await (await fetch(`${shop.url}/metrics`, { headers: { connection: 'close' } })).text();
    await shop.close();
    expect(report).toMatchObject({
      failedTransport: 0,
      failedRouter: 0,
      appErrors: {},
      byVersion: { '1.0.0': report.sent },
    });
    expect(report.ok).toBe(report.sent);
    expect(report.sent).toBeGreaterThan(60);
    expect(report.sent).toBeLessThan(220);
    for (const call of [
      '"POST",route="/api/register"',
      '"POST",route="/api/orders"',
      '"GET",route="/api/orders/:id"',
      '"GET",route="/"',
    ]) {
      expect(metrics).toContain(`method=${call},code="20`);
    }
  });

  it('keeps its rate when answers are slow', async () => {
    const url = await serve((_, response) => void setTimeout(() => response.end('{}'), 30));
    const report = await runLoad(url, 600, { rps: 100, keepalive: 4, fresh: 4 });
    expect(report.sent).toBeGreaterThan(15);
    expect(report.sent).toBeLessThan(70);
  });

  it('uses kept connections and new ones', async () => {
    const connections = new Set<unknown>();
    const kept = new Set<unknown>();
    const url = await serve((request, response) => {
      if (connections.has(request.socket)) kept.add(request.socket);
      connections.add(request.socket);
      response.end('{}');
    });
    const report = await runLoad(url, 300, { rps: 200, keepalive: 3, fresh: 1 });
    expect(kept.size).toBe(3);
    expect(report.sent).toBeGreaterThan(3);
    expect(connections.size).toBeGreaterThan(3);
  });

  it('sees a reset, a router’s 503 and a version’s 500 for what they are, and repeats nothing', async () => {
    let received = 0;
    const url = await serve((request, response) => {
      received += 1;
      if (received % 4 === 1) return void request.socket.destroy();
      if (received % 4 === 2) return void response.writeHead(503).end('no server');
      response.setHeader('x-app-version', '2.0.0');
      response.statusCode = received % 4 === 3 ? 500 : 200;
      response.end('{}');
    });
    const report = await runLoad(url, 400, { rps: 200, keepalive: 2, fresh: 2 });
    expect(report.sent).toBe(received);
    const quarter = received / 4;
    for (const count of [
      report.failedTransport,
      report.failedRouter,
      report.appErrors['2.0.0'] ?? 0,
      report.ok,
    ]) {
      expect(Math.abs(count - quarter)).toBeLessThan(1);
    }
    expect(report.reusedFailures + report.freshFailures).toBe(report.failedTransport + report.failedRouter);
    expect(new Set(report.failures.map(({ code }) => code))).toEqual(new Set(['ECONNRESET', '503', '500']));
  });

  it('counts a half answer and a missing one as transport failures', async () => {
    const half = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 100, 'x-app-version': '1.0.0' });
      response.write('part', () => response.destroy());
    });
    const halves = await runLoad(half, 100, { rps: 50, keepalive: 1, fresh: 1 });
    expect(halves).toMatchObject({ ok: 0, failedTransport: halves.sent, byVersion: {} });
    const silent = await serve(() => undefined);
    const timeouts = await runLoad(silent, 10, { rps: 100, keepalive: 1, fresh: 1, timeoutMs: 50 });
    expect(timeouts.failures[0]).toMatchObject({ kind: 'transport', code: 'timeout' });
  });

  it('counts a refused connection as a transport failure', async () => {
    const url = await serve(() => undefined);
    await new Promise((resolve) => servers.pop()?.close(resolve));
    const report = await runLoad(url, 60, { rps: 100, keepalive: 1, fresh: 1 });
    expect(report).toMatchObject({ ok: 0, failedTransport: report.sent });
    expect(report.failures[0]?.code).toBe('ECONNREFUSED');
  });
});

it('the load as a process prints snapshots four times a second and a final report on SIGTERM', async () => {
  const url = await serve((_, response) => response.setHeader('x-app-version', '1.0.0').end('{}'));
  const child = await startChild('rehearsal/load/main.ts', '--url', url, '--rps', '50');
  await new Promise((resolve) => setTimeout(resolve, 600));
  child.process.kill('SIGTERM');
  expect(await child.ended).toBe(0);
  const reports = child.lines.map((text) => JSON.parse(text) as LoadReport & { kind: string });
  expect(reports.map(({ kind }) => kind)).toEqual([...reports.slice(1).map(() => 'snapshot'), 'final']);
  expect(reports.length).toBeGreaterThanOrEqual(3);
  const last = reports.at(-1);
  expect(last).toMatchObject({ ok: last?.sent, failedTransport: 0, failedRouter: 0 });
});
