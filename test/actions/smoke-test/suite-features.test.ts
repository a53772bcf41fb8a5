import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { runSuite } from './run-suite.js';
import { openShop, type Shop } from './shop.js';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());
beforeEach(() => shop.reset());

const run = (suite: string, given: Record<string, string> = {}, files: Record<string, string> = {}) =>
  runSuite(`version: 1\n${suite}`, { 'base-url': shop.url, ...given }, {}, undefined, files);
const step = (name: string, url: string, more = '') =>
  `{ name: ${name}, http: { url: "${url}" }, expect: { status: 200 }${more} }`;

describe('before and after', () => {
  const suite = `
before:
  - ${step('login', '/login', ', capture: { token: { header: x-token, secret: true } }')}
after:
  - ${step('logout', '/logout?{{ token }}')}
flows:
  - name: a
    before: [${step('prepare', '/a/before?{{ token }}')}]
    steps: [${step('use', '/a')}]
    after: [${step('clean', '/a/after')}]
  - name: b
    steps: [${step('use', '/b?{{ token }}')}]
`;

  test('run once around all flows, and around each flow, and hand on what they capture', async () => {
    shop.answer = (_, response) => response.setHeader('x-token', 't-12345678').end();
    const { report, everything } = await run(suite, { concurrency: '1' });
    expect(shop.lines()).toEqual([
      'GET /login',
      'GET /a/before?t-12345678',
      'GET /a',
      'GET /a/after',
      'GET /b?t-12345678',
      'GET /logout?t-12345678',
    ]);
    expect(report).toMatchObject({ result: 'pass', passed: 6 });
    expect(report!.flows.map(({ name }) => name)).toEqual(['before all flows', 'a', 'b', 'after all flows']);
    expect(report!.flows[1]!.steps.map(({ phase }) => phase)).toEqual(['before', 'test', 'after']);
    expect(everything).not.toContain('t-12345678');
  });

  test('that fails before all flows leaves them out, and clean-up that needs what is missing too', async () => {
    shop.answer = (_, response) => response.writeHead(500).end();
    const { report, ok } = await run(suite);
    expect(shop.lines()).toEqual(['GET /login']);
    expect(ok).toBe(false);
    expect(report).toMatchObject({ result: 'fail', passed: 0, failed: 1, notRun: 5 });
    expect(report!.flows[1]!.steps[0]!.reason).toBe('the step "login" before all flows did not pass');
  });

  test('that fails before a flow leaves its steps out and still cleans up', async () => {
    shop.answer = ({ url }, response) =>
      response.writeHead(url.startsWith('/a/before') ? 500 : 200, { 'x-token': 't-12345678' }).end();
    const { report } = await run(suite, { concurrency: '1' });
    expect(shop.lines()).toEqual([
      'GET /login',
      'GET /a/before?t-12345678',
      'GET /a/after',
      'GET /b?t-12345678',
      'GET /logout?t-12345678',
    ]);
    expect(report!.flows[1]).toMatchObject({
      result: 'failed',
      steps: [{ result: 'failed' }, { result: 'not-run' }, { result: 'passed' }],
    });
  });
});

describe('rows', () => {
  const flow = (rows: string) => `
flows:
  - name: search
    rows: ${rows}
    steps:
      - name: find
        http: { url: /find, query: { q: "{{ row.sku }}" } }
        expect: { status: 200, json: [{ path: $.price, equals: "{{ row.price }}" }] }
`;

  test('run the flow once for each, as flows of their own with their line, and each can fail for itself', async () => {
    shop.answer = ({ url }, response) => response.end(url.endsWith('cup') ? '{"price":9}' : '{"price":"5"}');
    const { report } = await run(
      flow('{ file: data/skus.csv }'),
      {},
      {
        'data/skus.csv': 'sku,price\nmug,5\ncup,5\nbag,5\n',
      },
    );
    expect(shop.lines().sort()).toEqual(['GET /find?q=bag', 'GET /find?q=cup', 'GET /find?q=mug']);
    expect(report).toMatchObject({ result: 'fail', passed: 2, failed: 1 });
    expect(report!.flows.map(({ name, row, result }) => [name, row?.line, result])).toEqual([
      ['search [1: mug]', 2, 'passed'],
      ['search [2: cup]', 3, 'failed'],
      ['search [3: bag]', 4, 'passed'],
    ]);
  });

  test('of JSON and of the suite itself keep numbers as numbers', async () => {
    shop.answer = (_, response) => response.end('{"price":5}');
    const rows = '[{"sku":"mug","price":5}]';
    expect((await run(flow('{ file: skus.json }'), {}, { 'skus.json': rows })).report!.result).toBe('pass');
    expect((await run(flow(`{ inline: ${rows} }`))).report!.result).toBe('pass');
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ['{ file: skus.csv }', {}, /smoke\.yml:5:\d+ .*skus\.csv: no such file/s],
    ['{ file: ../skus.csv }', {}, /\.\.\/skus\.csv.*a file of the workspace/s],
    ['{ file: skus.csv }', { 'skus.csv': 'sku\nmug\n' }, /\{\{ row\.price \}\}, which has no value/],
    ['{ file: skus.csv }', { 'skus.csv': 'sku,price\nmug\n' }, /skus\.csv:2\n.*1 cell$/m],
    ['{ inline: [] }', {}, /1 to 10000 rows/],
    ['{ inline: [{ sku: a, price: 1 }], file: a.csv }', {}, /exactly one of inline, file/],
  ])('given as %s are a problem that says where', async (rows, files, message) => {
    const { report, runner } = await run(flow(rows), {}, files);
    expect(report).toBeUndefined();
    expect(runner.failure).toMatch(message);
    expect(shop.asked).toEqual([]);
  });
});

describe('includes', () => {
  const part = (name: string, more = '') =>
    `version: 1\n${more}flows:\n  - name: ${name}\n    steps:\n      - ${step('look', `/${name}?{{ who }}`)}\n`;

  test('add flows of other files, whose failures are on lines of those files', async () => {
    shop.answer = ({ url }, response) => response.writeHead(url.startsWith('/c') ? 500 : 200).end();
    const { report, runner } = await run(
      `variables: { who: main }\ninclude: [parts/b.yml]\nflows:\n  - name: a\n    steps: [${step('look', '/a')}]\n`,
      { concurrency: '1' },
      {
        'parts/b.yml': part('b', 'variables: { who: part }\ninclude: [more/c.yml]\n'),
        'parts/more/c.yml': part('c'),
      },
    );
    expect(shop.lines()).toEqual(['GET /a', 'GET /b?main', 'GET /c?main']);
    expect(report!.failures).toMatchObject([{ flow: 'c', file: 'parts/more/c.yml', line: 5 }]);
    expect(runner.annotations[0]).toMatchObject({ file: 'parts/more/c.yml', line: 5 });
  });

  test.each<[string, Record<string, string>, RegExp]>([
    [
      'itself',
      { 'b.yml': part('b', 'include: [smoke.yml]\n') },
      /b\.yml:2:\d+ .*each other: smoke\.yml → b\.yml → smoke\.yml/s,
    ],
    ['no file', {}, /smoke\.yml:3:\d+ .*b\.yml: no such file/s],
    ['a flow of the same name', { 'b.yml': part('a') }, /b\.yml:3:\d+ .*the name "a" again/s],
    [
      'a misspelt key',
      { 'b.yml': part('b').replace('status', 'statsu') },
      /b\.yml:5:\d+ .*unknown key "statsu"/s,
    ],
    ['an unknown name', { 'b.yml': part('b') }, /b\.yml:5:\d+ .*\{\{ who \}\}/s],
    ['nothing', { 'b.yml': 'version: 1\n' }, /b\.yml.*at least one of flows, include/s],
  ])('of %s are refused with file and line', async (_, files, message) => {
    const { report, runner } = await run(
      `include:\n  - b.yml\nflows:\n  - { name: a, steps: [${step('look', '/a')}] }\n`,
      {},
      files,
    );
    expect(report).toBeUndefined();
    expect(runner.failure).toMatch(message);
    expect(shop.asked).toEqual([]);
  });

  test('of one file twice, or of one outside the workspace, are refused', async () => {
    const twice = await run(
      'include: [b.yml, ./b.yml]\n',
      {},
      { 'b.yml': part('b', 'variables: { who: x }\n') },
    );
    expect(twice.runner.failure).toMatch(/b\.yml again/);
    for (const path of ['/etc/passwd', '../b.yml', 'a\\b.yml']) {
      const { runner } = await run(`include: [${JSON.stringify(path)}]\n`);
      expect(runner.failure).toMatch(/a file of the workspace/);
    }
  });
});

test('the log of many flows has a line for each', async () => {
  const { runner } = await run(
    `flows: [{ name: a, rows: { file: n.csv }, steps: [${step('s', '/{{ row.n }}')}] }]\n`,
    { concurrency: '50' },
    { 'n.csv': `n\n${Array.from({ length: 120 }, (_, n) => n).join('\n')}\n` },
  );
  const lines = runner.printed
    .join('\n')
    .split('\n')
    .filter((line) => line.startsWith('✓ a ['));
  expect(lines).toHaveLength(120);
});

describe('generated data', () => {
  const suite = `
flows:
  - { name: a, rows: { inline: [{ n: 0 }, { n: 1 }] }, steps: [${step('s', '/{{ email }}/{{ uuid }}/{{ number.x }}')}] }
`;

  test('comes again with the same seed, is another for each flow and without a seed, and the report says the seed', async () => {
    const lines = async (given: Record<string, string>) => {
      shop.reset();
      const { report } = await run(suite, { concurrency: '1', ...given });
      return { seed: report!.seed, lines: shop.lines() };
    };
    const first = await lines({});
    const again = await lines({ seed: first.seed });
    const other = await lines({});
    expect(again).toEqual(first);
    expect(other.seed).not.toBe(first.seed);
    expect(new Set([...first.lines, ...other.lines]).size).toBe(4);
  });
});
