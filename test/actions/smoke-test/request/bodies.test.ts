import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inputs } from '../../../../actions/smoke-test/inputs.js';
import { runSmokeTest } from '../../../../actions/smoke-test/main.js';
import { createHttpClient } from '../../../../shared/http/client.js';
import { createAuthority } from '../../../support/servers/certificates.js';
import { testHost } from '../../../support/runner/host.js';
import { serve } from '../../../support/servers/http.js';
import { serveRecording, type Asked, type RecordingServer } from '../../../support/servers/recording.js';
import { runSuite, suiteOf, verdict } from '../run-suite.js';

let server: RecordingServer;
beforeAll(async () => {
  server = await serveRecording();
});
afterAll(() => server.close());
beforeEach(() => server.reset());

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
    const [{ body, headers }] = server.asked as [Asked];
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
    expect(server.asked).toEqual([]);
  });
});

describe('GraphQL', () => {
  const step = (more = '', expectations = '{ status: 200 }') => `
- name: query
  http: { url: /graphql, graphql: { query: "query Q($id: ID!) { item(id: $id) { name } }", variables: { id: "{{ number }}", n: 1 }${more} } }
  expect: ${expectations}`;

  test('is a POST with query and variables, filled in with their types', async () => {
    server.answer = (_, response) => response.end('{"data":{"item":{"name":"mug"}}}');
    expect(
      verdict(await run(step(', operation-name: Q', '{ json: [{ path: $.data.item.name, equals: mug }] }'))),
    ).toBe('passed');
    expect(server.asked[0]).toMatchObject({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    expect(JSON.parse(server.asked[0]!.body.toString())).toEqual({
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
    ['no data and no errors', '{"data":null}', /data, or errors that say why there is none ≠ {"data":null}/],
    ['nothing but an empty list of errors', '{"errors":[]}', /data, or errors/],
    ['other JSON', '{"status":"ok"}', /a GraphQL answer ≠ {"status":"ok"}/],
  ])('%s fail the step', async (_, body, message) => {
    server.answer = (_asked, response) => response.end(body);
    expect(verdict(await run(step()))).toMatch(message);
  });

  test('errors that are expected are looked at like anything else', async () => {
    server.answer = (_, response) => response.end('{"errors":[{"message":"denied"}]}');
    const expectations = '{ json: [{ path: "$.errors[0].message", equals: denied }] }';
    expect(verdict(await run(step(', errors: allow', expectations)))).toBe('passed');
  });

  test('an empty list of errors is none', async () => {
    server.answer = (_, response) => response.end('{"data":{},"errors":[]}');
    expect(verdict(await run(step()))).toBe('passed');
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
