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

describe('limits of time', () => {
  test('of a flow end it, whatever its step still waits for, and clean-up runs', async () => {
    shop.answer = ({ url }, response) => void (url === '/slow' || response.end());
    const { report } = await run(`
flows:
  - name: a
    timeout: 2s
    steps: [${step('fast', '/fast')}, ${step('slow', '/slow')}, ${step('never', '/never')}]
    after: [${step('clean', '/clean')}]
  - { name: b, steps: [${step('fast', '/fast')}] }
`);
    expect(shop.lines()).not.toContain('GET /never');
    expect(shop.lines()).toContain('GET /clean');
    expect(report!.failures).toMatchObject([
      {
        step: 'slow',
        kind: 'timeout',
        got: expect.stringMatching(/^the flow's limit of 2.0 s was reached/),
      },
    ]);
    expect(report!.flows[1]!.result).toBe('passed');
  });

  test('of a step end its further attempts', async () => {
    shop.answer = (_, response) => response.writeHead(503).end();
    const { report } = await run(`
flows:
  - name: a
    steps: [${step('s', '/s', ', timeout: 100ms, retry: { times: 50, delay: 20ms, jitter: false }')}]
`);
    expect(shop.asked.length).toBeLessThan(10);
    expect(report!.failures).toMatchObject([
      { kind: 'timeout', got: expect.stringMatching(/^the step's limit of 100 ms was reached/) },
    ]);
  });

  test('of the suite are its own unless the input says another', async () => {
    shop.answer = () => undefined;
    const suite = `timeout: 60ms\nflows:\n  - { name: a, steps: [${step('s', '/s')}] }\n`;
    expect((await run(suite)).report!.failures[0]!.got).toMatch('the limit of 60 ms');
    expect((await run(suite, { timeout: '30ms' })).report!.failures[0]!.got).toMatch('the limit of 30 ms');
  });
});

describe('budgets', () => {
  const flows = (budget: string) => `
flows:
  - name: a
${budget}    rows: { inline: [{ n: 0 }, { n: 1 }, { n: 2 }] }
    steps: [${step('s', '/a/{{ row.n }}')}]
`;

  test('on p95 of a flow are measured over all its rows, and fail the suite on their line', async () => {
    shop.answer = ({ url }, response) => void setTimeout(() => response.end(), url === '/a/2' ? 60 : 0);
    const { report, ok, runner } = await run(flows('    budget:\n      p95: "< 50ms"\n'));
    expect(ok).toBe(false);
    expect(report).toMatchObject({ result: 'fail', passed: 3, failed: 0 });
    expect(report!.failures).toMatchObject([
      {
        flow: 'a',
        kind: 'budget',
        expected: '< 50 ms',
        got: expect.stringMatching(/over 3 answers$/),
        file: 'smoke.yml',
        line: 6,
      },
    ]);
    expect(runner.annotations[0]).toMatchObject({ file: 'smoke.yml', line: 6 });
    expect(runner.files.get(runner.outputs.get('junit')!)).toContain(
      '<testcase name="p95 of a" classname="budgets">',
    );
  });

  test('on p95 that nothing answered do not hold', async () => {
    const { report } = await run(`budgets: { p95: "< 1h" }\n${flows('')}`, {
      'base-url': 'http://127.0.0.1:9',
    });
    expect(report!.budgets[1]).toMatchObject({ metric: 'p95', got: null, held: false });
  });

  test('tolerate as many failed flows as they say and no more, and the summary shows them', async () => {
    shop.answer = ({ url }, response) => response.writeHead(url === '/a/2' ? 500 : 200).end();
    const tolerant = await run(`budgets: { failures: 1 }\n${flows('')}`);
    expect(tolerant.report).toMatchObject({ result: 'pass', passed: 2, failed: 1 });
    expect(tolerant.report!.message).toContain('1 failed, which the budget tolerates');
    expect(tolerant.runner.summary).toContain('### Failures');
    expect((await run(flows(''))).report!.result).toBe('fail');
    shop.answer = ({ url }, response) => response.writeHead(url === '/a/0' ? 200 : 500).end();
    expect((await run(`budgets: { failures: 1 }\n${flows('')}`)).report!.result).toBe('fail');
  });
});
