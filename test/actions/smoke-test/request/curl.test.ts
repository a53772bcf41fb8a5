import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { serve, type TestServer } from '../../../support/servers/http.js';
import { runSuite, suiteOf } from '../run-suite.js';

const run = promisify(execFile);
let server: TestServer;
let seen: { line: string; headers: Record<string, unknown>; body: string }[];
beforeAll(async () => {
  server = await serve((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const {
        'user-agent': _,
        accept: __,
        'accept-encoding': ___,
        connection: ____,
        ...headers
      } = request.headers;
      seen.push({ line: `${request.method} ${request.url}`, headers, body });
      if (request.url === '/login')
        return void response.setHeader('set-cookie', 'sid=c00kie-of-mona').end('{"token":"t0k-captured-9"}');
      if (request.headers.authorization !== undefined || request.url !== '/digest')
        return void response.end('{}');
      response.writeHead(401, { 'www-authenticate': 'Digest realm="a", qop="auth", nonce="n"' }).end();
    });
  });
});
afterAll(() => server.close());
beforeEach(() => void (seen = []));

const secrets = { KEY: "k3y 'of' $mona" };

/** The failure of a step that expects a status which never comes. */
async function failureOf(http: string, before = '') {
  const suite = suiteOf(`${before}- name: ask\n  http: { ${http} }\n  expect: { status: 418 }`);
  const { report, everything } = await runSuite(suite, {
    'base-url': server.url,
    secrets: JSON.stringify(secrets),
    ...(http.includes('{{ name }}') ? { variables: 'name=mona' } : {}),
  });
  const failure = report!.failures.at(-1)!;
  expect(everything.replace(/::add-mask::[^\n]*/g, '')).not.toContain('c00kie-of-mona');
  return failure;
}

/** What the command sends from a shell in which the secrets are variables. */
async function sentAgain(curl: string, env: Record<string, string> = {}) {
  const before = seen.length;
  await run('sh', ['-c', curl], {
    env: { PATH: process.env['PATH'], ...secrets, ...env } as NodeJS.ProcessEnv,
  });
  return seen.slice(before);
}

describe('a failure gives a command that sends the same', () => {
  test.each([
    ['a path with a query', "url: '/a%20b?x=1', query: { q: \"it's {{ name }} & co\" }"],
    ['JSON with a secret', "method: POST, url: /x, json: { key: '{{ secrets.KEY }}', n: 1 }"],
    ['a form', "method: PUT, url: /x, form: { a: 'b c', k: '{{ secrets.KEY }}' }"],
    ['headers, one of them twice', "url: /x, headers: { x-a: [one, two], x-k: '{{ secrets.KEY }}' }"],
    ['basic-auth', "url: /x, basic-auth: { user: mona, password: '{{ secrets.KEY }}' }"],
    ['a body on GET, and HEAD', 'method: GET, url: /x, body: "@a"'],
    ['HEAD', 'method: HEAD, url: /x'],
    ['digest', "url: /digest, digest-auth: { user: mona, password: '{{ secrets.KEY }}' }"],
  ])('%s', async (_what, http) => {
    const { curl } = await failureOf(http);
    const asked = seen.map(({ line }) => line);
    expect(curl).not.toContain('k3y');
    const again = await sentAgain(curl!);
    expect(again.map(({ line }) => line)).toEqual(asked);
    if (http.includes('digest')) return;
    // A form writes a secret in its own way, which a shell cannot.
    if (!http.includes('form'))
      expect(again.at(-1)!.body).toBe(seen[0]!.body.replace(/k3y[^"]*/, secrets.KEY));
    const { 'content-length': _, ...headers } = again[0]!.headers;
    expect(seen[0]!.headers).toMatchObject(headers);
  });

  test('captured secrets and cookies are variables too', async () => {
    const login = `- { name: login, http: { url: /login }, expect: { status: 200 }, capture: { token: { json: $.token, secret: true } } }\n`;
    const { curl } = await failureOf("url: /x, bearer: '{{ token }}'", login);
    expect(curl).toContain(`--header 'authorization: Bearer '"$TOKEN"`);
    expect(curl).toContain(`--cookie 'sid='"$COOKIE_SID"`);
    const [again] = await sentAgain(curl!, { TOKEN: 't', COOKIE_SID: 'c' });
    expect(again!.headers).toMatchObject({ authorization: 'Bearer t', cookie: 'sid=c' });
  });

  test('the key of a signature is left out, and the certificate of a client is a file', async () => {
    const { curl } = await failureOf("url: /x, hmac: { header: x-sign, key: '{{ secrets.KEY }}' }");
    expect(curl).toContain(`--header 'x-sign: '"$SIGNATURE"`);
  });

  test('a step of another kind has none', async () => {
    const { report } = await runSuite(
      suiteOf(`- { name: a, tcp: { address: '127.0.0.1:${server.port}' }, expect: { connects: false } }`),
    );
    expect(report!.failures[0]).not.toHaveProperty('curl');
  });
});

describe('a failure quotes the assertion as its author wrote it', () => {
  test.each([
    [
      '  expect: { status: 418, json: [{ path: $.a, exists: false }] }',
      '{ status: 418, json: [{ path: $.a, exists: false }] }',
    ],
    [
      '  expect:\n    json:\n      - path: $.a\n        equals: 5 # as in the contract',
      'path: $.a equals: 5 # as in the contract',
    ],
    ['  expect:\n    headers:\n      x-a:\n        equals: b', 'equals: b'],
  ])('%s', async (expected, written) => {
    const { report } = await runSuite(suiteOf(`- name: ask\n  http: { url: /x }\n${expected}`), {
      'base-url': server.url,
    });
    expect(report!.failures[0]!.written).toBe(written);
  });
});
