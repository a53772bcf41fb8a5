import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { serveHostile, step, type HostileServer } from '../hostile-server.js';
import { suiteOf } from '../run-suite.js';

let server: HostileServer;
beforeAll(async () => {
  server = await serveHostile();
});
afterAll(() => server.close());
beforeEach(() => {
  server.asked = [];
});

const run: HostileServer['run'] = (...given) => server.run(...given);

describe('what is refused before anything is sent', () => {
  const good = '- { name: step, http: { url: /ok }, expect: { status: 200 } }';
  test.each<[name: string, suite: string, given: Record<string, string>, message: RegExp]>([
    [
      'a misspelt check',
      step('/ok', '{ statsu: 500 }'),
      {},
      /smoke\.yml:\d+.*[^]*unknown key "statsu"[^]*did you mean "status"/,
    ],
    ['a misspelt key', suiteOf(good.replace('expect', 'expects')), {}, /did you mean "expect"/],
    ['a step without expectations', suiteOf('- { name: step, http: { url: /ok } }'), {}, /add "expect"/],
    ['an empty expectation', step('/ok', '{}'), {}, /at least one of status/],
    ['a check of TLS on plain http', step('/ok', '{ tls: { expires-in: "> 30d" } }'), {}, /step of tls/],
    [
      'verification switched off',
      suiteOf('- { name: a, tls: { address: a, verify: false }, expect: { tls: { expires-in: "> 30d" } } }'),
      {},
      /unknown key "verify"/,
    ],
    [
      'a misspelt keyword of a JSON Schema',
      step('/ok', '{ json-schema: { schema: { requierd: [id] } } }'),
      {},
      /unknown keyword: "requierd"/,
    ],
    [
      'a JSON Schema whose answer nobody would wait for',
      step('/ok', '{ json-schema: { schema: { $async: true, required: [id] } } }'),
      {},
      /smoke\.yml:\d+.*[^]*take "\$async" out/,
    ],
    ...[
      "json: [{ path: '$[?@.id == 9007199254740992]', exists: true }]",
      'json: [{ path: $.id, equals: 1e400 }]',
      'json-schema: { schema: { properties: { id: { const: 9007199254740992 } } } }',
      'json-schema: { schema: { items: { enum: [1, 9007199254740993] } } }',
    ].map((expectation): [string, string, Record<string, string>, RegExp] => [
      `a number that is equal to its neighbours: ${expectation}`,
      step('/ok', `{ ${expectation} }`),
      {},
      /smoke\.yml:\d+.*[^]*whose last digits are lost/,
    ]),
    [
      'a reference without quotes, which is one problem',
      suiteOf('- { name: a, http: { url: /x/{{ id }} }, expect: { status: 200 } }'),
      {},
      /: 1 problem[^]*\{\{ without quotes[^]*put the whole text in quotes/,
    ],
    ['several statuses', step('/ok', '{ status: [200, 201] }'), {}, /a list goes to "status-in"/],
    [
      'the address of a WebSocket',
      suiteOf('- { name: a, http: { url: "ws://h/x" }, expect: { status: 200 } }'),
      {},
      /make it a step of websocket/,
    ],
    ['no header', step('/ok', '{ headers: {} }'), {}, /one header at least/],
    ['no header that must not be', step('/ok', '{ not: { headers: {} } }'), {}, /one header at least/],
    ['no cookie', step('/ok', '{ cookies: {} }'), {}, /one cookie at least/],
    [
      'a JSON Schema of which everything is valid',
      step('/ok', '{ json-schema: { schema: { title: Shop } } }'),
      {},
      /no keyword that checks anything/,
    ],
    ...['size: "< 9kB"', 'body: { not-contains: x }', 'not: { body: { contains: x } }'].map(
      (expectation): [string, string, Record<string, string>, RegExp] => [
        `what holds of every answer to HEAD: ${expectation}`,
        suiteOf(`- { name: a, http: { method: HEAD, url: /ok }, expect: { ${expectation} } }`),
        {},
        /answer to HEAD, which has no body/,
      ],
    ),
    [
      'a capture from the answer to HEAD',
      suiteOf(
        '- { name: a, http: { method: HEAD, url: /ok }, expect: { status: 200 }, capture: { a: { regex: .* } } }',
      ),
      {},
      /answer to HEAD/,
    ],
    [
      'a flow for each of no tenants',
      `version: 1
tenants: {}
flows:
  - { name: one, steps: [${good.slice(2)}] }
  - { name: two, each-tenant: true, steps: [{ name: b, http: { url: /nowhere }, expect: { status: 200 } }] }
`,
      {},
      /smoke\.yml:2:\d+ — tenants[^]*one tenant or more/,
    ],
    [
      'a budget by which every flow may fail',
      `version: 1
budgets: { failures: 2 }
flows:
  - { name: one, steps: [${good.slice(2)}] }
  - { name: two, steps: [${good.slice(2)}] }
`,
      {},
      /smoke\.yml:2:\d+ — budgets\.failures[^]*2 of 2 flows that may fail[^]*write at most 1/,
    ],
    [
      'a version that only must not be there',
      step(
        '/ok',
        '{ not: { body: { contains: "{{ version }}" } }, body: { not-contains: "{{ version }}" } }',
      ),
      { 'expect-version': '1.2.3' },
      /no expectation of smoke\.yml looks at/,
    ],
    ['nothing that must not be', step('/ok', '{ not: {} }'), {}, /at least one of status/],
    [
      'a text that everything lacks',
      step('/ok', '{ not: { body: { contains: "" } } }'),
      {},
      /contains nothing/,
    ],
    ['a size without unit', step('/ok', '{ size: "> 0" }'), {}, /a size such as 500B/],
    ['a matcher that checks nothing', step('/ok', '{ json: [{ path: $.a }] }'), {}, /at least one of exists/],
    [
      'a text that everything contains',
      step('/ok', '{ body: { contains: "" } }'),
      {},
      /everything contains nothing/,
    ],
    ['zero flows', 'version: 1\nflows: []\n', {}, /at least one flow/],
    ['zero steps', 'version: 1\nflows: [{ name: a, steps: [] }]\n', {}, /at least one step/],
    ['an empty file', '', {}, /smoke\.yml:1:1[^]*a mapping/],
    ['an undefined variable', step('/{{ nmae }}', '{ status: 200 }'), {}, /{{ nmae }}, which has no value/],
    [
      'a capture used before it is made',
      step('/ok?{{ t }}', '{ status: 200 }', '  capture: { t: { json: $.n } }'),
      {},
      /{{ t }}/,
    ],
    [
      'a variable left open',
      step('/{{ name', '{ status: 200 }'),
      { variables: 'name=a' },
      /close the braces/,
    ],
    ['a variable without value', suiteOf(good), { variables: 'version=' }, /a value that is not empty/],
    ['a variable that nothing uses', suiteOf(good), { variables: 'verison=1' }, /unknown variable "verison"/],
    [
      'a version that nothing checks',
      suiteOf(good),
      { 'expect-version': '1.2.3' },
      /no expectation .* looks at/,
    ],
    [
      'an environment variable that is not listed',
      step('/{{ env.HOME }}', '{ status: 200 }'),
      {},
      /add HOME to the input "environment"/,
    ],
    ['a listed one that is not set', suiteOf(good), { environment: 'NO_SUCH_NAME' }, /not set/],
    ['a broken pattern', step('/ok', '{ body: { matches: "(" } }'), {}, /Invalid regular expression/],
    ['a broken JSONPath', step('/ok', '{ json: [{ path: "$[", exists: true }] }'), {}, /RFC 9535/],
    [
      'a number that YAML cannot hold',
      step('/ok', '{ json: [{ path: $.a, equals: 12345678901234567890 }] }'),
      {},
      /2\^53/,
    ],
    ['two statuses', step('/ok', '{ status: 200, status-in: [500] }'), {}, /only one of status, status-in/],
    ['a latency without unit', step('/ok', '{ latency: "< 500" }'), {}, /a duration such as/],
    [
      'a deadline that allows one attempt',
      step('/ok', '{ status: 200 }', '  until: { within: 1s }'),
      {},
      /"every" shorter than "within"/,
    ],
    ['a name twice', suiteOf(`${good}\n${good}`), {}, /a name of its own/],
    ['a key twice', step('/ok', '{ status: 500, status: 200 }'), {}, /smoke\.yml:7:32[^]*status/],
    ['an unknown input', suiteOf(good), { 'base-ulr': 'http://127.0.0.1' }, /did you mean "base-url"/],
    ['a secret too short to mask', suiteOf(good), { secrets: 'A=ab' }, /cannot be masked/],
    ['a file that is not there', suiteOf(good), { suite: 'other.yml' }, /no such file/],
  ])('%s', async (_, suite, given, message) => {
    const { ok, report, runner } = await run(suite, given);
    expect(ok).toBe(false);
    expect(runner.failure).toMatch(message);
    expect(runner.outputs.get('result')).toBe('error');
    expect(report).toBeUndefined();
    expect(server.asked).toEqual([]);
  });

  test('all problems of a suite come at once, each with its line', async () => {
    const { runner } = await run(
      suiteOf(`
- name: one
  http: { url: '/{{ a }}' }
  expect: { status: 200 }
- name: two
  http: { url: ok }
  expect:
    body: { matches: "(" }`),
    );
    expect(runner.failure).toContain('3 problems');
    for (const line of ['smoke.yml:6:', 'smoke.yml:9:', 'smoke.yml:11:'])
      expect(runner.failure).toContain(line);
  });
});
