import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inputs } from '../../../../actions/smoke-test/inputs.js';
import { runSmokeTest } from '../../../../actions/smoke-test/main.js';
import { createHttpClient } from '../../../../shared/http/client.js';
import { createAuthority, type LeafRequest } from '../../../support/servers/certificates.js';
import { testHost } from '../../../support/runner/host.js';
import { serve } from '../../../support/servers/http.js';
import { routes, serveHostile, step, type HostileServer } from '../hostile-server.js';
import { runSuite, suiteOf } from '../run-suite.js';

const day = 86_400_000;
let server: HostileServer;
beforeAll(async () => {
  server = await serveHostile();
});
afterAll(() => server.close());
beforeEach(() => {
  server.asked = [];
});

const run: HostileServer['run'] = (...given) => server.run(...given);

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
    [
      'a misspelt path of what must not be',
      '/ok',
      '{ not: { json: [{ path: $.stauts, equals: bad }] } }',
      /^no node$/,
    ],
    [
      'no header where one must be another',
      '/ok',
      '{ not: { headers: { x-a: { equals: b } } } }',
      /no such header/,
    ],
    [
      'no cookie where one must be another',
      '/ok',
      '{ not: { cookies: { sid: { equals: x } } } }',
      /no such cookie/,
    ],
    [
      'no JSON where something must not be in it',
      '/html',
      '{ not: { json: [{ path: $.error, exists: true }] } }',
      /not JSON/,
    ],
    [
      'a catastrophic pattern of what must not be',
      '/aaa',
      '{ not: { body: { matches: "(a+)+$" } } }',
      /stopped/,
    ],
    [
      'a lost digit in what must not be',
      '/big',
      '{ not: { json: [{ path: $.id, equals: 1 }] } }',
      /beyond 2\^53/,
    ],
    ...[
      '{ xpath: [{ path: "string(//titel)", not-contains: Error }] }',
      '{ not: { xpath: [{ path: "string(//titel)", equals: Error }] } }',
      '{ not: { xpath: [{ path: "string(//titel)", contains: Error }] } }',
      '{ not: { xpath: [{ path: "string(//titel)", matches: Error }] } }',
      '{ not: { xpath: [{ path: "number(//titel)", equals: "5" }] } }',
    ].map((expectations): [string, string, string, RegExp] => [
      `a misspelt path of a text that must lack something: ${expectations}`,
      '/html',
      expectations,
      /as of a path that finds nothing/,
    ]),
    [
      'JSON where HTML must lack something',
      '/ok',
      '{ css: [{ selector: .error, exists: false }] }',
      /no HTML or XML/,
    ],
    [
      'a count that is always a node',
      '/html',
      '{ xpath: [{ path: "count(//h2)", exists: true }] }',
      /always exists/,
    ],
    [
      'HTML where a JSON Schema is expected',
      '/html',
      '{ json-schema: { schema: { type: object } } }',
      /not JSON/,
    ],
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
    expect(server.asked).toEqual(['/ok', '/error']);
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
    const { ok, report } = await run(step('/silent', '{ status: 200 }'), { timeout: '1s' });
    expect(ok).toBe(false);
    expect(report).toMatchObject({ result: 'fail', failures: [{ kind: 'timeout' }] });
  });

  test('an interrupted run, however well it went so far', async () => {
    const suite = suiteOf(`
- { name: one, http: { url: /ok }, expect: { status: 200 } }
- { name: two, http: { url: /silent }, expect: { status: 200 } }`);
    const { ok, report, runner } = await runSuite(suite, { 'base-url': server.url }, {}, (runner) => {
      routes['/silent'] = () => runner.stop();
    });
    routes['/silent'] = () => undefined;
    expect(ok).toBe(false);
    expect(report).toMatchObject({ result: 'error', passed: 1, failures: [{ kind: 'interrupted' }] });
    expect(runner.outputs.get('result')).toBe('error');
  });
});
