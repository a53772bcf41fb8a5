import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { guardedLookup } from '../../../shared/http/connect/addresses.js';
import { tlsProbe, type TlsProbeStep } from '../../../shared/probes/network/tls.js';
import { createAuthority, type Identity, type LeafRequest } from '../../support/servers/certificates.js';
import { serve, type TestServer } from '../../support/servers/http.js';
import { serveTcp } from '../../support/servers/tcp.js';

const day = 86_400_000;
const authority = createAuthority();

async function against(
  leaf: Partial<LeafRequest>,
  step: Partial<TlsProbeStep> = {},
  ca: readonly string[] = [authority.ca],
  now?: () => number,
) {
  const server = await serve(
    (_, response) => response.end(),
    authority.issue({ names: ['127.0.0.1'], ...leaf }),
  );
  try {
    return await tlsProbe(guardedLookup(), ca, now).observe(
      { address: `127.0.0.1:${server.port}`, ...step },
      { timeoutMs: 60_000 },
    );
  } finally {
    await server.close();
  }
}

describe('a verified handshake', () => {
  let server: TestServer;
  let identity: Identity;
  beforeAll(async () => {
    identity = authority.issue({
      names: ['127.0.0.1', '*.shop.example.com'],
      notAfter: new Date(Date.now() + 10 * day),
    });
    server = await serve((_, response) => response.end(), identity);
  });
  afterAll(() => server.close());

  test('shows who the server is, for how long, and how it was reached', async () => {
    const probed = await tlsProbe(guardedLookup(), [authority.ca]).observe(
      { address: server.url.replace('https://', '') },
      { timeoutMs: 60_000 },
    );
    if (!probed.ok) throw new Error(probed.fault.message);
    const { observation } = probed;
    expect(observation).toMatchObject({
      protocol: 'TLSv1.3',
      subject: 'CN=leaf',
      issuer: 'CN=Test Authority',
      names: ['IP Address:127.0.0.1', 'DNS:*.shop.example.com'],
      fingerprint: new X509Certificate(identity.cert).fingerprint256,
    });
    expect([
      observation.covers('eu.shop.example.com'),
      observation.covers('127.0.0.1'),
      observation.covers('shop.example.com'),
    ]).toEqual([true, true, false]);
    const json = observation.json();
    expect(json.ok && json.value).toMatchObject({
      protocol: 'TLSv1.3',
      chain: ['CN=leaf', 'CN=Test Authority'],
    });
  });
});

test('the certificate that expires first counts, the issuers included', async () => {
  const probed = await against({ notAfter: new Date(Date.now() + 400 * day) });
  if (!probed.ok) throw new Error(probed.fault.message);
  // The authority of the tests is valid for a day.
  expect(probed.observation.firstToExpire.who).toContain('CN=Test Authority');
  expect(probed.observation.firstToExpire.leftMs / day).toBeCloseTo(1, 1);
});

test('time left is negative once a certificate has expired, never the distance to that day', async () => {
  const later = await against({}, {}, [authority.ca], () => Date.now() + 40 * day);
  if (!later.ok) throw new Error(later.fault.message);
  expect(later.observation.firstToExpire.leftMs / day).toBeCloseTo(-39, 1);
});

describe('a stated failure is', () => {
  test.each<[string, Partial<LeafRequest>, Partial<TlsProbeStep>, readonly string[], RegExp]>([
    [
      'an expired certificate',
      { notBefore: new Date(Date.now() - 9 * day), notAfter: new Date(Date.now() - day) },
      {},
      [authority.ca],
      /CERT_HAS_EXPIRED/,
    ],
    [
      'one that is not valid yet',
      { notBefore: new Date(Date.now() + day), notAfter: new Date(Date.now() + 2 * day) },
      {},
      [authority.ca],
      /CERT_NOT_YET_VALID/,
    ],
    ['one for another host', { names: ['other.example'] }, {}, [authority.ca], /ALTNAME_INVALID/],
    [
      'one for another name than asked',
      {},
      { serverName: 'shop.example.com' },
      [authority.ca],
      /ALTNAME_INVALID/,
    ],
    ['one of an authority nobody trusts', {}, {}, [], /UNABLE_TO_|SELF_SIGNED/],
  ])('%s', async (_, leaf, step, ca, message) => {
    expect(await against(leaf, step, ca)).toMatchObject({
      ok: false,
      fault: { kind: 'tls', message: expect.stringMatching(message) },
    });
  });

  test('a server that speaks no TLS', async () => {
    const plain = await serve((_, response) => response.end());
    const probed = await tlsProbe(guardedLookup(), undefined).observe(
      { address: `127.0.0.1:${plain.port}` },
      { timeoutMs: 60_000 },
    );
    expect(probed).toMatchObject({ ok: false, fault: { kind: 'tls' } });
    await plain.close();
  });

  test.each([
    ['never answers', () => undefined, 'timeout', 150],
    [
      'hangs up',
      (socket: { destroy(): unknown }) => void socket.destroy(),
      expect.stringMatching(/tls|reset/),
      60_000,
    ],
  ])('a server that %s', async (_, onSocket, kind, timeoutMs) => {
    const server = await serveTcp(onSocket);
    const probed = await tlsProbe(guardedLookup(), undefined).observe(
      { address: server.address },
      { timeoutMs },
    );
    expect(probed).toMatchObject({ ok: false, fault: { kind } });
    await server.close();
  });
});
