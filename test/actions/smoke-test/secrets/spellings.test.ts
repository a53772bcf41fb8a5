import { Buffer } from 'node:buffer';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { secretsIn } from '../../../../actions/smoke-test/request/probe.js';
import { serveRecording, type RecordingServer } from '../../../support/servers/recording.js';
import { runSuite, suiteOf } from '../run-suite.js';

let server: RecordingServer;
beforeAll(async () => {
  server = await serveRecording();
});
afterAll(() => server.close());

/** Everything that is written of a run with this secret in which a step fails. */
async function writtenOf(secret: string, step: string): Promise<string> {
  const given = { 'base-url': server.url, secrets: JSON.stringify({ KEY: secret }), har: 'true' };
  const run = await runSuite(suiteOf(step), given, { RUNNER_DEBUG: '1' });
  expect(run.report?.result).toBe('fail');
  expect(run.everything).toContain('***');
  return run.everything;
}

describe('a secret is taken out in the spelling in which it comes back:', () => {
  test.each([
    ['http', "http: { url: 'http://{{ secrets.KEY }}.invalid/' }, expect: { status: 200 }"],
    ['grpc', "grpc: { url: 'http://{{ secrets.KEY }}.invalid:1' }, expect: { serving: SERVING }"],
  ])('the name of a host of %s, in lower case', async (_, probe) => {
    expect(await writtenOf('TenantQzName', `- { name: look, ${probe} }`)).not.toMatch(/tenantqzname/i);
  });

  test('what a command prints, without the line break at its end', async () => {
    const run = `run: [sh, -c, 'printf %s "$KEY"; exit 1'], env: { KEY: '{{ secrets.KEY }}' }`;
    const step = `- { name: say, command: { ${run} }, expect: { exit: 0 } }`;
    expect(await writtenOf('Zx9Kq7\n', step)).not.toContain('Zx9Kq7');
  });

  test('a body in UTF-8 of which its header says something else', async () => {
    server.answer = (_asked, response) =>
      response.writeHead(500, { 'content-type': 'text/plain; charset=iso-8859-1' }).end('pässwörter');
    const step = '- { name: look, http: { url: / }, expect: { status: 200 } }';
    expect(await writtenOf('pässwörter', step)).not.toContain('Ã¤ssw');
  });

  test('a key of a document that is not as its schema says', async () => {
    server.answer = (_asked, response) => response.end(JSON.stringify({ 'Zx/9~Kq7': 1 }));
    const schema = '{ additionalProperties: { type: string } }';
    const step = `- { name: look, http: { url: / }, expect: { json-schema: { schema: ${schema} } } }`;
    expect(await writtenOf('Zx/9~Kq7', step)).not.toContain('~0Kq7');
  });
});

test('a token that is the user of an address is a secret, alone and as it is sent', async () => {
  server.answer = ({ headers }, response) => response.writeHead(500).end(headers.authorization);
  const url = server.url.replace('http://', 'http://ghp_Zx9Kq7Wm5Rt3@');
  const step = `- { name: look, http: { url: '${url}' }, expect: { status: 200 } }`;
  const { everything } = await runSuite(suiteOf(step), { har: 'true' });
  expect(everything).toContain('Basic ***');
  expect(everything).not.toContain('ghp_Zx9Kq7Wm5Rt3');
  expect(everything).not.toContain(Buffer.from('ghp_Zx9Kq7Wm5Rt3:').toString('base64'));
});

test('what a proxy is sent is a secret too', async () => {
  server.answer = ({ headers }, response) =>
    response.writeHead(407).end(`${headers['proxy-authorization'] ?? 'nothing'}`);
  const step = "- { name: look, http: { url: 'http://shop.test/' }, expect: { status: 200 } }";
  const proxy = server.url.replace('http://', 'http://ci:Zx9Kq7Wm5@');
  const { everything } = await runSuite(suiteOf(step), { proxy });
  expect(everything).toContain('407: Basic ***');
  expect(everything).not.toContain(Buffer.from('ci:Zx9Kq7Wm5').toString('base64'));
});

test('a user with a name of people is none, but what is sent of it is', () => {
  const request = { method: 'GET', headers: {}, url: 'http://admin@h/' };
  const sent = Buffer.from('admin:').toString('base64');
  expect(secretsIn({ probe: 'http', ...request })).toEqual([sent]);
  expect(secretsIn({ probe: 'http', ...request, url: 'http://h/?a=b@c' })).toEqual([]);
});

test('the password in the address of a database is a secret, its user is none', () => {
  const request = { query: 'q', params: [], write: false, tls: true, maxBytes: 1, password: undefined };
  const secrets = secretsIn({ probe: 'sql', ...request, url: 'postgres://shop:Zx9%2FKq7@h/d' });
  expect(secrets).toEqual(['Zx9%2FKq7', 'Zx9/Kq7']);
  expect(secretsIn({ probe: 'sql', ...request, url: 'postgres://shop@h/d' })).toEqual([]);
});
