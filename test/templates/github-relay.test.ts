import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readAlerts } from '../../actions/incident/alerts/payload.js';
import { stage, type Stage } from '../rehearsal/github/support.js';

let world: Stage;
let relay: ChildProcess;
let folder: string;
let address: string;
let said = '';

async function start(permissions: Record<string, 'read' | 'write'> = { contents: 'write' }): Promise<void> {
  const { token } = world.server.control.addToken({ actor: 'github-actions[bot]', permissions });
  writeFileSync(join(folder, 'token'), `${token}\n`);
  writeFileSync(join(folder, 'secret'), 's3cret\n');
  said = '';
  relay = spawn(process.execPath, ['workflows-templates/monitoring/github-relay.mjs'], {
    env: {
      PATH: process.env['PATH'],
      GITHUB_API_URL: world.server.url,
      GITHUB_REPOSITORY: 'acme/shop',
      GITHUB_TOKEN_FILE: join(folder, 'token'),
      RELAY_SECRET_FILE: join(folder, 'secret'),
      RELAY_PORT: '0',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  address = await new Promise((done) =>
    relay.stderr!.on('data', (part: Buffer) => {
      said += part.toString();
      const port = /Listening on 127\.0\.0\.1:(\d+)/.exec(said)?.[1];
      if (port) done(`http://127.0.0.1:${port}/`);
    }),
  );
}

beforeEach(async () => {
  world = await stage();
  folder = mkdtempSync(join(tmpdir(), 'relay-'));
});
afterEach(async () => {
  relay.kill();
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

const body = (count = 1, more: object = {}) => ({
  version: '4',
  status: 'firing',
  alerts: Array.from({ length: count }, (_, n) => ({
    status: 'firing',
    labels: { alertname: `High ${n}`, service: 'shop', text: 'x'.repeat(count > 1 ? 900 : 1) },
    annotations: {},
  })),
  ...more,
});
const send = async (given: unknown, secret = 's3cret', method = 'POST') =>
  (
    await fetch(address, {
      method,
      headers: { authorization: `Bearer ${secret}` },
      ...(method === 'POST' ? { body: typeof given === 'string' ? given : JSON.stringify(given) } : {}),
    })
  ).status;

describe('the relay of Alertmanager', () => {
  it('dispatches what fires and what is over, as the action reads it', async () => {
    await start();
    expect(await send(body())).toBe(204);
    expect(await send(body(1, { status: 'resolved' }))).toBe(204);
    const sent = world.server.control.dispatches();
    expect(sent.map(({ eventType }) => eventType)).toEqual(['alert_fired', 'alert_resolved']);
    expect(readAlerts(JSON.stringify(sent[0]!.payload), 'it', 'firing').alerts).toMatchObject([
      { labels: { alertname: 'High 0', service: 'shop' } },
    ]);
  });

  it('sends less than GitHub takes at most, and says how many alerts it left out', async () => {
    await start();
    expect(await send(body(150))).toBe(204);
    const text = JSON.stringify(world.server.control.dispatches()[0]!.payload);
    expect(text.length).toBeLessThan(64_000);
    const { alerts, truncated } = readAlerts(text, 'it', 'firing');
    expect(alerts.length + truncated).toBe(150);
  });

  it('leaves out what is over before what fires, and shortens one that is too large alone', async () => {
    await start();
    const over = body(150).alerts.map((alert) => ({ ...alert, status: 'resolved' }));
    const large = {
      labels: { alertname: 'Fires', service: 'shop' },
      annotations: { summary: 'ñ'.repeat(70_000) },
    };
    expect(await send({ ...body(), alerts: [...over, { status: 'firing', ...large }] })).toBe(204);
    const text = JSON.stringify(world.server.control.dispatches()[0]!.payload);
    expect(Buffer.byteLength(text)).toBeLessThan(64_000);
    const { alerts, truncated } = readAlerts(text, 'it', 'firing');
    expect(alerts[0]).toMatchObject({ status: 'firing', labels: large.labels });
    expect(alerts.length + truncated).toBe(151);
  });

  it('takes nothing without its secret, and nothing that is no alert', async () => {
    await start();
    expect(await send(body(), 'wrong')).toBe(401);
    expect(await send(body(), 's3cret', 'GET')).toBe(405);
    expect(await send('{"a":')).toBe(400);
    expect(await send({ version: '3', alerts: [] })).toBe(400);
    expect(await send({ ...body(), alerts: [null] })).toBe(400);
    expect(world.server.control.dispatches()).toEqual([]);
  });

  it('answers so that Alertmanager tries again where GitHub did not take it', async () => {
    await start({ contents: 'read' });
    expect(await send(body())).toBe(502);
    expect(said).toMatch(/GitHub answered 40[34]/);
  });
});
