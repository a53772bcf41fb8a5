import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inputs } from '../../../actions/smoke-test/inputs.js';
import { runSmokeTest } from '../../../actions/smoke-test/main.js';
import { createHttpClient } from '../../../shared/http/client.js';
import { createAuthority } from '../../support/certificates.js';
import { testHost } from '../../support/host.js';
import { serve, type TestServer } from '../../support/http-server.js';
import { runSuite, suiteOf, type SuiteRun } from './run-suite.js';

interface Asked {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage['headers'];
  body: Buffer;
}
let server: TestServer;
let asked: Asked[];
let answer: (asked: Asked, response: ServerResponse) => void;

beforeAll(async () => {
  server = await serve((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      const whole = { method, url, headers, body: Buffer.concat(chunks) };
      asked.push(whole);
      answer(whole, response);
    });
  });
});
afterAll(() => server.close());
beforeEach(() => {
  asked = [];
  answer = (_, response) => response.end('{}');
});

function verdict({ report, ok, runner }: SuiteRun): string {
  if (!report) return `refused: ${runner.failure}`;
  return ok
    ? 'passed'
    : report.failures.map(({ check, expected, got }) => `${check}: ${expected} ≠ ${got}`).join('\n');
}
const run = (steps: string, given: Record<string, string> = {}) =>
  runSuite(suiteOf(steps), { 'base-url': server.url, ...given });

describe('multipart bodies', () => {
  test('have texts and files of the workspace, each part with name and type', async () => {
    const workspace = await mkdtemp(join(tmpdir(), 'smoke-'));
    await writeFile(join(workspace, 'logo.png'), Buffer.from([0, 255, 13, 10, 45, 45]));
    await writeFile(
      join(workspace, 'smoke.yml'),
      suiteOf(`
- name: upload
  http:
    method: POST
    url: /upload
    multipart:
      - { name: 'title "x"', value: 'The {{ what }}' }
      - { name: picture, file: logo.png, type: image/png }
      - { name: copy, file: ./logo.png, filename: "a\\r\\nb.png" }
  expect: { status: 200 }`),
    );
    const given = inputs.parse({
      suite: 'smoke.yml',
      'base-url': server.url,
      variables: 'what=devops-actions-0',
    });
    const outcome = await runSmokeTest(given, testHost({ context: { workspace } }));
    await rm(workspace, { recursive: true });
    expect(outcome.ok).toBe(true);
    const [{ body, headers }] = asked as [Asked];
    const boundary = /^multipart\/form-data; boundary=(.+)$/.exec(headers['content-type'] ?? '')![1]!;
    const form = await new Response(new Uint8Array(body), {
      headers: { 'content-type': headers['content-type']! },
    }).formData();
    expect(boundary).not.toBe('devops-actions-0');
    expect(form.get('title "x"') ?? form.get('title %22x%22')).toBe('The devops-actions-0');
    const picture = form.get('picture') as File;
    expect([picture.name, picture.type, [...new Uint8Array(await picture.arrayBuffer())]]).toEqual([
      'logo.png',
      'image/png',
      [0, 255, 13, 10, 45, 45],
    ]);
    expect(body.toString('latin1')).toContain('filename="a%0D%0Ab.png"');
  });

  test('a link that leads out of the workspace is refused, and nothing is sent', async () => {
    const workspace = await mkdtemp(join(tmpdir(), 'smoke-'));
    await symlink('/etc/hostname', join(workspace, 'innocent.txt'));
    await writeFile(
      join(workspace, 'smoke.yml'),
      suiteOf(
        `- { name: up, http: { method: POST, url: /, multipart: [{ name: a, file: innocent.txt }] }, expect: { status: 200 } }`,
      ),
    );
    const given = inputs.parse({ suite: 'smoke.yml', 'base-url': server.url });
    await expect(runSmokeTest(given, testHost({ context: { workspace } }))).rejects.toThrow(
      /leads out of the workspace/,
    );
    await rm(workspace, { recursive: true });
    expect(asked).toEqual([]);
  });
});

describe('GraphQL', () => {
  const step = (more = '', expectations = '{ status: 200 }') => `
- name: query
  http: { url: /graphql, graphql: { query: "query Q($id: ID!) { item(id: $id) { name } }", variables: { id: "{{ number }}", n: 1 }${more} } }
  expect: ${expectations}`;

  test('is a POST with query and variables, filled in with their types', async () => {
    answer = (_, response) => response.end('{"data":{"item":{"name":"mug"}}}');
    expect(
      verdict(await run(step(', operation-name: Q', '{ json: [{ path: $.data.item.name, equals: mug }] }'))),
    ).toBe('passed');
    expect(asked[0]).toMatchObject({ method: 'POST', headers: { 'content-type': 'application/json' } });
    expect(JSON.parse(asked[0]!.body.toString())).toEqual({
      query: 'query Q($id: ID!) { item(id: $id) { name } }',
      variables: { id: expect.any(Number), n: 1 },
      operationName: 'Q',
    });
  });

  test.each<[string, string, RegExp]>([
    [
      'errors with status 200',
      '{"errors":[{"message":"no such field"}]}',
      /graphql errors: no errors ≠ .*no such field/,
    ],
    ['errors beside data', '{"data":{"item":null},"errors":[{"message":"denied"}]}', /denied/],
    ['an empty body', '', /a GraphQL answer ≠ an empty body/],
    ['a login page', '<h1>Sign in</h1>', /a GraphQL answer ≠ a body that is not JSON/],
    ['other JSON', '{"status":"ok"}', /a GraphQL answer ≠ {"status":"ok"}/],
  ])('%s fail the step', async (_, body, said) => {
    answer = (_asked, response) => response.end(body);
    expect(verdict(await run(step()))).toMatch(said);
  });

  test('errors that are expected are looked at like anything else', async () => {
    answer = (_, response) => response.end('{"errors":[{"message":"denied"}]}');
    const expectations = '{ json: [{ path: "$.errors[0].message", equals: denied }] }';
    expect(verdict(await run(step(', errors: allow', expectations)))).toBe('passed');
  });

  test('an empty list of errors is none', async () => {
    answer = (_, response) => response.end('{"data":{},"errors":[]}');
    expect(verdict(await run(step()))).toBe('passed');
  });
});

describe('cookies', () => {
  beforeEach(() => {
    answer = ({ url, headers }, response) => {
      if (url === '/login')
        response.setHeader('set-cookie', [
          'sid=s3ss10n; Path=/; HttpOnly; Secure; SameSite=Lax',
          'theme=dark; Max-Age=60',
        ]);
      response.end(headers.cookie ?? 'none');
    };
  });

  test('are kept through a flow, left out where a step says so, and not shared with other flows', async () => {
    const flow = (name: string) =>
      `
  - name: ${name}
    steps:
      - { name: before, http: { url: /who }, expect: { body: { equals: none } } }
      - { name: login, http: { url: /login }, expect: { status: 200 } }
      - { name: after, http: { url: /who }, expect: { body: { equals: sid=s3ss10n; theme=dark } } }
      - { name: without, http: { url: /who, cookies: false }, expect: { body: { equals: none } } }
      - { name: own, http: { url: /who, headers: { Cookie: sid=mine } }, expect: { body: { equals: sid=mine } } }`.replaceAll(
        'equals: sid=s3ss10n; theme=dark',
        "equals: 'sid=s3ss10n; theme=dark'",
      );
    const suite = `version: 1\nflows:${flow('one')}${flow('two')}\n`;
    expect(verdict(await runSuite(suite, { 'base-url': server.url, concurrency: '1' }))).toBe('passed');
  });

  test.each<[string, string]>([
    [
      '{ sid: { exists: true, equals: s3ss10n, secure: true, http-only: true, same-site: lax, path: /, lasts: session } }',
      'passed',
    ],
    ['{ theme: { lasts: longer, secure: false, http-only: false, matches: "^d" } }', 'passed'],
    ['{ absent: { exists: false } }', 'passed'],
    ['{ theme: { secure: true } }', 'cookie theme: secure: true ≠ secure: false'],
    ['{ theme: { same-site: strict } }', 'cookie theme: same-site: strict ≠ same-site: none named'],
    ['{ theme: { equals: light } }', 'cookie theme: "light" ≠ dark'],
    ['{ sid: { equals: other } }', 'cookie sid: "other" ≠ a value of 7 characters (HttpOnly, not shown)'],
    ['{ absent: { secure: true } }', 'cookie absent: secure: true ≠ no such cookie'],
    ['{ absent: { not-contains: x } }', 'cookie absent: text without "x" ≠ no such cookie'],
  ])('%s: %s', async (cookies, said) => {
    expect(
      verdict(await run(`- { name: login, http: { url: /login }, expect: { cookies: ${cookies} } }`)),
    ).toBe(said);
  });

  test('can be captured', async () => {
    const suite = `
- { name: login, http: { url: /login }, expect: { status: 200 }, capture: { sid: { cookie: sid, secret: true } } }
- { name: use, http: { url: '/{{ sid }}' }, expect: { status: 200 } }`;
    const result = await run(suite);
    expect(verdict(result)).toBe('passed');
    expect(asked[1]!.url).toBe('/s3ss10n');
    expect(result.everything).not.toContain('s3ss10n');
    expect(verdict(await run(suite.replace('cookie: sid', 'cookie: nope')))).toMatch(
      /the cookie nope once ≠ it 0 times/,
    );
  });
});

describe('HTML, XML, size and JSON Schema', () => {
  const page =
    '<html><body><ul><li class=item>Mug<li class=item>Pen</ul><footer>Version <b>1.2.3</b></footer></body></html>';
  test.each<[string, string, string, RegExp]>([
    [
      page,
      'text/html',
      '{ css: [{ selector: footer b, equals: "{{ version }}" }], xpath: [{ path: "//li", count: 2, contains: Mug, not-contains: Cup }] }',
      /^passed$/,
    ],
    [
      page,
      'text/html',
      '{ css: [{ selector: li, attribute: class, equals: item }] }',
      /css li @class: "item" ≠ 2 nodes: "item", "item"/,
    ],
    [page, 'text/html', '{ css: [{ selector: footer b, matches: "^{{ version }}$" }] }', /^passed$/],
    [
      page,
      'text/html',
      '{ css: [{ selector: .absent, not-contains: error }] }',
      /a node with text without "error" ≠ no node/,
    ],
    [
      page,
      'text/html',
      '{ not: { css: [{ selector: .absent, contains: error }] } }',
      /not a node with text that contains "error" ≠ no node/,
    ],
    [
      page,
      'text/html',
      '{ not: { css: [{ selector: .absent, exists: true }, { selector: li, contains: error }] } }',
      /^passed$/,
    ],
    [page, 'text/html', '{ xpath: [{ path: "count(//li)", equals: "2" }] }', /^passed$/],
    [
      page,
      'text/html',
      '{ xpath: [{ path: "count(//li) = 3", exists: true }] }',
      /at least one node ≠ a value and no list of nodes/,
    ],
    [
      '{"footer":"<b>1.2.3</b>"}',
      'application/json',
      '{ css: [{ selector: b, exists: false }] }',
      /an HTML or XML body ≠ a body that is no HTML or XML/,
    ],
    ['', 'text/html', '{ xpath: [{ path: //error, exists: false }] }', /an HTML or XML body/],
    [
      '<r xmlns="urn:x"><ok>yes</ok></r>',
      'application/xml',
      '{ xpath: [{ path: //x:ok, namespaces: { x: urn:x }, equals: yes }] }',
      /^passed$/,
    ],
    [
      '<r><ok>yes</ok>',
      'application/xml',
      '{ xpath: [{ path: //error, exists: false }] }',
      /cannot be read as XML/,
    ],
    ['12345', 'text/plain', '{ size: "= 5B", not: { size: "> 5B" } }', /^passed$/],
    ['12345', 'text/plain', '{ size: "< 5B" }', /size: < 5 bytes ≠ 5 bytes/],
    [
      '{"id":1}',
      'application/json',
      '{ json-schema: { schema: { type: object, required: [id], properties: { id: { type: integer } } } } }',
      /^passed$/,
    ],
    [
      '{"id":"1"}',
      'application/json',
      '{ json-schema: { schema: { properties: { id: { type: integer } } } } }',
      /json-schema: JSON as the schema says ≠ \/id must be integer/,
    ],
    ['<p>', 'text/html', '{ not: { json-schema: { schema: { type: object } } } }', /a JSON body/],
  ])('%s %s %s', async (body, type, expectations, said) => {
    answer = (_, response) => response.writeHead(200, { 'content-type': type }).end(body);
    const given: Record<string, string> = expectations.includes('version }}')
      ? { variables: 'version=1.2.3' }
      : {};
    expect(verdict(await run(`- { name: page, http: { url: / }, expect: ${expectations} }`, given))).toMatch(
      said,
    );
  });

  test('nodes can be captured, exactly one', async () => {
    answer = (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(page);
    const steps = (rule: string, value: string) =>
      `
- { name: page, http: { url: / }, expect: { status: 200 }, capture: { it: ${rule} } }
- { name: use, http: { url: '/{{ it }}' }, expect: { status: 200 } }`.replace('VALUE', value);
    expect(verdict(await run(steps('{ css: footer b }', '')))).toBe('passed');
    expect(asked.at(-1)!.url).toBe('/1.2.3');
    expect(verdict(await run(steps('{ xpath: "string(//li[2])" }', '')))).toBe('passed');
    expect(asked.at(-1)!.url).toBe('/Pen');
    expect(verdict(await run(steps('{ css: li }', '')))).toMatch(/one node at li ≠ 2 nodes/);
  });

  test('a JSON Schema can be a file', async () => {
    const workspace = await mkdtemp(join(tmpdir(), 'smoke-'));
    await writeFile(
      join(workspace, 'order.schema.json'),
      JSON.stringify({ type: 'object', required: ['id'] }),
    );
    await writeFile(
      join(workspace, 'smoke.yml'),
      suiteOf('- { name: a, http: { url: / }, expect: { json-schema: { file: order.schema.json } } }'),
    );
    const given = inputs.parse({ suite: 'smoke.yml', 'base-url': server.url });
    answer = (_, response) => response.end('{"id":1}');
    expect((await runSmokeTest(given, testHost({ context: { workspace } }))).ok).toBe(true);
    answer = (_, response) => response.end('{}');
    const outcome = await runSmokeTest(given, testHost({ context: { workspace } }));
    expect(outcome.report.failures[0]).toMatchObject({
      got: "the document must have required property 'id'",
      expected: 'JSON as order.schema.json says',
    });
    await rm(workspace, { recursive: true });
  });
});

test('a client certificate comes from secrets and stands in nothing that is written', async () => {
  const authority = createAuthority();
  const own = authority.issue({ names: ['client'] });
  const mutual = await serve(
    (request, response) =>
      response.end(JSON.stringify({ known: (request.socket as { authorized?: boolean }).authorized })),
    {
      ...authority.issue({ names: ['127.0.0.1'] }),
      ...{ requestCert: true, ca: authority.ca, rejectUnauthorized: false },
    },
  );
  const workspace = await mkdtemp(join(tmpdir(), 'smoke-'));
  await writeFile(
    join(workspace, 'smoke.yml'),
    suiteOf(`
- name: mutual
  http: { url: /, client-certificate: { cert: '{{ secrets.CERT }}', key: '{{ secrets.KEY }}' } }
  expect: { json: [{ path: $.known, equals: true }] }`),
  );
  const given = inputs.parse({
    suite: 'smoke.yml',
    'base-url': mutual.url,
    secrets: JSON.stringify({ CERT: own.cert, KEY: own.key }),
  });
  const host = testHost({ context: { workspace } });
  const outcome = await runSmokeTest(given, host, (options) =>
    createHttpClient({ ...options, ca: [authority.ca] }),
  );
  await Promise.all([mutual.close(), rm(workspace, { recursive: true })]);
  expect(outcome.report.failures).toEqual([]);
  expect(JSON.stringify([outcome, host.printed])).not.toContain(own.key.split('\n')[1]);
});
