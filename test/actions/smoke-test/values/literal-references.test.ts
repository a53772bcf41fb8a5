import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { serveRecording, type RecordingServer } from '../../../support/servers/recording.js';
import { runSuite, verdict } from '../run-suite.js';

let server: RecordingServer;
beforeAll(async () => {
  server = await serveRecording();
  server.answer = (_asked, response) => {
    response.setHeader('set-cookie', 'sid=1; Domain=shop.test; Path=/a');
    response.end(JSON.stringify({ id: 7, text: 'up {{ id }' }));
  };
});
afterAll(() => server.close());

const suite = (expectation: string, more = '', id = 'sid') => `version: 1
variables: { id: '${id}', domain: shop.test }
flows:
  - name: flow
    steps:
      - name: use
        http: { url: '/{{ id }}/{{ domain }}' }
        expect: { status: 200 }
      - name: look
        http: { url: / }
        expect: ${expectation}${more}
`;
const run = (text: string) => runSuite(text, { 'base-url': server.url });

describe('a reference where none is filled in would be looked for as it is written, and never be there:', () => {
  test.each([
    ['a cookie', "{ cookies: { '{{ id }}': { exists: false } } }", 'expect.cookies.{{ id }}'],
    ['a JSONPath', `{ json: [{ path: "$['{{id}}']", exists: false }] }`, 'expect.json.0.path'],
    ['an XPath', `{ xpath: [{ path: "//a[@id='{{ id }}']", count: 0 }] }`, 'expect.xpath.0.path'],
    [
      'a name space',
      "{ xpath: [{ path: //p:a, namespaces: { p: '{{ id }}' }, exists: false }] }",
      'expect.xpath.0.namespaces.p',
    ],
    ['a selector', `{ css: [{ selector: 'a[id="{{ id }}"]', exists: false }] }`, 'expect.css.0.selector'],
    [
      'an attribute',
      "{ css: [{ selector: a, attribute: '{{ id }}', exists: false }] }",
      'expect.css.0.attribute',
    ],
    [
      'a value of a JSON Schema',
      "{ json-schema: { schema: { not: { required: ['{{ id }}'] } } } }",
      'expect.json-schema.schema.not.required.0',
    ],
    [
      'a name in a JSON Schema',
      "{ json-schema: { schema: { properties: { '{{ id }}': false } } } }",
      'expect.json-schema.schema.properties.{{ id }}',
    ],
    ['what must not be', "{ not: { cookies: { '{{ id }}': { exists: true } } } }", 'expect.not.cookies'],
  ])('%s', async (_, expectation, path) => {
    const message = verdict(await run(suite(expectation)));
    expect(message).toContain(`flows.0.steps.1.${path}`);
    expect(message).toMatch(/refused[^]*smoke\.yml:11:\d+[^]*got: +\{\{ ?id ?\}\}[^]*without \{\{ \}\}/);
  });

  test('a capture', async () => {
    const capture = "\n        capture: { a: { cookie: '{{ id }}' } }";
    expect(verdict(await run(suite('{ status: 200 }', capture)))).toMatch(
      /refused[^]*smoke\.yml:12:\d+ — flows\.0\.steps\.1\.capture\.a\.cookie/,
    );
  });

  test('a default value', async () => {
    const text = suite("{ body: { not-contains: '{{ id }}' } }", '', '{{ domain }}');
    expect(verdict(await run(text))).toMatch(/refused[^]*smoke\.yml:2:\d+ — variables\.id[^]*taken as it is/);
  });

  test('a row of data', async () => {
    const rows = "    rows: { inline: [{ a: 1 }, { a: 'x {{ id }}' }] }\n    steps";
    const text = suite("{ body: { not-contains: '{{ row.a }}' } }").replace('    steps', rows);
    expect(verdict(await run(text))).toMatch(/refused[^]*smoke\.yml:5:\d+ — flows\.0\.rows\.inline\.1\.a/);
  });
});

test.each([
  ['{ json: [{ path: "$[?@ == \'up {{ id }\']", count: 1 }] }', 'passed'],
  ["{ json: [{ path: $, contains-value: { '{{ id }}': 1 } }] }", 'a node equal to {"sid":1}'],
  ["{ cookies: { sid: { domain: '{{ domain }}', path: /a } } }", 'passed'],
  ["{ not: { cookies: { sid: { domain: '{{ domain }}' } } } }", 'not domain: shop.test ≠'],
])(
  'braces that are none, and references that are filled in, mean what they say: %s',
  async (expectation, message) => {
    expect(verdict(await run(suite(expectation)))).toContain(message);
  },
);
