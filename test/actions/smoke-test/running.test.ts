import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { pageOf } from '../../../actions/smoke-test/report/page.js';
import { tapOf } from '../../../actions/smoke-test/report/tap.js';
import { serve, type TestServer } from '../../support/servers/http.js';
import { runSuite, verdict } from './run-suite.js';

let server: TestServer;
let asked: string[];
beforeAll(async () => {
  server = await serve((request, response) => {
    asked.push(request.url!);
    response.statusCode = request.url === '/broken' ? 500 : 200;
    response.end('{"version":"1.4.0","text":"<b>&"}');
  });
});
afterAll(() => server.close());
beforeEach(() => void (asked = []));

const step = (url: string, expected = 'status: 200') =>
  `{ name: ask, http: { url: '${url}' }, expect: { ${expected} } }`;
const suite = `version: 1
budgets: { failures: 0 }
flows:
  - { name: search by word, tags: [fast], budget: { p95: '< 1m' }, steps: [${step('/search')}] }
  - { name: search by picture, tags: [slow], budget: { p95: '< 1m' }, steps: [${step('/picture')}] }
  - { name: version, tags: [fast, live], steps: [${step('/version', "json: [{ path: $.version, equals: '{{ version }}' }]")}] }
`;
const run = (text: string, given: Record<string, string> = {}, files: Record<string, string> = {}) =>
  runSuite(text, { 'base-url': server.url, ...given }, {}, undefined, files);
const version = { 'expect-version': '1.4.0' };

describe('only', () => {
  test.each([
    ['search by word', ['/search'], 2],
    ['search*', ['/picture', '/search'], 1],
    ['@fast', ['/search', '/version'], 1],
    ['@slow\nversion', ['/picture', '/version'], 1],
  ])('%s', async (only, urls, leftOut) => {
    const { report } = await run(suite, { only, variables: 'version=1.4.0' });
    expect([report?.result, asked.sort()]).toEqual(['pass', urls]);
    expect(report!.leftOut).toHaveLength(leftOut);
    expect(report!.message).toMatch(/flows? left out by "only"\.$/);
  });

  test('without it, nothing is said of what was left out', async () => {
    const { report } = await run(suite, version);
    expect(report).toMatchObject({ result: 'pass', passed: 3 });
    expect(report).not.toHaveProperty('leftOut');
  });

  test('each entry picks a flow, and a version that is expected is looked at', async () => {
    const wrong = verdict(await run(suite, { only: 'serach*\n@fast', ...version }));
    expect(wrong).toContain('"serach*", which picks no flow');
    expect(wrong).toContain('search by word, search by picture, version, @fast, @slow, @live');
    expect(verdict(await run(suite, { only: '@slow', ...version }))).toContain(
      '1.4.0, which no expectation of smoke.yml looks at',
    );
    expect(asked).toEqual([]);
  });

  test('budgets of flows that may fail count the chosen ones', async () => {
    const given = { only: 'search*', variables: 'version=1.4.0' };
    expect(verdict(await run(suite.replace('failures: 0', 'failures: 2'), given))).toContain(
      'write at most 1',
    );
  });
});

describe('vars-file', () => {
  const text = `version: 1\nflows: [{ name: a, steps: [${step('/{{ path }}')}] }]`;
  const files = { 'vars.yml': 'path: from-file\nport: 8080\nunused: here' };

  test('has values that a suite may use, and the input variables wins', async () => {
    expect(verdict(await run(text, { 'vars-file': 'vars.yml' }, files))).toBe('passed');
    expect(verdict(await run(text, { 'vars-file': 'vars.yml', variables: 'path=given' }, files))).toBe(
      'passed',
    );
    expect(asked).toEqual(['/from-file', '/given']);
  });

  test('what is wrong in it is said with its line', async () => {
    const wrong = verdict(
      await run(text, { 'vars-file': 'vars.yml' }, { 'vars.yml': 'path: x\nempty: ""\nlist: [1]' }),
    );
    expect(wrong).toContain('vars.yml:2');
    expect(wrong).toContain('vars.yml:3');
    expect(verdict(await run(text, { 'vars-file': 'gone.yml' }))).toContain('no such file');
    expect(asked).toEqual([]);
  });
});

test('rate spreads the looks of all flows over time', async () => {
  const flows = Array.from({ length: 5 }, (_, index) => `{ name: f${index}, steps: [${step(`/${index}`)}] }`);
  const { report } = await run(`version: 1\nflows: [${flows.join(', ')}]`, { rate: '20', concurrency: '5' });
  expect(report).toMatchObject({ result: 'pass', passed: 5 });
  expect(report!.durationMs).toBeGreaterThanOrEqual(199);
});

describe('the reports', () => {
  const failing = `version: 1
flows:
  - { name: 'a # <script>', steps: [${step('/broken')}, { name: later, http: { url: /x }, expect: { status: 200 } }] }
  - { name: b, steps: [${step('/fine')}] }
`;

  test('TAP: what was not run is no pass, and the verdict is a point of its own', async () => {
    const { runner } = await run(failing, { tap: 'true' });
    const tap = runner.files.get(runner.outputs.get('tap')!)!;
    const points = tap.split('\n').filter((line) => /^(not )?ok|^1\.\./.test(line));
    expect(points).toEqual([
      '1..4',
      'not ok 1 - a \\# <script> › ask',
      'not ok 2 - a \\# <script> › later: not run: the step "ask" before it failed',
      'ok 3 - b › ask',
      expect.stringMatching(/^not ok 4 - The smoke test failed: 1 of 3 steps failed, 1 not run\./),
    ]);
    expect(tap).toContain('  check: "status"\n  expected: "200"\n');
    expect(tap).not.toContain('SKIP');
  });

  test('TAP: a failure that a budget tolerates is a known one', async () => {
    const { report } = await run(`budgets: { failures: 1 }\n${failing.replace(/, { name: later.*?} }/, '')}`);
    expect(report!.result).toBe('pass');
    expect(tapOf(report!)).toMatch(/^not ok 1 - .* # TODO tolerated by the budget$/m);
    expect(tapOf(report!)).toMatch(/^ok 3 - The smoke test passed/m);
  });

  test('HTML: one page without scripts that shows every failure, flow and what was left out', async () => {
    const { runner, report } = await run(failing, { html: 'true' });
    const page = runner.files.get(runner.outputs.get('html')!)!;
    expect(page).toContain('Smoke test failed');
    expect(page).toContain('a # &lt;script&gt; › ask');
    expect(page).toContain('again:    curl --include');
    expect(page).toContain('&lt;b&gt;&amp;');
    expect(page).toContain('– not run: the step &quot;ask&quot;');
    expect(page).not.toMatch(/<script|src=|href=|url\(/);
    expect(pageOf({ ...report!, leftOut: ['<c>'] })).toContain('<li>&lt;c&gt;</li>');
  });

  test('neither is written unasked', async () => {
    const { runner } = await run(failing);
    expect([runner.outputs.get('tap'), runner.outputs.get('html')]).toEqual([undefined, undefined]);
  });
});

describe('a step with a todo', () => {
  const todo = "todo: ['the header {{ x }} of the original']";
  test('sends nothing and fails, and what comes after it is not run', async () => {
    const text = `version: 1\nflows: [{ name: a, steps: [${step('/a').replace('{ name: ask,', `{ name: first, ${todo}, until: { within: 1m },`)}, ${step('/b')}] }]`;
    const { report } = await run(text);
    expect(report).toMatchObject({ result: 'fail', failed: 1, notRun: 1 });
    expect(report!.failures[0]).toMatchObject({
      check: 'todo',
      got: 'the header {{ x }} of the original',
      line: 2,
    });
    expect(asked).toEqual([]);
  });

  test('is no step of isolation, whose refusal it would look like', async () => {
    const others = `[{ name: read, ${todo}, http: { url: /x }, expect: { status: 404 } }]`;
    const text = `version: 1\ntenants: { a: { t: '1' }, b: { t: '2' } }\nisolation:\n  own: [${step('/{{ tenant.t }}')}]\n  others: ${others}\nflows: [{ name: a, steps: [${step('/a')}] }]`;
    expect(verdict(await run(text))).toContain('a step that is not complete');
    expect(asked).toEqual([]);
  });
});
