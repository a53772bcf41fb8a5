import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { dispatch } from '../../../cli/dispatch.js';
import { serve } from '../../support/servers/http.js';
import { collectionInfo as info, testScript } from './support.js';
import { inFolder, runCli, testShell } from '../terminal.js';

test('a Postman collection loses the secrets of its variables, authorizations, headers and addresses', async () => {
  const basic = (username: string, password: string) => ({
    type: 'basic',
    basic: Object.entries({ username, password }).map(([key, value]) => ({ key, value })),
  });
  const bearer = (token: string) => ({ type: 'bearer', bearer: [{ key: 'token', value: token }] });
  const request = (name: string, more: object) => ({
    name,
    request: { url: { host: ['{{host}}'], path: ['a'] }, ...more },
  });
  const collection = {
    info,
    variable: [
      { key: 'host', value: 'http://shop.example.com' },
      { key: 'api_token', value: 'hidden-1' },
      { key: 'login', value: 'Token {{api_token}}' },
      { key: 'session-id', value: 'hidden-2' },
      { key: 'token', value: 'hidden-3' },
    ],
    auth: bearer('hidden-4'),
    item: [
      {
        ...request('Log in', {
          method: 'POST',
          header: [
            { key: 'X-Login', value: '{{login}}' },
            { key: 'X-Session', value: '{{session-id}}' },
          ],
          body: {
            mode: 'raw',
            raw: '{"password": "wrong-on-purpose"}',
            options: { raw: { language: 'json' } },
          },
        }),
        event: testScript('pm.environment.set("token", pm.response.json().token);'),
      },
      request('Mine', { auth: bearer('{{token}}') }),
      request('Basic', { auth: basic('ana', 'hidden-5') }),
      request('Key', { auth: basic('hidden-6', '') }),
      request('Header', {
        auth: { type: 'noauth' },
        header: [{ key: 'authorization', value: 'Basic hidden-7' }],
      }),
      request('Query', {
        url: { host: ['{{host}}'], path: ['a'], query: [{ key: 'apiKey', value: 'hidden-5' }] },
      }),
    ],
  };
  const { code, out, err } = await runCli(['import', 'postman', 'c.json'], {
    'c.json': JSON.stringify(collection),
  });
  expect(code).toBe(0);
  expect(out + err).not.toMatch(/hidden-\d/);
  const asked = [...err.matchAll(/--secret (\w+)/g)].map(([, name]) => name);
  // What a script sets is not asked for, and a variable with a secret in it is one as a whole.
  expect(asked.sort()).toEqual([
    'authorization',
    'basic_password',
    'basic_user',
    'bearer_token',
    'login',
    'session_id',
  ]);
  expect(out).toMatch(/Authorization: Bearer \{\{ secrets\.bearer_token \}\}/);
  expect(out).toMatch(/Authorization: Bearer \{\{ token \}\}/);
  expect(out).toMatch(/authorization: Basic \{\{ secrets\.authorization \}\}/);
  expect(out).toMatch(/apiKey: "\{\{ secrets\.basic_password \}\}"/);
  expect(err).toMatch(/--secret basic_password \(the password of the authorization "basic" of Basic\)/);
  expect(err).toMatch(/in plain text, though .*Log in \(password\)/);
});

test('what a Hurl file proves who asks with is asked for, not written down, and sent as it was', async () => {
  const seen: string[] = [];
  const server = await serve((request, response) => {
    seen.push(`${request.url} ${request.headers.authorization ?? request.headers['x-api-key'] ?? '-'}`);
    response.end('{}');
  });
  const original = `GET ${server.url}/a
[BasicAuth]
ana: hidden-1
GET ${server.url}/b
Authorization: Bearer hidden-2
GET ${server.url}/c
X-Api-Key: hidden-1
[Query]
access_token: hidden-3
POST ${server.url}/d
[Form]
password: wrong-on-purpose
`;
  try {
    await inFolder({ 'shop.hurl': original }, async (folder) => {
      const env = { basic_password: 'hidden-1', authorization: 'hidden-2', access_token: 'hidden-3' };
      const shell = testShell(folder, { env });
      expect(await dispatch(['import', 'hurl', 'shop.hurl', '--output', 'smoke.yml'], shell)).toBe(0);
      expect(await readFile(join(folder, 'smoke.yml'), 'utf8')).not.toMatch(/hidden-/);
      const notes = shell.errors.join('\n');
      for (const name of Object.keys(env))
        expect(notes).toMatch(new RegExp(`--secret ${name} \\(.* of line \\d+\\)`));
      expect(notes).toContain('written here in plain text');
      expect(notes).toContain('POST /d (password)');
      const secrets = Object.keys(env).flatMap((name) => ['--secret', name]);
      expect(await dispatch(['smoke', 'smoke.yml', ...secrets], shell)).toBe(0);
    });
  } finally {
    await server.close();
  }
  const basic = Buffer.from('ana:hidden-1').toString('base64');
  expect(seen).toEqual([
    `/a Basic ${basic}`,
    '/b Bearer hidden-2',
    '/c?access_token=hidden-3 hidden-1',
    '/d -',
  ]);
});
