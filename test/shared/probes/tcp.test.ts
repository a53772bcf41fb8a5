import { describe, expect, test } from '@jest/globals';
import type { Socket } from 'node:net';
import { guardedLookup } from '../../../shared/http/connect/addresses.js';
import { tcpProbe, type TcpProbeStep } from '../../../shared/probes/network/tcp.js';
import { closedAddress, serveTcp } from '../../support/servers/tcp.js';

const probe = tcpProbe(guardedLookup());
const observe = (
  step: Partial<TcpProbeStep> & { address: string },
  timeoutMs = 60_000,
  signal?: AbortSignal,
) => probe.observe({ read: 'none', maxBytes: 1_000, ...step }, { timeoutMs, ...(signal ? { signal } : {}) });

async function against(onSocket: (socket: Socket) => void, step: Partial<TcpProbeStep>, timeoutMs?: number) {
  const server = await serveTcp(onSocket);
  try {
    return await observe({ address: server.address, ...step }, timeoutMs);
  } finally {
    await server.close();
  }
}
const textOf = (probed: Awaited<ReturnType<typeof observe>>) => probed.ok && probed.observation.text();

test('a port that accepts is a connection', async () => {
  expect(await against(() => undefined, {})).toMatchObject({
    ok: true,
    observation: { connected: true, size: 0 },
  });
});

test('a port that refuses is observed as such, with the reason', async () => {
  expect(await observe({ address: await closedAddress() })).toMatchObject({
    ok: true,
    observation: { connected: false, detail: expect.stringContaining('ECONNREFUSED') },
  });
});

test('a banner is the first line, without its end, however it arrives', async () => {
  const slowly = (socket: Socket) => {
    socket.write('220 mail');
    setTimeout(() => socket.write('.example.com\r\nmore'), 10);
  };
  expect(textOf(await against(slowly, { read: 'line' }))).toBe('220 mail.example.com');
});

test('what is sent is answered, up to the end the server makes', async () => {
  const echo = (socket: Socket) => socket.once('data', (data) => socket.end(`you said ${data.toString()}`));
  expect(textOf(await against(echo, { send: 'PING\r\n', read: 'close' }))).toBe('you said PING\r\n');
});

describe('a stated failure is', () => {
  test.each<[string, (socket: Socket) => void, string]>([
    ['a server that says nothing', () => undefined, 'timeout'],
    ['a server that never ends its line', (socket) => void socket.write('a'.repeat(999)), 'timeout'],
    [
      'a server that cuts the connection',
      (socket) => void setTimeout(() => socket.resetAndDestroy(), 10),
      'reset',
    ],
    ['a line beyond the limit', (socket) => void socket.write('a'.repeat(1_001)), 'too-large'],
  ])('%s', async (_, onSocket, kind) => {
    expect(await against(onSocket, { read: 'line' }, 150)).toMatchObject({ ok: false, fault: { kind } });
  });

  test.each([
    ['nowhere.invalid:80', 'dns'],
    // Nothing leaves the machine: no TCP connection leads to everybody.
    ['255.255.255.255:80', 'refused'],
    ['no port', 'protocol'],
    ['host:0', 'protocol'],
    ['host:99999', 'protocol'],
    ['169.254.169.254:80', 'forbidden-address'],
    ['[::ffff:169.254.169.254]:80', 'forbidden-address'],
    ['metadata.google.internal:80', 'forbidden-address'],
  ])('the address %s', async (address, kind) => {
    expect(await observe({ address })).toMatchObject({ ok: false, fault: { kind } });
  });

  test('a name that leads to cloud metadata', async () => {
    const lookup = guardedLookup((_name, _options, done) =>
      done(null, [{ address: '169.254.169.254', family: 4 }]),
    );
    const step = { address: 'shop.example.com:80', read: 'none', maxBytes: 1 } as const;
    expect(await tcpProbe(lookup).observe(step, { timeoutMs: 60_000 })).toMatchObject({
      ok: false,
      fault: { kind: 'forbidden-address' },
    });
  });

  test('an interrupted run, at once', async () => {
    const server = await serveTcp(() => undefined);
    const stopping = new AbortController();
    const waiting = observe({ address: server.address, read: 'line' }, 10_000, stopping.signal);
    setTimeout(() => stopping.abort(), 20);
    expect(await waiting).toMatchObject({ ok: false, fault: { kind: 'cancelled' } });
    await server.close();
  });
});
