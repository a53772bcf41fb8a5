import { afterEach, expect, test } from '@jest/globals';
import { createHttpClient } from '../../../shared/http/client.js';
import type { HttpClient } from '../../../shared/http/types.js';
import { createAuthority, type LeafRequest } from '../../support/servers/certificates.js';
import { serve, type TestServer } from '../../support/servers/http.js';

const authority = createAuthority();
const day = 86_400_000;
let server: TestServer | undefined;
let client: HttpClient | undefined;

afterEach(async () => {
  client?.close();
  await server?.close();
});

async function ask(leaf: LeafRequest, ca: readonly string[] | undefined, host = '127.0.0.1') {
  server = await serve((_, response) => response.end('secure'), authority.issue(leaf));
  client = createHttpClient({
    ...(ca ? { ca } : {}),
    resolve: (_name, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
  });
  return client.send({ url: `https://${host}:${server.port}/`, timeoutMs: 60_000 });
}

test('a certificate of a trusted authority for the right name is accepted', async () => {
  expect(await ask({ names: ['127.0.0.1'] }, [authority.ca])).toMatchObject({
    ok: true,
    response: { status: 200 },
  });
});

test('one of an unknown authority is not', async () => {
  expect(await ask({ names: ['127.0.0.1'] }, undefined)).toMatchObject({ fault: { kind: 'tls' } });
});

test('an expired one is not, though its authority is trusted', async () => {
  const expired = {
    names: ['127.0.0.1'],
    notBefore: new Date(Date.now() - 9 * day),
    notAfter: new Date(Date.now() - day),
  };
  expect(await ask(expired, [authority.ca])).toMatchObject({
    fault: { kind: 'tls', message: expect.stringMatching(/CERT_HAS_EXPIRED/) },
  });
});

test('one that is not valid yet is not', async () => {
  const early = {
    names: ['127.0.0.1'],
    notBefore: new Date(Date.now() + day),
    notAfter: new Date(Date.now() + 9 * day),
  };
  expect(await ask(early, [authority.ca])).toMatchObject({
    fault: { kind: 'tls', message: expect.stringMatching(/CERT_NOT_YET_VALID/) },
  });
});

test('one for another name is not', async () => {
  const result = await ask({ names: ['other.example'] }, [authority.ca], 'shop.example');
  expect(result).toMatchObject({
    fault: { kind: 'tls', message: expect.stringMatching(/ERR_TLS_CERT_ALTNAME_INVALID/) },
  });
});

test('https to a server that speaks plain http is a tls fault', async () => {
  server = await serve((_, response) => response.end('plain'));
  client = createHttpClient();
  const result = await client.send({ url: `https://127.0.0.1:${server.port}/`, timeoutMs: 60_000 });
  expect(result).toMatchObject({ fault: { kind: 'tls' } });
});
