import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inputs } from '../../../../actions/smoke-test/inputs.js';
import { runSmokeTest } from '../../../../actions/smoke-test/main.js';
import { testHost } from '../../../support/runner/host.js';
import { serveRecording, type RecordingServer } from '../../../support/servers/recording.js';
import { runSuite, suiteOf, verdict } from '../run-suite.js';

let server: RecordingServer;
beforeAll(async () => {
  server = await serveRecording();
});
afterAll(() => server.close());
beforeEach(() => server.reset());

const run = (steps: string, given: Record<string, string> = {}) =>
  runSuite(suiteOf(steps), { 'base-url': server.url, ...given });

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
  ])('%s %s %s', async (body, type, expectations, message) => {
    server.answer = (_, response) => response.writeHead(200, { 'content-type': type }).end(body);
    const given: Record<string, string> = expectations.includes('version }}')
      ? { variables: 'version=1.2.3' }
      : {};
    expect(verdict(await run(`- { name: page, http: { url: / }, expect: ${expectations} }`, given))).toMatch(
      message,
    );
  });

  test('nodes can be captured, exactly one', async () => {
    server.answer = (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(page);
    const steps = (rule: string, value: string) =>
      `
- { name: page, http: { url: / }, expect: { status: 200 }, capture: { it: ${rule} } }
- { name: use, http: { url: '/{{ it }}' }, expect: { status: 200 } }`.replace('VALUE', value);
    expect(verdict(await run(steps('{ css: footer b }', '')))).toBe('passed');
    expect(server.asked.at(-1)!.url).toBe('/1.2.3');
    expect(verdict(await run(steps('{ xpath: "string(//li[2])" }', '')))).toBe('passed');
    expect(server.asked.at(-1)!.url).toBe('/Pen');
    expect(verdict(await run(steps('{ xpath: "string(//lii[2])" }', '')))).toContain(
      '"", as of a path that finds nothing',
    );
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
    server.answer = (_, response) => response.end('{"id":1}');
    expect((await runSmokeTest(given, testHost({ context: { workspace } }))).ok).toBe(true);
    server.answer = (_, response) => response.end('{}');
    const outcome = await runSmokeTest(given, testHost({ context: { workspace } }));
    expect(outcome.report.failures[0]).toMatchObject({
      got: "the document must have required property 'id'",
      expected: 'JSON as order.schema.json says',
    });
    await rm(workspace, { recursive: true });
  });
});
