import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { routes, serveHostile, step, type HostileServer } from '../hostile-server.js';
import { suiteOf, type SuiteRun } from '../run-suite.js';

let server: HostileServer;
beforeAll(async () => {
  server = await serveHostile();
});
afterAll(() => server.close());
beforeEach(() => {
  server.asked = [];
});

const run: HostileServer['run'] = (...given) => server.run(...given);

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
    expect(report!.durationMs).toBeLessThan(5_000);
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
    expect(server.asked[0]).toContain('p%40ss');
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
