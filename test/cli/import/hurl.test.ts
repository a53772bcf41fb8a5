import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { dispatch } from '../../../cli/dispatch.js';
import { serve } from '../../support/servers/http.js';
import { inFolder, testShell } from '../terminal.js';

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
      'POST /login - {\n  "email": "ana@example.com",\n  "note": "a \\"b\\" {c} # no comment"\n}',
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
        errors: [
          'note: Run it with --secret password: its value was not written here.',
          'note: It sends files, and names them from ci.',
        ],
      });
      expect(await readFile(join(folder, 'ci/smoke.yml'), 'utf8')).not.toContain('open-sesame');
      shell.env = { password: 'open-sesame' };
      expect(await dispatch(['smoke', 'ci/smoke.yml', '--secret', 'password'], shell)).toBe(0);
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
