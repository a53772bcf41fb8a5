import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { RequestListener } from 'node:http';
import { createHttpClient } from '../../../shared/http/client.js';
import type { HttpClient } from '../../../shared/http/types.js';
import { httpProbe, type HttpProbeStep } from '../../../shared/probes/http.js';
import { serve, type TestServer } from '../../support/servers/http.js';

let server: TestServer;
let client: HttpClient;
let listener: RequestListener;

beforeAll(async () => {
  server = await serve((request, response) => listener(request, response));
});
afterAll(() => server.close());
beforeEach(() => {
  client = createHttpClient();
});
afterEach(() => client.close());

async function observe(step: Partial<HttpProbeStep> = {}) {
  const probed = await httpProbe(client).observe(
    { method: 'GET', url: server.url, headers: {}, ...step },
    { timeoutMs: 60_000 },
  );
  if (!probed.ok) throw new Error(probed.fault.message);
  return probed.observation;
}

test('an answer has status, headers, text, JSON and the time it took', async () => {
  listener = (_, response) => response.writeHead(202, { 'X-A': '1' }).end('{"a":[1]}');
  const answer = await observe();
  expect(answer).toMatchObject({ status: 202, headers: { 'x-a': ['1'] } });
  expect(answer.text()).toBe('{"a":[1]}');
  expect(answer.json()).toEqual({ ok: true, value: { a: [1] } });
  expect(answer.durationMs).toBeGreaterThan(0);
});

test('a body that is no JSON says so instead of throwing', async () => {
  listener = (_, response) => response.end('<html>');
  expect((await observe()).json()).toEqual({ ok: false, reason: 'a body that is not JSON' });
  listener = (_, response) => response.end(' \n');
  expect((await observe()).json()).toEqual({ ok: false, reason: 'an empty body' });
});

test('text is decoded by the charset that is declared; one that is unknown leaves doubt, and no JSON', async () => {
  const latin1 = Buffer.from([0x63, 0x61, 0x66, 0xe9]);
  listener = (_, response) =>
    response.writeHead(200, { 'content-type': 'text/plain; charset="ISO-8859-1"' }).end(latin1);
  expect((await observe()).text()).toBe('café');
  listener = (_, response) =>
    response.writeHead(200, { 'content-type': 'text/plain; charset=klingon' }).end('café');
  const answer = await observe();
  expect(answer.text()).toBe('café');
  const doubt = 'text in "klingon", a charset that is not known';
  expect(answer.doubt?.()).toBe(doubt);
  expect(answer.json()).toEqual({ ok: false, reason: doubt });
});

test('no answer is a fault with its kind', async () => {
  listener = (_, response) => response.destroy();
  const step = { method: 'POST', url: server.url, headers: {}, body: 'x' };
  expect(await httpProbe(client).observe(step, { timeoutMs: 60_000 })).toMatchObject({
    ok: false,
    fault: { kind: 'reset' },
  });
});
