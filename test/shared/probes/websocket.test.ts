import { describe, expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { guardedLookup, resolveBy } from '../../../shared/http/connect/addresses.js';
import { websocketProbe, type WebSocketProbeStep } from '../../../shared/probes/streams/websocket.js';
import { createAuthority, type Identity } from '../../support/servers/certificates.js';

interface Served {
  url: string;
  opened: { path: string; headers: Record<string, unknown> }[];
  close(): Promise<void>;
}

async function serveWebSocket(
  onOpen: (socket: WebSocket) => void,
  { identity, protocols }: { identity?: Identity; protocols?: string[] } = {},
): Promise<Served> {
  const server = identity ? createSecureServer(identity) : createServer();
  const opened: Served['opened'] = [];
  const sockets = new WebSocketServer({
    server,
    ...(protocols
      ? { handleProtocols: (offered) => protocols.find((name) => offered.has(name)) ?? false }
      : {}),
  });
  sockets.on('connection', (socket, request) => {
    opened.push({ path: request.url ?? '', headers: request.headers });
    socket.on('error', () => undefined);
    onOpen(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${identity ? 'wss' : 'ws'}://127.0.0.1:${port}`,
    opened,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets.clients) socket.terminate();
        sockets.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const probe = websocketProbe(guardedLookup(), undefined);
const observe = (
  step: Partial<WebSocketProbeStep> & { url: string },
  {
    timeoutMs = 60_000,
    signal,
    by = probe,
  }: { timeoutMs?: number; signal?: AbortSignal; by?: typeof probe } = {},
) =>
  by.observe(
    { headers: {}, protocols: [], send: [], messages: 1, maxBytes: 1_000, ...step },
    { timeoutMs, ...(signal ? { signal } : {}) },
  );

async function against(
  onOpen: (socket: WebSocket) => void,
  step: Partial<WebSocketProbeStep> = {},
  timeoutMs?: number,
) {
  const server = await serveWebSocket(onOpen);
  try {
    return await observe({ ...step, url: server.url }, timeoutMs === undefined ? {} : { timeoutMs });
  } finally {
    await server.close();
  }
}

const echo = (socket: WebSocket) =>
  void socket.on('message', (data) => socket.send(`{"got":${String(data)}}`));

test('what is sent is answered, one message a line, and as a list of JSON', async () => {
  const probed = await against(echo, { send: ['1', '"two"'], messages: 2 });
  if (!probed.ok) throw new Error(probed.fault.message);
  expect(probed.observation.text()).toBe('{"got":1}\n{"got":"two"}');
  expect(probed.observation.json()).toEqual({ ok: true, value: [{ got: 1 }, { got: 'two' }] });
  expect(probed.observation).toMatchObject({ probe: 'websocket', size: 22 });
});

test('a message that is no JSON stays a text, and one that is no text leaves doubt', async () => {
  const plain = await against((socket) => socket.send('hello'));
  expect(plain.ok && plain.observation.json()).toEqual({ ok: true, value: ['hello'] });
  const binary = await against((socket) => socket.send(Buffer.from([0xff, 0x00])));
  expect(binary.ok && binary.observation.doubt?.()).toMatch(/not valid UTF-8/);
  expect(binary.ok && binary.observation.json().ok).toBe(false);
});

test('no message has to come where none is awaited', async () => {
  expect(await against(() => undefined, { messages: 0 })).toMatchObject({
    ok: true,
    observation: { size: 0 },
  });
});

test('headers and subprotocols are sent with the opening request', async () => {
  const server = await serveWebSocket((socket) => socket.send(socket.protocol), { protocols: ['v2.chat'] });
  try {
    const step = { url: `${server.url}/room?id=1`, headers: { authorization: 'Bearer t' } };
    const probed = await observe({ ...step, protocols: ['v1.chat', 'v2.chat'] });
    expect(probed.ok && probed.observation.text()).toBe('v2.chat');
    expect(server.opened).toMatchObject([{ path: '/room?id=1', headers: { authorization: 'Bearer t' } }]);
    expect(await observe({ ...step, protocols: ['v3.chat'] })).toMatchObject({
      ok: false,
      fault: { kind: 'protocol', message: expect.stringContaining('subprotocol') },
    });
  } finally {
    await server.close();
  }
});

describe('a stated failure is', () => {
  test.each<
    [what: string, onOpen: (socket: WebSocket) => void, step: Partial<WebSocketProbeStep>, fault: object]
  >([
    [
      'a server that closes too early',
      (socket) => {
        socket.send('one');
        socket.close(4001, 'no room');
      },
      { messages: 2 },
      { kind: 'closed', message: expect.stringMatching(/4001 \(no room\) after 1 of 2 messages/) },
    ],
    [
      'a connection that is cut',
      (socket) => socket.terminate(),
      {},
      { kind: 'closed', message: expect.stringMatching(/after 0 of 1 messages/) },
    ],
    ['a message beyond the limit', (socket) => socket.send('a'.repeat(1_001)), {}, { kind: 'too-large' }],
    [
      'messages beyond the limit together',
      (socket) => {
        for (let count = 0; count < 3; count++) socket.send('a'.repeat(400));
      },
      { messages: 3 },
      { kind: 'too-large' },
    ],
  ])('%s', async (_what, onOpen, step, fault) => {
    expect(await against(onOpen, step)).toMatchObject({ ok: false, fault });
  });

  test('a server that says nothing', async () => {
    expect(await against(() => undefined, {}, 200)).toMatchObject({ ok: false, fault: { kind: 'timeout' } });
  });

  test('a server that speaks plain HTTP, with its status', async () => {
    const server = createServer((_request, response) => response.writeHead(403).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect(await observe({ url: `ws://127.0.0.1:${port}` })).toMatchObject({
      ok: false,
      fault: { kind: 'handshake', message: expect.stringContaining('answered 403, expected 101') },
    });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test.each([
    ['http://127.0.0.1/', 'protocol'],
    ['nonsense', 'protocol'],
    ['ws://169.254.169.254/', 'forbidden-address'],
    ['ws://metadata.google.internal/', 'forbidden-address'],
    ['ws://127.0.0.1:9', 'refused'],
  ])('%s', async (url, kind) => {
    expect(await observe({ url })).toMatchObject({ ok: false, fault: { kind } });
  });

  test('a name that leads to an address that hands out credentials', async () => {
    const by = websocketProbe(guardedLookup(resolveBy({ 'shop.test': '169.254.169.254' })), undefined);
    expect(await observe({ url: 'ws://shop.test/' }, { by })).toMatchObject({
      ok: false,
      fault: { kind: 'forbidden-address' },
    });
  });

  test('a stop from outside', async () => {
    const stopping = new AbortController();
    const server = await serveWebSocket(() => stopping.abort(new Error('stopped')));
    expect(await observe({ url: server.url }, { signal: stopping.signal })).toMatchObject({ ok: false });
    await server.close();
  });
});

describe('with TLS', () => {
  const authority = createAuthority();
  const by = websocketProbe(guardedLookup(), [authority.ca]);

  test('a trusted certificate is needed, for the right name', async () => {
    const right = await serveWebSocket(echo, { identity: authority.issue({ names: ['127.0.0.1'] }) });
    const wrong = await serveWebSocket(echo, { identity: authority.issue({ names: ['other.test'] }) });
    try {
      expect(await observe({ url: right.url, send: ['1'] }, { by })).toMatchObject({ ok: true });
      expect(await observe({ url: right.url, send: ['1'] })).toMatchObject({
        ok: false,
        fault: { kind: 'tls' },
      });
      expect(await observe({ url: wrong.url, send: ['1'] }, { by })).toMatchObject({
        ok: false,
        fault: { kind: 'tls' },
      });
    } finally {
      await Promise.all([right.close(), wrong.close()]);
    }
  });
});
