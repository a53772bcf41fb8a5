import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { serve, type TestServer } from '../../../support/servers/http.js';
import { runSuite, suiteOf } from '../run-suite.js';

interface Asked {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

let server: TestServer;
let asked: Asked[];
let answer: (request: Asked, response: ServerResponse) => void;

beforeAll(async () => {
  server = await serve(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { method = '', url = '', headers } = request;
    const all = { method, url, headers, body };
    asked.push(all);
    answer(all, response);
  });
});
afterAll(() => server.close());
beforeEach(() => {
  asked = [];
  answer = (_, response) => response.end('{}');
});

const run = (suite: string, given: Record<string, string> = {}, env: Record<string, string> = {}) =>
  runSuite(suite, { 'base-url': server.url, ...given }, env);

describe('a flow', () => {
  test('of a whole purchase hands captured values from step to step, with their types', async () => {
    answer = ({ url, headers, body }, response) => {
      response.setHeader('x-app-version', '1.4.2');
      if (url === '/api/register') return response.writeHead(201).end(body);
      if (url === '/api/login') return response.end('{"token":"t-99887766"}');
      if (headers.authorization !== 'Bearer t-99887766') return response.writeHead(401).end();
      if (url === '/api/orders')
        return response.writeHead(201, { location: '/api/orders/17' }).end('{"id":17,"items":[{"sku":"a"}]}');
      return response.end(`<p>order no. 17</p><footer>version 1.4.2</footer>`);
    };
    const { ok, report, everything } = await run(
      suiteOf(`
- name: register
  http: { method: POST, url: /api/register, json: { email: "{{ email }}", name: "{{ buyer }}" } }
  expect:
    status: 201
    headers: { x-app-version: { equals: "{{ version }}" } }
    json:
      - { path: $.email, equals: "{{ email }}" }
- name: login
  http: { method: POST, url: /api/login, json: { email: "{{ email }}", password: "{{ secrets.PASSWORD }}" } }
  expect: { status: 200 }
  capture: { token: { json: $.token, secret: true } }
- name: order
  http: { method: POST, url: /api/orders, headers: { Authorization: "Bearer {{ token }}" }, json: { sku: a } }
  expect: { status: 201, json: [{ path: "$.items[*].sku", contains-value: a, count: 1 }] }
  capture: { id: { json: $.id }, place: { header: location } }
- name: status
  http: { url: "{{ place }}", query: { id: "{{ id }}" }, headers: { Authorization: "Bearer {{ token }}" } }
  expect: { body: { contains: "order no. {{ id }}", matches: "<footer>version {{ version }}</footer>" } }
  capture: { shown: { regex: "version ([\\\\d.]+)" } }
- name: report
  http: { method: PUT, url: /x, headers: { Authorization: "Bearer {{ token }}" }, json: { id: "{{ id }}", text: "no. {{ id }}", v: "{{ shown }}" } }
  expect: { status: 200 }`),
      { 'expect-version': '1.4.2', variables: 'buyer=Ana', secrets: 'PASSWORD=s3cret-pw' },
    );
    expect(report!.failures).toEqual([]);
    expect(ok).toBe(true);
    const [register, login] = asked.map(({ body }) => (body === '' ? undefined : JSON.parse(body)));
    expect(register).toEqual({ email: expect.stringMatching(/^smoke-.*@example\.com$/), name: 'Ana' });
    expect(login).toEqual({ email: register.email, password: 's3cret-pw' });
    expect(asked[3]!.url).toBe('/api/orders/17?id=17');
    expect(JSON.parse(asked[4]!.body)).toEqual({ id: 17, text: 'no. 17', v: '1.4.2' });
    expect(report).toMatchObject({
      version: '1.4.2',
      target: server.url,
      passed: 5,
      p95Ms: expect.any(Number),
    });
    expect(everything).not.toMatch(/t-99887766|s3cret-pw/);
  });

  test('sends forms, queries and texts encoded as their kind asks', async () => {
    await run(
      suiteOf(`
- { name: form, http: { method: POST, url: /f, form: { a: "1 & 2", "k e": "é" } }, expect: { status: 200 } }
- { name: query, http: { url: "/q?x=1", query: { y: "{{ env.PLACE }}" } }, expect: { status: 200 } }
- { name: text, http: { method: POST, url: /t, body: "{{ env.PLACE }}", headers: { content-type: text/csv } }, expect: { status: 200 } }`),
      { environment: 'PLACE' },
      { PLACE: 'a b&c=d' },
    );
    expect(asked[0]).toMatchObject({
      body: 'a=1+%26+2&k+e=%C3%A9',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(asked[1]!.url).toBe('/q?x=1&y=a+b%26c%3Dd');
    expect(asked[2]).toMatchObject({ body: 'a b&c=d', headers: { 'content-type': 'text/csv' } });
  });

  test('joins its paths to a base address that has one, and the input wins over the suite', async () => {
    const suite = `base-url: http://127.0.0.1:9\n${suiteOf('- { name: a, http: { url: /x }, expect: { status: 200 } }')}`;
    const { report } = await run(suite, { 'base-url': `${server.url}/shop/` });
    expect(report).toMatchObject({ result: 'pass', target: `${server.url}/shop/` });
    expect(asked[0]!.url).toBe('/shop/x');
  });
});

describe('clean-up', () => {
  const steps = `
- { name: make, http: { method: POST, url: /things }, expect: { status: 200 }, capture: { id: { header: x-id } } }
- { name: use, http: { url: /use }, expect: { status: 200 } }`;
  const after =
    '- { name: remove, http: { method: DELETE, url: "/things/{{ id }}" }, expect: { status: 200 } }';

  test('runs after a failure too', async () => {
    answer = ({ url }, response) => response.writeHead(url === '/use' ? 500 : 200, { 'x-id': '5' }).end();
    const { report } = await run(suiteOf(steps, after));
    expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /things',
      'GET /use',
      'DELETE /things/5',
    ]);
    expect(report).toMatchObject({ result: 'fail', passed: 2, failed: 1 });
  });

  test('that fails is a failure', async () => {
    answer = ({ method }, response) =>
      response.writeHead(method === 'DELETE' ? 500 : 200, { 'x-id': '5' }).end();
    expect((await run(suiteOf(steps, after))).report).toMatchObject({ result: 'fail', passed: 2, failed: 1 });
  });

  test('of what was never made is not run, and says why', async () => {
    answer = (_, response) => response.writeHead(500).end();
    const { report } = await run(suiteOf(steps, after));
    expect(asked).toHaveLength(1);
    expect(report!.flows[0]!.steps.at(-1)).toMatchObject({
      result: 'not-run',
      reason: '{{ id }} was never captured',
    });
  });

  test('still runs when the limit of the suite was reached, but not when it was interrupted', async () => {
    answer = ({ url }, response) => void (url === '/use' || response.writeHead(200, { 'x-id': '5' }).end());
    const late = await run(suiteOf(steps, after), { timeout: '2s' });
    expect(late.report).toMatchObject({ result: 'fail', passed: 2, failed: 1 });
    expect(asked.at(-1)).toMatchObject({ method: 'DELETE' });
    asked = [];
    const stopped = await runSuite(suiteOf(steps, after), { 'base-url': server.url }, {}, (runner) => {
      answer = ({ url }, response) => {
        if (url === '/use') runner.stop();
        else response.writeHead(200, { 'x-id': '5' }).end();
      };
    });
    expect(stopped.report).toMatchObject({ result: 'error', passed: 1, failed: 1, notRun: 1 });
    expect(asked.at(-1)).toMatchObject({ url: '/use' });
  });
});

describe('flows', () => {
  const flows = (count: number) =>
    `version: 1\nflows:\n${Array.from({ length: count }, (_, i) => `  - { name: f${i}, steps: [{ name: s, http: { url: /${i} }, expect: { status: 200 } }] }`).join('\n')}\n`;

  test('run at the same time, as many as the input says, and are reported in their order', async () => {
    const inFlight: ServerResponse[] = [];
    let most = 0;
    answer = (_, response) => {
      most = Math.max(most, inFlight.push(response));
      if (inFlight.length < 4) return;
      // A fifth would come in the meantime.
      setTimeout(() => inFlight.splice(0).forEach((waiting) => waiting.end()), 50);
    };
    const { report } = await run(flows(12), { concurrency: '4' });
    expect(most).toBe(4);
    expect(report).toMatchObject({ result: 'pass', passed: 12 });
    expect(report!.flows.map(({ name }) => name)).toEqual(Array.from({ length: 12 }, (_, i) => `f${i}`));
  });

  test('go on when another one fails', async () => {
    answer = ({ url }, response) => response.writeHead(url === '/1' ? 500 : 200).end();
    expect((await run(flows(3), { concurrency: '1' })).report).toMatchObject({
      result: 'fail',
      passed: 2,
      failed: 1,
      notRun: 0,
    });
  });

  test('not begun before the limit of the suite are not run, and that is no pass', async () => {
    answer = ({ url }, response) => void (url === '/0' || response.end());
    const { ok, report } = await run(flows(3), { concurrency: '1', timeout: '1s' });
    expect(ok).toBe(false);
    expect(report).toMatchObject({ result: 'fail', passed: 0, failed: 1, notRun: 2 });
    expect(report!.flows[2]!.steps[0]).toMatchObject({
      result: 'not-run',
      reason: 'the limit of 1.0 s was reached',
    });
  });
});

describe('what a person reads', () => {
  const failing = suiteOf(`
- name: front | page
  http: { url: /home }
  expect:
    status: 200
    body:
      contains: welcome`);

  test('a failure has its line in the suite, the request, what was expected and what came', async () => {
    answer = (_, response) => response.writeHead(503).end('down @team <b>');
    const { runner, report } = await run(failing);
    const annotation = runner.annotations.find(({ title }) => title?.endsWith('status'));
    expect(annotation).toMatchObject({ level: 'error', file: 'smoke.yml', line: 8 });
    expect(annotation!.message.split('\n')).toEqual([
      'expected: 200',
      'got: 503: down @team <b>',
      `request: GET ${server.url}/home`,
    ]);
    expect(report!.failures.map(({ line }) => line)).toEqual([8, 10]);
    expect(runner.failure).toMatch(
      /^The smoke test failed: 1 of 1 step failed\. flow › front \| page: status expected 200/,
    );
  });

  test('the summary begins with the verdict and lets nothing of the answer format or mention', async () => {
    answer = (_, response) => response.writeHead(503).end('```\n@team <img src=x>');
    const { runner } = await run(failing);
    expect(runner.summary).toMatch(/^## ❌ Smoke test failed\n/);
    const outside = runner.summary.replace(/^(`{3,})\n[^]*?^\1$/gm, '');
    expect(outside).not.toContain('<img');
    expect(outside).not.toContain('@team');
    expect(outside).toContain('front \\| page');
  });

  test('a pass is said in one line, with what it looked at', async () => {
    answer = (_, response) => response.end('welcome');
    const { runner } = await run(failing);
    expect(runner.summary).toMatch(/^## ✅ Smoke test passed\n/);
    expect(runner.printed.at(-1)).toMatch(/^The smoke test passed: 1 step in 1 flow/);
    expect(Object.fromEntries(runner.outputs)).toMatchObject({
      result: 'pass',
      passed: '1',
      failed: '0',
      'p95-ms': expect.stringMatching(/^\d+$/),
    });
  });
});
