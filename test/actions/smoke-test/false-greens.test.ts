import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { inputs } from '../../../actions/smoke-test/inputs.js';
import { runSmokeTest } from '../../../actions/smoke-test/main.js';
import { createHttpClient } from '../../../shared/http/client.js';
import { createAuthority, type LeafRequest } from '../../support/certificates.js';
import { testHost } from '../../support/host.js';
import { serve, type TestServer } from '../../support/http-server.js';
import { runSuite, suiteOf, type SuiteRun } from './run-suite.js';

const day = 86_400_000;
const routes: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
  '/ok': (_, response) =>
    response.writeHead(200, { 'x-app-version': '1x2x3', 'x-empty': '' }).end('{"status":"ok","n":1}'),
  '/empty': (_, response) => response.end(),
  '/html': (_, response) => response.end('<h1>Sign in</h1>'),
  '/error': (_, response) => response.writeHead(500).end('broken'),
  '/redirect': (_, response) => response.writeHead(302, { location: '/ok' }).end(),
  '/huge': (_, response) => response.end('x'.repeat(2_000_000)),
  '/bomb': (_, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(20_000_000))),
  '/drip': (_, response) => {
    const timer = setInterval(() => response.write('.'), 10);
    response.on('close', () => clearInterval(timer));
  },
  '/slow': (_, response) => void setTimeout(() => response.end(), 30),
  '/silent': () => undefined,
  '/half': (_, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('ok', () => response.destroy());
  },
  '/aaa': (_, response) => response.end(`${'a'.repeat(40)}!`),
  '/big': (_, response) => response.end('{"id":12345678901234567890}'),
  '/list': (_, response) => response.end('{"items":[{"id":1},{"id":2}],"none":null}'),
  '/deep': (_, response) => response.end('['.repeat(200_000) + ']'.repeat(200_000)),
};

let server: TestServer;
let asked: string[];

beforeAll(async () => {
  server = await serve((request, response) => {
    asked.push(request.url!);
    const route = routes[request.url!.split('?')[0]!];
    if (route) route(request, response);
    else response.writeHead(404).end();
  });
});
afterAll(() => server.close());
beforeEach(() => {
  asked = [];
});

const run = (suite: string, given: Record<string, string> = {}, env: Record<string, string> = {}) =>
  runSuite(suite, { 'base-url': server.url, ...given }, env);

const step = (url: string, expectations: string, more = '') =>
  suiteOf(`- name: step\n  http: { url: '${url}' }\n  expect: ${expectations}\n${more}`);

test('the same suite passes where it should: the cases below fail for their own reason', async () => {
  const { ok, report, runner } = await run(
    step(
      '/ok',
      '{ status: 200, json: [{ path: $.status, equals: ok }], body: { contains: status }, latency: "< 5s" }',
    ),
  );
  expect(ok).toBe(true);
  expect(report).toMatchObject({ result: 'pass', passed: 1, failed: 0, notRun: 0 });
  expect(runner.outputs.get('result')).toBe('pass');
});

describe('what fails when it runs', () => {
  test.each<[name: string, url: string, expectations: string, got: RegExp]>([
    ['another status', '/error', '{ status: 200 }', /^500: broken$/],
    ['an unknown page', '/nowhere', '{ status: 200 }', /^404$/],
    ['an error page that nobody named a status for', '/error', '{ body: { contains: broken } }', /^500/],
    [
      'a redirect, which is not the page behind it',
      '/redirect',
      '{ status: 200 }',
      /^302: redirect to \/ok, not followed$/,
    ],
    ['a redirect that nobody named a status for', '/redirect', '{ latency: "< 5s" }', /^302/],
    [
      'an empty body where JSON is expected',
      '/empty',
      '{ status: 200, json: [{ path: $.status, exists: true }] }',
      /an empty body/,
    ],
    [
      'an empty body, even where JSON must lack something',
      '/empty',
      '{ json: [{ path: $.x, exists: false }] }',
      /an empty body/,
    ],
    [
      'a login page where JSON is expected',
      '/html',
      '{ json: [{ path: $.error, exists: false }] }',
      /not JSON: <h1>Sign in/,
    ],
    [
      'an absent header, even where it must not contain something',
      '/ok',
      '{ headers: { x-a: { not-contains: b } } }',
      /no such header/,
    ],
    ['no node', '/ok', '{ json: [{ path: $.stauts, equals: ok }] }', /^no node$/],
    [
      'several nodes where one value is expected',
      '/list',
      '{ json: [{ path: "$.items[*].id", equals: 1 }] }',
      /^2 nodes: 1, 2$/,
    ],
    ['a value of another type', '/ok', '{ json: [{ path: $.n, equals: "1" }] }', /^1$/],
    ['null where something is expected', '/list', '{ json: [{ path: $.none, equals: "" }] }', /^null$/],
    ['a number that lost digits', '/big', '{ json: [{ path: $.id, equals: 12345678 }] }', /beyond 2\^53/],
    [
      'a version whose dots are any character',
      '/ok',
      '{ headers: { x-app-version: { matches: "^{{ version }}$" } } }',
      /^1x2x3$/,
    ],
    ['a body over the cap', '/huge', '{ status: 200 }', /too-large/],
    ['a decompression bomb', '/bomb', '{ status: 200 }', /too-large/],
    ['a body cut short', '/half', '{ status: 200 }', /reset/],
    ['a catastrophic pattern', '/aaa', '{ body: { matches: "(a+)+$" } }', /stopped after 250 ms/],
    ['a bottomless body', '/deep', '{ json: [{ path: $..x, exists: false }] }', /recursion limit/],
    ['a bottomless body compared whole', '/deep', '{ json: [{ path: $, equals: [] }] }', /nested too deeply/],
    ['a slow answer', '/slow', '{ latency: "< 10ms" }', /^\d+ ms$/],
    ['what must not be, and is', '/ok', '{ not: { body: { contains: status } } }', /^{"status":"ok"/],
    ['the status that must not be', '/error', '{ not: { status: 500 } }', /^500$/],
    ['a misspelt path of what must not be', '/ok', '{ not: { json: [{ path: $.stauts, equals: bad }] } }', /^no node$/],
    ['no header where one must be another', '/ok', '{ not: { headers: { x-a: { equals: b } } } }', /no such header/],
    ['no cookie where one must be another', '/ok', '{ not: { cookies: { sid: { equals: x } } } }', /no such cookie/],
    ['no JSON where something must not be in it', '/html', '{ not: { json: [{ path: $.error, exists: true }] } }', /not JSON/],
    ['a catastrophic pattern of what must not be', '/aaa', '{ not: { body: { matches: "(a+)+$" } } }', /stopped/],
    ['a lost digit in what must not be', '/big', '{ not: { json: [{ path: $.id, equals: 1 }] } }', /beyond 2\^53/],
    ['JSON where HTML must lack something', '/ok', '{ css: [{ selector: .error, exists: false }] }', /no HTML or XML/],
    ['a count that is always a node', '/html', '{ xpath: [{ path: "count(//h2)", exists: true }] }', /always exists/],
    ['HTML where a JSON Schema is expected', '/html', '{ json-schema: { schema: {} } }', /not JSON/],
    ['an empty body where it must have a size', '/empty', '{ size: "> 0B" }', /^0 bytes$/],
  ])('%s', async (_, url, expectations, got) => {
    const given: Record<string, string> = expectations.includes('version')
      ? { variables: 'version=1.2.3' }
      : {};
    const { ok, report, runner } = await run(step(url, expectations), given);
    expect(ok).toBe(false);
    expect(report).toMatchObject({ result: 'fail', passed: 0, failed: 1 });
    expect(report!.failures[0]!.got).toMatch(got);
    expect(runner.outputs.get('result')).toBe('fail');
    expect(runner.annotations[0]).toMatchObject({ level: 'error', file: 'smoke.yml' });
  });

  test.each([['/silent'], ['/drip']])('an answer that does not end: %s', async (url) => {
    const suite = step(url, '{ status: 200 }').replace("url: '/", "timeout: 60ms, url: '/");
    const { ok, report } = await run(suite);
    expect(ok).toBe(false);
    expect(report!.failures[0]).toMatchObject({
      kind: 'network',
      got: expect.stringMatching(/timeout: .*within 60 ms/),
    });
  });

  test.each<[name: string, leaf: Partial<LeafRequest>, got: RegExp]>([
    [
      'expired',
      { notBefore: new Date(Date.now() - 9 * day), notAfter: new Date(Date.now() - day) },
      /CERT_HAS_EXPIRED/,
    ],
    ['for another host', { names: ['other.example'] }, /ERR_TLS_CERT_ALTNAME_INVALID/],
    ['of an authority nobody trusts', {}, /UNABLE_TO_|SELF_SIGNED/],
  ])('a certificate that is %s', async (name, leaf, got) => {
    const authority = createAuthority();
    const secure = await serve(
      (_, response) => response.end('{}'),
      authority.issue({ names: ['127.0.0.1'], ...leaf }),
    );
    const trusted = name.startsWith('of ') ? {} : { ca: [authority.ca] };
    const workspace = await mkdtemp(join(tmpdir(), 'smoke-'));
    const flow = (probe: string, expectations: string) =>
      `  - { name: ${probe.slice(0, 3)}, steps: [{ name: step, ${probe}, expect: ${expectations} }] }\n`;
    const suite = `version: 1\nflows:\n${flow('http: { url: /ok }', '{ status: 200 }')}${flow(
      `tls: { address: '127.0.0.1:${secure.port}' }`,
      '{ tls: { protocol: [TLSv1.3] } }',
    )}`;
    await writeFile(join(workspace, 'smoke.yml'), suite);
    const given = inputs.parse({ suite: 'smoke.yml', 'base-url': secure.url });
    const host = testHost({ context: { workspace } });
    const outcome = await runSmokeTest(
      given,
      host,
      (options) => createHttpClient({ ...options, ...trusted }),
      trusted,
    );
    await Promise.all([secure.close(), rm(workspace, { recursive: true })]);
    expect(outcome).toMatchObject({ ok: false, outputs: { result: 'fail' } });
    const failure = { kind: 'network', got: expect.stringMatching(got) };
    expect(outcome.report.failures).toMatchObject([failure, failure]);
  });

  test('a certificate that has less time left than expected, however long it is past', async () => {
    const authority = createAuthority();
    const soon = new Date(Date.now() + 20 * day);
    const secure = await serve(() => undefined, authority.issue({ names: ['127.0.0.1'], notAfter: soon }));
    const workspace = await mkdtemp(join(tmpdir(), 'smoke-'));
    const suite = suiteOf(
      `- { name: step, tls: { address: '127.0.0.1:${secure.port}' }, expect: { tls: { expires-in: '> 30d' } } }`,
    );
    await writeFile(join(workspace, 'smoke.yml'), suite);
    const host = testHost({ context: { workspace } });
    const outcome = await runSmokeTest(inputs.parse({ suite: 'smoke.yml' }), host, createHttpClient, {
      ca: [authority.ca],
    });
    await Promise.all([secure.close(), rm(workspace, { recursive: true })]);
    expect(outcome.report.failures).toMatchObject([{ check: 'tls expires-in', expected: '> 30 d' }]);
  });

  test('steps after a failed one are not run, and count as neither passed nor failed', async () => {
    const { report } = await run(
      suiteOf(`
- { name: one, http: { url: /ok }, expect: { status: 200 } }
- { name: two, http: { url: /error }, expect: { status: 200 } }
- { name: three, http: { url: /ok }, expect: { status: 200 } }`),
    );
    expect(report).toMatchObject({ result: 'fail', passed: 1, failed: 1, notRun: 1 });
    expect(report!.flows[0]!.steps[2]).toMatchObject({
      result: 'not-run',
      reason: expect.stringContaining('"two"'),
    });
    expect(asked).toEqual(['/ok', '/error']);
  });

  test('a capture that finds nothing fails its own step', async () => {
    const { report } = await run(step('/ok', '{ status: 200 }', '  capture: { token: { json: $.token } }'));
    expect(report!.failures[0]).toMatchObject({
      check: 'capture token',
      expected: 'one node at $.token',
      got: '0 nodes',
    });
  });

  test('an empty captured value is not something every body contains', async () => {
    const { report } = await run(
      suiteOf(`
- { name: one, http: { url: /ok }, expect: { status: 200 }, capture: { name: { header: x-empty } } }
- { name: two, http: { url: /html }, expect: { body: { contains: "{{ name }}" } } }`),
    );
    expect(report).toMatchObject({ result: 'fail', passed: 1, failed: 1 });
    expect(report!.failures[0]!.got).toMatch(/everything contains nothing/);
  });

  test('the limit for the whole suite', async () => {
    const { ok, report } = await run(step('/silent', '{ status: 200 }'), { timeout: '80ms' });
    expect(ok).toBe(false);
    expect(report).toMatchObject({ result: 'fail', failures: [{ kind: 'timeout' }] });
  });

  test('an interrupted run, however well it went so far', async () => {
    const suite = suiteOf(`
- { name: one, http: { url: /ok }, expect: { status: 200 } }
- { name: two, http: { url: /silent }, expect: { status: 200 } }`);
    const startedAt = Date.now();
    const { ok, report, runner } = await runSuite(suite, { 'base-url': server.url }, {}, (runner) => {
      routes['/silent'] = () => runner.stop();
    });
    routes['/silent'] = () => undefined;
    expect(Date.now() - startedAt).toBeLessThan(2_000);
    expect(ok).toBe(false);
    expect(report).toMatchObject({ result: 'error', passed: 1, failures: [{ kind: 'interrupted' }] });
    expect(runner.outputs.get('result')).toBe('error');
  });
});

describe('what is refused before anything is sent', () => {
  const good = '- { name: step, http: { url: /ok }, expect: { status: 200 } }';
  test.each<[name: string, suite: string, given: Record<string, string>, said: RegExp]>([
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
    ['nothing that must not be', step('/ok', '{ not: {} }'), {}, /at least one of status/],
    ['a text that everything lacks', step('/ok', '{ not: { body: { contains: "" } } }'), {}, /contains nothing/],
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
  ])('%s', async (_, suite, given, said) => {
    const { ok, report, runner } = await run(suite, given);
    expect(ok).toBe(false);
    expect(runner.failure).toMatch(said);
    expect(runner.outputs.get('result')).toBe('error');
    expect(report).toBeUndefined();
    expect(asked).toEqual([]);
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

describe('retries', () => {
  const flaky = (failures: number) => {
    let calls = 0;
    routes['/flaky'] = (_, response) => response.writeHead(++calls <= failures ? 503 : 200).end();
    return () => calls;
  };
  const retrying = (policy: string) => step('/flaky', '{ status: 200 }', `  retry: ${policy}`);

  test('really are further requests, and all of them are reported', async () => {
    const calls = flaky(2);
    const { ok, report } = await run(retrying('{ times: 3, delay: 1ms, backoff: exponential }'));
    expect(ok).toBe(true);
    expect(calls()).toBe(3);
    expect(report!.flows[0]!.steps[0]!.attempts.map(({ status }) => status)).toEqual([503, 503, 200]);
  });

  test('end, and then the step has failed', async () => {
    const calls = flaky(9);
    const { ok } = await run(retrying('{ times: 2, delay: 1ms }'));
    expect(ok).toBe(false);
    expect(calls()).toBe(3);
  });

  test('are made only for what they are meant for', async () => {
    const calls = flaky(1);
    const { ok } = await run(retrying('{ times: 2, delay: 1ms, on: [network] }'));
    expect(ok).toBe(false);
    expect(calls()).toBe(1);
  });

  test('until polls to its deadline and no further', async () => {
    const calls = flaky(3);
    expect((await run(step('/flaky', '{ status: 200 }', '  until: { within: 5s, every: 5ms }'))).ok).toBe(
      true,
    );
    expect(calls()).toBe(4);
    flaky(1e9);
    const { ok, report } = await run(
      step('/flaky', '{ status: 200 }', '  until: { within: 60ms, every: 5ms }'),
    );
    expect(ok).toBe(false);
    expect(report!.failures[0]!.expected).toMatch(/, within 60 ms$/);
    expect(report!.durationMs).toBeLessThan(1_000);
  });
});

describe('secrets', () => {
  const nowhere = ({ everything }: SuiteRun, ...secrets: string[]) => {
    for (const secret of secrets) expect(everything).not.toContain(secret);
  };

  test('that were handed over stand in nothing that is written, in no encoding', async () => {
    const secret = 'p@ss word!"/ü';
    routes['/echo'] = (request, response) =>
      response.end(`you said ${request.headers['x-key']} ${request.url}`);
    const result = await run(
      suiteOf(`
- name: echo
  http: { url: /echo, query: { key: "{{ secrets.KEY }}" }, headers: { x-key: "{{ secrets.KEY64 }}" } }
  expect: { status: 418, body: { contains: "{{ secrets.KEY }}", equals: "no" } }`),
      { secrets: JSON.stringify({ KEY: secret, KEY64: Buffer.from(secret).toString('base64') }) },
    );
    expect(result.ok).toBe(false);
    nowhere(result, secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret));
    nowhere(result, Buffer.from(secret).toString('base64'), 'p%40ss', 'p@ss');
    expect(result.runner.masked).toContain(secret);
    expect(asked[0]).toContain('p%40ss');
  });

  test('that were captured are masked even where the step that shows them fails, and never cut in two', async () => {
    const token = 't0ken-'.repeat(20);
    routes['/login'] = (_, response) => response.end(JSON.stringify({ pad: 'x'.repeat(270), token }));
    const result = await run(
      step(
        '/login',
        '{ body: { contains: absent } }',
        '  capture: { token: { json: $.token, secret: true } }',
      ),
    );
    expect(result.ok).toBe(false);
    nowhere(result, 't0ken-');
  });
});
