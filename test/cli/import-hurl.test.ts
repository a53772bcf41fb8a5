import { describe, expect, test } from '@jest/globals';
import { dispatch } from '../../cli/dispatch.js';
import { serve } from '../support/http-server.js';
import { importAndRun, type Answer } from './import-support.js';
import { inFolder, runCli, testShell } from './terminal.js';

const shop = `# Log in
POST {{base}}/login
X-Trace: {{newUuid}} # a comment
{
  "email": "ana@example.com",
  "note": "a \\"b\\" {c} # no comment"
}
HTTP 200
[Captures]
token: jsonpath "$.token" redact
user: jsonpath "$.user"

POST {{base}}/orders
Authorization: Bearer {{token}}
[QueryStringParams]
q: a b
[Options]
retry: 2
retry-interval: 20ms
{"user": {{user}}, "text": "{{user}}"}
HTTP 201
[Asserts]
header "Content-Type" contains "json"

POST {{base}}/form
[FormParams]
name: Ana & Eva
user: {{user}}
HTTP 201
`;

test('a Hurl file becomes a suite that does the same', async () => {
  const seen: string[] = [];
  let refusals = 1;
  const server = await serve((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? '-'} ${body}`);
      const login = request.url === '/login';
      const status = login ? 200 : refusals-- > 0 ? 503 : 201;
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ token: 'tok-12345', user: 17 }));
    });
  });
  try {
    await inFolder({ 'shop.hurl': shop }, async (folder) => {
      const shell = testShell(folder);
      expect(await dispatch(['import', 'hurl', 'shop.hurl', '--output', 'smoke.yml'], shell)).toBe(0);
      expect(shell.errors.join('\n')).toContain('--base-url …');
      expect(await dispatch(['smoke', 'smoke.yml', '--base-url', server.url], shell)).toBe(0);
    });
    const order = 'POST /orders?q=a+b Bearer tok-12345 {"user": 17, "text": "17"}';
    expect(seen).toEqual([
      'POST /login - {"email":"ana@example.com","note":"a \\"b\\" {c} # no comment"}',
      order,
      order,
      'POST /form - name=Ana+%26+Eva&user=17',
    ]);
  } finally {
    await server.close();
  }
});

describe('an assert keeps its meaning: it passes on what it was written for, and fails on anything else', () => {
  const body = { id: 7, name: 'Ana', tags: ['a', 'b'], items: [{ n: 1 }, { n: 2 }], on: true, none: null };
  const rows: [string, Answer, Answer][] = [
    ['HTTP 201', { status: 201 }, { status: 200 }],
    ['HTTP *\n[Asserts]\nstatus >= 400\nstatus < 500', { status: 404 }, { status: 500 }],
    ['HTTP *\n[Asserts]\nstatus != 500', { status: 404 }, { status: 500 }],
    ['HTTP 200\nX-A: 1', { headers: { 'x-a': '1' } }, { headers: { 'x-a': '2' } }],
    ['HTTP 200\n[Asserts]\nheader "X-A" not exists', {}, { headers: { 'x-a': '2' } }],
    [
      'HTTP 200\n[Asserts]\nheader "X-A" startsWith "a.c"',
      { headers: { 'x-a': 'a.cd' } },
      { headers: { 'x-a': 'abcd' } },
    ],
    ['HTTP 200\n[Asserts]\nbody contains "Ana"\nbody contains "id"', { body }, { body: { name: 'Ana' } }],
    ['HTTP 200\n[Asserts]\nbody not contains "rror"', { body }, { body: 'error' }],
    ['HTTP 200\n`up`', { body: 'up' }, { body: 'up\n' }],
    ['HTTP 200\n```\nup\n```', { body: 'up\n' }, { body: 'up' }],
    ['HTTP 200\n{"a": [1, {"b": "}"}]}', { body: { a: [1, { b: '}' }] } }, { body: { a: [1] } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.id" == 7 # yes', { body }, { body: { id: '7' } }],
    ['HTTP 200\n[Asserts]\njsonpath "$[\'name\']" == "Ana"', { body }, { body: { name: 'Eva' } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.on" == true', { body }, { body: { on: 'true' } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.none" == null', { body }, { body: {} }],
    ['HTTP 200\n[Asserts]\njsonpath "$.id" != 8', { body }, { body: { id: 8 } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.id" not == 8', { body }, { body: {} }],
    ['HTTP 200\n[Asserts]\njsonpath "$.id" > 6', { body }, { body: { id: 6 } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.tags" count == 2', { body }, { body: { tags: ['a'] } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.tags" count == 0', { body: { tags: [] } }, { body }],
    ['HTTP 200\n[Asserts]\njsonpath "$.tags" count >= 2', { body }, { body: { tags: ['a'] } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.items[*].n" count == 2', { body }, { body: { items: [{ n: 1 }] } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.tags" includes "b"', { body }, { body: { tags: 'b' } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.name" contains "n"', { body }, { body: { name: 'Eva' } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.name" matches /^A.a$/', { body }, { body: { name: 'Anaa' } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.name" endsWith "na"', { body }, { body: { name: 'nab' } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.name" isString', { body }, { body: { name: 1 } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.tags" not isEmpty', { body }, { body: { tags: [] } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.nope" not exists', { body }, { body: { nope: null } }],
    ['HTTP 200\n[Captures]\nid: regex "id\\":(\\\\d+)"\n', { body }, { body: {} }],
    ['HTTP 200\n[Asserts]\nduration < 60000', {}, { status: 500 }],
    ['', {}, { status: 500 }],
  ];
  test.each(rows)('%s', async (response, right, wrong) => {
    const original = (url: string) => `GET ${url}/one\n${response}\n`;
    expect([
      await importAndRun('hurl', original, right),
      await importAndRun('hurl', original, wrong),
    ]).toEqual([0, 1]);
  });
});

describe('what a suite cannot say is refused with its line, and nothing is written', () => {
  const rows: [string, string, RegExp][] = [
    ['cookies', 'GET http://localhost/\n[Cookies]\na: b\n', /a\.hurl:2\n.*\[Cookies\]/],
    ['a multipart body', 'POST http://localhost/\n[MultipartFormData]\na: file,x;\n', /a\.hurl:2/],
    ['XML', 'POST http://localhost/\n<a/>\nHTTP 200\n', /a\.hurl:2\n.*other than JSON/],
    [
      'an unverified certificate',
      'GET http://localhost/\n[Options]\ninsecure: true\n',
      /a\.hurl:3\n.*insecure: true/,
    ],
    ['endless retries', 'GET http://localhost/\n[Options]\nretry: -1\n', /a\.hurl:3\n.*retry: -1/],
    ['an unknown query', 'GET http://localhost/\nHTTP 200\n[Asserts]\nsha256 == hex,00;\n', /a\.hurl:4/],
    ['XPath', 'GET http://localhost/\nHTTP 200\n[Asserts]\nxpath "//a" exists\n', /the query xpath/],
    ['a filter', 'GET http://localhost/\nHTTP 200\n[Asserts]\njsonpath "$.a" toInt == 1\n', /a\.hurl:4/],
    [
      'a capture with a filter',
      'GET http://localhost/\nHTTP 200\n[Captures]\na: jsonpath "$.a" nth 0\n',
      /a\.hurl:4/,
    ],
    [
      'a capture of many nodes',
      'GET http://localhost/\nHTTP 200\n[Captures]\na: jsonpath "$.a[*]"\n',
      /a\.hurl:4/,
    ],
    [
      'a path that RFC 9535 has not',
      'GET http://localhost/\nHTTP 200\n[Asserts]\njsonpath "$.a[(@.b)]" exists\n',
      /\$\.a\[\(@\.b\)\]/,
    ],
    [
      'a pattern that ECMAScript has not',
      'GET http://localhost/\nHTTP 200\n[Asserts]\nbody matches /(?i)a/\n',
      /ECMAScript/,
    ],
    ['a body that does not end', 'POST http://localhost/\n{"a": \n', /does not end/],
    ['a line that is none', 'GET http://localhost/\nwhat is this\n', /a\.hurl:2/],
    ['a method', 'LINK http://localhost/\n', /the method LINK/],
    ['an empty file', '# nothing\n', /nothing would be checked/],
  ];
  test.each(rows)('%s', async (_what, text, said) => {
    const { code, out, err } = await runCli(['import', 'hurl', 'a.hurl'], { 'a.hurl': text });
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(said);
  });
});
