import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { serve, type TestServer } from '../../../support/servers/http.js';
import { runSuite, suiteOf } from '../run-suite.js';

let server: TestServer;
let asked = 0;
beforeAll(async () => {
  server = await serve((request, response) => {
    const { authorization = '' } = request.headers;
    if (request.url === '/slow') response.writeHead(++asked < 3 ? 503 : 200).end();
    else if (request.url === '/mine')
      response.writeHead(201).end(JSON.stringify({ id: `n-${authorization}` }));
    else response.writeHead(request.url === `/n-${authorization}` ? 200 : 403).end('note');
  });
});
afterAll(() => server.close());

test('each step is told for debugging as it ends, with its attempts; the log itself has a line for each flow', async () => {
  const steps = `
- { name: wait, http: { url: /slow }, until: { within: 10s, every: 10ms }, expect: { status: 200 } }
- { name: '{{ uuid }} ::error::x', http: { url: / }, expect: { status: 200 } }
- { name: never, http: { url: / }, expect: { status: 200 } }`;
  const { runner } = await runSuite(
    suiteOf(steps, '- { name: tidy, http: { url: / }, expect: { status: 403 } }'),
    {
      'base-url': server.url,
    },
  );
  expect(runner.debugged.map((line) => line.replace(/\d+ ms/, 'N ms'))).toEqual([
    '… flow › wait (attempt 1: 503)',
    '… flow › wait (attempt 2: 503)',
    '✓ flow › wait (200, N ms, 3 attempts)',
    '✗ flow › {{ uuid }} ::error::x (403, N ms)',
    '- flow › never (not run: the step "{{ uuid }} ::error::x" before it failed)',
    '✓ flow › tidy [clean-up] (403, N ms)',
  ]);
  expect(runner.printed.filter((line) => line.includes('flow'))).toHaveLength(1);
});

test('what a look at another tenant came to is told as it was judged: an owner who sees its own has passed', async () => {
  const suite = `version: 1
tenants:
  acme: { token: a }
  globex: { token: g }
isolation:
  own:
    - name: make
      http: { url: /mine, headers: { authorization: '{{ tenant.token }}' } }
      expect: { status: 201 }
      capture: { id: { json: $.id } }
  others:
    - name: read
      http: { url: '/{{ other.id }}', headers: { authorization: '{{ tenant.token }}' } }
      expect: { status: 403 }
`;
  const { ok, runner } = await runSuite(suite, { 'base-url': server.url });
  expect(ok).toBe(true);
  expect(runner.debugged.map((line) => line.replace(/ \(.*/, '')).sort()).toEqual([
    '✓ isolation of acme › make',
    '✓ isolation of acme, seen by globex › read',
    '✓ isolation of acme, seen by itself › read',
    '✓ isolation of globex › make',
    '✓ isolation of globex, seen by acme › read',
    '✓ isolation of globex, seen by itself › read',
  ]);
});
