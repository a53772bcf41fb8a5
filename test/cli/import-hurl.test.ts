import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { dispatch } from '../../cli/dispatch.js';
import { serve } from '../support/http-server.js';
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

test('cookies, basic authorization with variables, parts and files of forms are sent as Hurl does', async () => {
  const seen: string[] = [];
  const server = await serve((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { cookie, authorization, 'content-type': type } = request.headers;
      seen.push([cookie ?? '-', authorization ?? '-', type ?? '-', Buffer.concat(chunks)].join('|'));
      response.setHeader('content-type', 'text/html');
      response.end('<input name="csrf" value="c-12345678">');
    });
  });
  const original = `GET ${server.url}/
[Cookies]
theme: dark
lang: "es"
[Options]
variable: password=open-sesame
HTTP 200
[Captures]
csrf: xpath "string(//input[@name='csrf']/@value)"

POST ${server.url}/upload
[BasicAuth]
ana: {{password}}
[Multipart]
token: {{csrf}}
picture: file,data/mug.png;
raw: file,data/mug.png; text/x-mug
HTTP 200

PUT ${server.url}/xml
<order id="{{csrf}}">
  <sku>mug</sku>
</order>
HTTP 200
`;
  try {
    await inFolder({ 'shop.hurl': original }, async (folder) => {
      const shell = testShell(folder);
      await mkdir(join(folder, 'data'));
      await writeFile(join(folder, 'data/mug.png'), 'PNG!');
      const code = await dispatch(['import', 'hurl', 'shop.hurl', '--output', 'ci/smoke.yml'], shell);
      expect({ code, errors: shell.errors }).toEqual({
        code: 0,
        errors: ['note: It sends files, and names them from ci.'],
      });
      expect(await dispatch(['smoke', 'ci/smoke.yml'], shell)).toBe(0);
      expect(shell.written.join('\n')).not.toContain('open-sesame');
    });
  } finally {
    await server.close();
  }
  expect(seen[0]).toBe('theme=dark; lang="es"|-|-|');
  expect(seen[1]).toContain(
    `|Basic ${Buffer.from('ana:open-sesame').toString('base64')}|multipart/form-data;`,
  );
  expect(seen[1]).toMatch(/name="token"\r\n\r\nc-12345678\r\n/);
  expect(seen[1]).toMatch(/name="picture"; filename="mug\.png"\r\ncontent-type: image\/png\r\n\r\nPNG!/);
  expect(seen[1]).toMatch(/name="raw"; filename="mug\.png"\r\ncontent-type: text\/x-mug\r\n/);
  expect(seen[2]).toBe('-|-|application/xml|<order id="c-12345678">\n  <sku>mug</sku>\n</order>');
});

test('everything that is unsupported is told at once', async () => {
  const text =
    'LINK http://localhost/\n[Options]\ninsecure: true\nHTTP 200\n[Asserts]\nip == "1"\nurl == "x"\n';
  const { code, out, err } = await runCli(['import', 'hurl', 'a.hurl'], { 'a.hurl': text });
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err.match(/^ {2}a\.hurl:\d+$/gm)).toEqual(['  a.hurl:1', '  a.hurl:3', '  a.hurl:6', '  a.hurl:7']);
});

describe('what a suite cannot say is refused with its line, and nothing is written', () => {
  const rows: [string, string, RegExp][] = [
    [
      'cookies beside those that answers may have set',
      'GET http://localhost/\n\nGET http://localhost/\n[Cookies]\na: b\n',
      /a\.hurl:3\n.*\[Cookies\] after other requests/,
    ],
    [
      'a file that is not there',
      'POST http://localhost/\n[Multipart]\na: file,x.png;\n',
      /a\.hurl:3\n.*x\.png, which is not there/,
    ],
    [
      'a file outside of the workspace',
      `POST http://localhost/\n[Multipart]\na: file,${process.execPath};\n`,
      /a\.hurl:3\n.*outside of/,
    ],
    ['a file as body', 'POST http://localhost/\nfile,data.bin;\n', /a\.hurl:2\n.*other than JSON, XML/],
    [
      'two authorizations',
      'GET http://localhost/\nAuthorization: x\n[BasicAuth]\na: b\n',
      /\[BasicAuth\] beside the header/,
    ],
    [
      'an unverified certificate',
      'GET http://localhost/\n[Options]\ninsecure: true\n',
      /a\.hurl:3\n.*insecure: true\n.*always verified/,
    ],
    ['endless retries', 'GET http://localhost/\n[Options]\nretry: -1\n', /a\.hurl:3\n.*retry: -1/],
    [
      'another hash',
      'GET http://localhost/\nHTTP 200\n[Asserts]\nmd5 == hex,00;\n',
      /a\.hurl:4\n.*md5.*\n.*use sha256/,
    ],
    [
      'the text of a list of nodes',
      'GET http://localhost/\nHTTP 200\n[Asserts]\nxpath "//a" == "x"\n',
      /a\.hurl:4\n.*list of nodes.*\n.*string\(\/\/a\)/,
    ],
    [
      'a certificate',
      'GET http://localhost/\nHTTP 200\n[Asserts]\ncertificate "Subject" exists\n',
      /step "tls"/,
    ],
    ['a filter', 'GET http://localhost/\nHTTP 200\n[Asserts]\njsonpath "$.a" toInt == 1\n', /a\.hurl:4/],
    [
      'a capture with a filter',
      'GET http://localhost/\nHTTP 200\n[Captures]\na: jsonpath "$.a" toInt\n',
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
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(said);
  });
});
