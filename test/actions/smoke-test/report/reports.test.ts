import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { junitOf } from '../../../../actions/smoke-test/report/junit.js';
import { render } from '../../../../actions/smoke-test/render.js';
import type { SmokeFlow, SmokeReport } from '../../../../shared/contracts/reports/smoke-report.js';
import { fitSummary } from '../../../../shared/report/limits.js';
import { runSuite, suiteOf } from '../run-suite.js';
import { openShop, type Shop } from '../shop.js';
import { cpuMs } from '../../../support/cpu-time.js';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());
beforeEach(() => shop.reset());

const secret = 'p&ss w"rd/<1>';
const run = (suite: string, given: Record<string, string> = {}) =>
  runSuite(suite, { 'base-url': shop.url, secrets: `PASSWORD=${secret}`, ...given });

const failing = suiteOf(
  `
- { name: log in, http: { method: POST, url: /login, headers: { authorization: "Basic {{ secrets.PASSWORD }}" }, json: { password: "{{ secrets.PASSWORD }}" } }, expect: { status: 200 }, capture: { token: { json: $.token, secret: true } } }
- { name: '<home> & "more"', http: { url: "/home/{{ secrets.PASSWORD }}", query: { t: "{{ token }}" } }, expect: { status: 200, body: { contains: welcome } } }
- { name: later, http: { url: /later }, expect: { status: 200 } }`,
);

function failHome(): void {
  shop.answer = ({ url, body }, response) => {
    if (url === '/login')
      return response.setHeader('set-cookie', 'sid=c00kie-value').end('{"token":"t-5566-7788"}');
    response.writeHead(500, { 'x-echo': encodeURIComponent(secret), 'content-type': 'text/html' });
    response.end(`\u0000 bad ]]> ${secret} t-5566-7788 ${body}`);
  };
}

/** What a parser would see: elements with their attributes, entities read. */
function elements(xml: string): { name: string; attributes: Record<string, string>; text: string }[] {
  const read = (text: string) =>
    text.replace(/&(lt|gt|quot|amp|#\d+);/g, (_, entity: string) =>
      entity.startsWith('#')
        ? String.fromCharCode(Number(entity.slice(1)))
        : { lt: '<', gt: '>', quot: '"', amp: '&' }[entity]!,
    );
  return [...xml.matchAll(/<(\w+)((?: [\w-]+="[^"<]*")*)(?:\/>|>([^<]*))/g)].map(
    ([, name, attributes, text]) => ({
      name: name!,
      attributes: Object.fromEntries(
        [...attributes!.matchAll(/ ([\w-]+)="([^"]*)"/g)].map(([, key, value]) => [key, read(value!)]),
      ),
      text: read(text ?? ''),
    }),
  );
}

describe('JUnit', () => {
  test('has a case for each step: passed, failed with why and where, and skipped for what was not run', async () => {
    failHome();
    const { runner } = await run(failing);
    const xml = runner.files.get(runner.outputs.get('junit')!)!;
    const [root, flow, passed, failed, failure, left, skipped] = elements(xml);
    expect(root).toMatchObject({
      name: 'testsuites',
      attributes: { tests: '3', failures: '1', skipped: '1' },
    });
    expect(flow).toMatchObject({
      name: 'testsuite',
      attributes: { name: 'flow', tests: '3', failures: '1', file: 'smoke.yml' },
    });
    expect(passed).toMatchObject({ name: 'testcase', attributes: { name: 'log in', classname: 'flow' } });
    expect(failed).toMatchObject({ attributes: { name: '<home> & "more"', line: '6' } });
    expect(failure).toMatchObject({ name: 'failure', attributes: { type: 'status' } });
    expect(failure!.text).toMatch(
      /^request: GET .*\ncheck: status\nwritten: { status: 200, .*\nexpected: 200\ngot: 500: /,
    );
    expect(failure!.text).toContain('at smoke.yml:6');
    expect(left).toMatchObject({ attributes: { name: 'later' } });
    expect(skipped).toMatchObject({
      name: 'skipped',
      attributes: { message: 'the step "<home> & "more"" before it failed' },
    });
    expect(xml).not.toMatch(/[\u0000-\u0008]/);
    expect(xml).not.toMatch(/t-5566-7788|p&amp;ss w|p&ss/);
  });

  test('is well formed for a pass, and counts nothing twice', async () => {
    const { runner } = await run(suiteOf('- { name: a, http: { url: / }, expect: { status: 200 } }'), {
      secrets: '',
    });
    const xml = runner.files.get(runner.outputs.get('junit')!)!;
    expect(elements(xml).map(({ name }) => name)).toEqual(['testsuites', 'testsuite', 'testcase']);
    expect(xml.match(/<testsuite /g)).toHaveLength(1);
    expect(xml.trimEnd()).toMatch(/<\/testsuites>$/);
  });
});

describe('HAR', () => {
  test('is written only when asked for', async () => {
    failHome();
    expect((await run(failing)).runner.outputs.get('har')).toBeUndefined();
  });

  test('has the exchanges of failed steps, without secrets, credentials and cookies', async () => {
    failHome();
    const { runner, everything } = await run(failing, { har: 'true' });
    const { log } = JSON.parse(runner.files.get(runner.outputs.get('har')!)!);
    expect(log).toMatchObject({
      version: '1.2',
      entries: [{ request: { method: 'GET' }, response: { status: 500 } }],
    });
    const [entry] = log.entries;
    expect(entry.request.url).toBe(`${shop.url}/home/***?t=***`);
    expect(entry.response.headers).toContainEqual({ name: 'x-echo', value: '***' });
    expect(entry.response.content.text).toBe('\u0000 bad ]]> *** *** ');
    expect(entry.comment).toMatch(/^flow › <home> & "more"\nstatus: expected 200/);
    expect(everything).not.toMatch(/t-5566-7788|p&ss|p%26ss|c00kie-value/);
  });

  test('shows what was sent when nothing came, credentials blanked', async () => {
    shop.answer = (_, response) => response.destroy();
    const { runner } = await run(failing, { har: 'true' });
    const [entry] = JSON.parse(runner.files.get(runner.outputs.get('har')!)!).log.entries;
    expect(entry.request.headers).toContainEqual({ name: 'authorization', value: '***' });
    expect(entry.request.postData).toEqual({ mimeType: 'application/json', text: '{"password":"***"}' });
    expect(entry.response.status).toBe(0);
  });

  test('cuts long bodies after secrets were taken out, so that none is cut in two', async () => {
    const long = 'x'.repeat(65_536 - 7);
    shop.answer = (_, response) => response.writeHead(500).end(`${long}${secret}`);
    const { runner } = await run(failing, { har: 'true' });
    const [entry] = JSON.parse(runner.files.get(runner.outputs.get('har')!)!).log.entries;
    expect(entry.response.content.text).toBe(`${long}***`);
  });
});

describe('the summary', () => {
  const flow = (index: number, result: SmokeFlow['result']): SmokeFlow => ({
    name: `flow ${index}`,
    file: 'smoke.yml',
    result,
    durationMs: 1,
    steps: [
      { name: 's', phase: 'test', result, request: 'GET http://127.0.0.1/', durationMs: 1, attempts: [] },
    ],
  });
  const big: SmokeReport = {
    schema: 'devops-actions/smoke-report@1',
    result: 'fail',
    message: 'many',
    suite: { name: 'shop', file: 'smoke.yml' },
    target: null,
    version: null,
    startedAt: '2026-01-31T12:00:00.000Z',
    durationMs: 1,
    passed: 9_999,
    failed: 1,
    notRun: 0,
    p95Ms: 9,
    latency: { answers: 10_000, p50Ms: 5, p95Ms: 9, p99Ms: 10, maxMs: 2_000 },
    seed: 'abc1234',
    budgets: [{ metric: 'p95', flow: null, limit: 8, got: 9, held: false }],
    isolation: null,
    flows: Array.from({ length: 10_000 }, (_, i) => flow(i, i === 9_000 ? 'failed' : 'passed')),
    failures: [],
  };

  test('of ten thousand flows stays small enough to be shown, the failed one in it', () => {
    const text = render(big);
    expect(fitSummary(text)).toBe(`${text}\n`);
    expect(text).toContain('❌ flow 9000');
    expect(text).toContain('9700 more steps are in the report file.');
  });

  test('has percentiles, budgets and the seed', () => {
    const text = render(big);
    expect(text).toContain('| 10000 | 5 ms | 9 ms | 10 ms | 2.0 s |');
    expect(text).toContain('| ❌ p95 | the suite | &lt; 8 ms | 9 ms |');
    expect(text).toContain('`abc1234`');
  });

  test('and JUnit of ten thousand flows are made in no time', () => {
    const startedAt = cpuMs();
    render(big);
    junitOf(big);
    expect(cpuMs() - startedAt).toBeLessThan(2_000);
  });
});
