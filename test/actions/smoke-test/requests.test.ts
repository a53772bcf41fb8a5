import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { WebSocketServer } from 'ws';
import { createAuthority } from '../../support/servers/certificates.js';
import { serve, type TestServer } from '../../support/servers/http.js';
import { runSuite, suiteOf, verdict } from './run-suite.js';

interface Seen {
  method: string;
  url: string;
  authorization: string | undefined;
  host: string | undefined;
  body: string;
}

const authority = createAuthority();
let server: TestServer;
let secure: TestServer;
let elsewhere: TestServer;
let seen: Seen[];
let failures: number;
beforeAll(async () => {
  const answer: Parameters<typeof serve>[0] = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const body = Buffer.concat(chunks).toString('latin1');
      seen.push({ method, url, authorization: headers.authorization, host: headers.host, body });
      if (url === '/away') return void response.writeHead(302, { location: elsewhere.url }).end();
      response.writeHead(failures-- > 0 ? 503 : 200).end('{}');
    });
  };
  server = await serve(answer);
  elsewhere = await serve(answer);
  secure = await serve(answer, authority.issue({ names: ['shop.test'] }));
});
afterAll(() => Promise.all([server.close(), elsewhere.close(), secure.close()]));
beforeEach(() => {
  seen = [];
  failures = 0;
});

const ask = (
  http: string,
  given: Readonly<Record<string, string>> = {},
  files: Record<string, string> = {},
) =>
  runSuite(
    suiteOf(`- { name: ask, http: { ${http} }, expect: { status: 200 } }`),
    { 'base-url': server.url, ...given },
    {},
    undefined,
    files,
  );

describe('a request', () => {
  test('may have any method but CONNECT', async () => {
    expect(verdict(await ask('method: PURGE, url: /x'))).toBe('passed');
    expect(verdict(await ask('method: M-SEARCH, url: /x'))).toBe('passed');
    expect(seen.map(({ method }) => method)).toEqual(['PURGE', 'M-SEARCH']);
    for (const method of ['CONNECT', 'get', '"GET /x"', '""'])
      expect(verdict(await ask(`method: ${method}, url: /x`))).toMatch(/^refused: .*[^]*a method in capital/);
  });

  test('sends a query parameter as often as it is written', async () => {
    const given = { variables: 'tag=b c' };
    expect(verdict(await ask("url: /x, query: { tag: [a, '{{ tag }}'], one: '1' }", given))).toBe('passed');
    expect(seen.map(({ url }) => url)).toEqual(['/x?tag=a&tag=b+c&one=1']);
  });

  test('sends a file as it is, and one that is not there is refused before anything is sent', async () => {
    const http = 'method: PUT, url: /x, body-file: data.bin, headers: { content-type: image/png }';
    expect(verdict(await ask(http, {}, { 'data.bin': '{{ not filled in }}\n' }))).toBe('passed');
    expect(seen.map(({ method, body }) => [method, body])).toEqual([['PUT', '{{ not filled in }}\n']]);
    expect(verdict(await ask(http))).toMatch(/^refused: [^]*data\.bin/);
    expect(verdict(await ask('url: /x, body-file: a, body: b'))).toMatch(/^refused: /);
    expect(seen).toHaveLength(1);
  });

  test('proves who asks with a bearer token, which is masked and goes to the first origin only', async () => {
    const given = { secrets: 'TOKEN=s3cret-token-of-the-shop' };
    const http = "url: /away, redirects: 1, bearer: '{{ secrets.TOKEN }}'";
    const run = await ask(http, given);
    expect(verdict(run)).toBe('passed');
    expect(seen.map(({ authorization }) => authorization)).toEqual([
      'Bearer s3cret-token-of-the-shop',
      undefined,
    ]);
    expect(run.everything).not.toContain('s3cret-token');
  });

  test.each(['bearer: t, headers: { Authorization: x }', 'bearer: t, basic-auth: { user: a, password: b }'])(
    'cannot do so twice: %s',
    async (http) => {
      expect(verdict(await ask(`url: /x, ${http}`))).toMatch(/^refused: /);
    },
  );

  test('whose token has a line break is not sent', async () => {
    expect(verdict(await ask("url: /x, bearer: 'a b'"))).toMatch(/bearer/);
    expect(seen).toEqual([]);
  });
});

describe('a suite', () => {
  const suite = (head: string) =>
    `version: 1\n${head}flows:\n  - name: f\n    steps:\n      - { name: s, http: { url: "https://shop.test:${secure.port}/x" }, expect: { status: 200 } }\n`;
  const files = { 'ca.pem': authority.ca, 'notes.txt': 'no certificate' };
  const run = (head: string) => runSuite(suite(head), {}, {}, undefined, files);

  test('names hosts by addresses of its own and trusts an authority of its own', async () => {
    const known = 'ca: [ca.pem]\nresolve: { shop.test: 127.0.0.1 }\n';
    expect(verdict(await run(known))).toBe('passed');
    expect(seen.map(({ host }) => host)).toEqual([`shop.test:${secure.port}`]);
  });

  test('trusts nobody more than it says', async () => {
    expect(verdict(await run('resolve: { shop.test: 127.0.0.1 }\n'))).toMatch(/tls/);
    expect(verdict(await run('ca: [ca.pem]\n'))).toMatch(/dns/);
  });

  test('never leads to an address that hands out credentials', async () => {
    expect(verdict(await run('ca: [ca.pem]\nresolve: { shop.test: 169.254.169.254 }\n'))).toMatch(
      /forbidden-address/,
    );
  });

  test.each([
    ['ca: [notes.txt]\n', /notes\.txt: no certificate in PEM form/],
    ['ca: [gone.pem]\n', /gone\.pem/],
    ['ca: [../ca.pem]\n', /leads out of the workspace/],
    ['resolve: { shop.test: localhost }\n', /an IP address/],
    ['resolve: { "shop.test:443": 127.0.0.1 }\n', /a host name/],
    ['resolve: {}\n', /one host/],
  ])('is refused with %j', async (head, why) => {
    expect(verdict(await run(head))).toMatch(why);
    expect(seen).toEqual([]);
  });
});

describe('a step that passes on a retry', () => {
  const again = (policy: string) =>
    runSuite(
      suiteOf(`- { name: ask, http: { url: "${server.url}/x" }, expect: { status: 200 }, ${policy} }`),
    );

  test('is counted as flaky, and said', async () => {
    failures = 1;
    const { report, runner } = await again('retry: { times: 2, delay: 1ms }');
    expect(report).toMatchObject({ result: 'pass', flaky: 1, flows: [{ steps: [{ flaky: true }] }] });
    expect(report?.message).toContain('; 1 only on a retry');
    expect(runner.summary).toContain('2 attempts, flaky');
  });

  test('is not flaky where waiting was the point, or where it passed at once', async () => {
    failures = 1;
    expect((await again('until: { within: 30s, every: 1ms }')).report).toMatchObject({ flaky: 0 });
    expect((await again('retry: { times: 2, delay: 1ms }')).report).toMatchObject({ flaky: 0 });
  });
});

test('a step with a delay waits before it, and its own time begins afterwards', async () => {
  const step = `- { name: s, delay: 300ms, timeout: 10s, http: { url: "${server.url}/x" }, expect: { status: 200 } }`;
  const { report } = await runSuite(suiteOf(step));
  const [flow] = report?.flows ?? [];
  expect(report?.result).toBe('pass');
  expect(flow!.durationMs - flow!.steps[0]!.durationMs).toBeGreaterThanOrEqual(290);
});

describe('a stream below the base address', () => {
  test('is read as events, and a path without a base address is refused', async () => {
    const events = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"n":1}\n\n');
    });
    const step =
      "- { name: s, sse: { url: /stream }, expect: { json: [{ path: '$[0].data.n', equals: 1 }] } }";
    expect(verdict(await runSuite(suiteOf(step), { 'base-url': events.url }))).toBe('passed');
    expect(
      verdict(await runSuite(suiteOf(step.replace('equals: 1', 'equals: 2')), { 'base-url': events.url })),
    ).toMatch(/json \$\[0\]\.data\.n: 2 ≠ 1/);
    expect(verdict(await runSuite(suiteOf(step)))).toMatch(/^refused: [^]*without a base address/);
    await events.close();
  });

  test('is opened as a WebSocket by the scheme of the base address', async () => {
    const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    sockets.on('connection', (socket, request) => {
      socket.on('message', (data) => socket.send(`${request.url} ${String(data)}`));
    });
    await new Promise((resolve) => sockets.once('listening', resolve));
    const { port } = sockets.address() as { port: number };
    const step =
      '- { name: s, websocket: { url: /chat, send: [{ a: 1 }] }, expect: { body: { equals: \'/chat {"a":1}\' } } }';
    const given = { 'base-url': `http://127.0.0.1:${port}` };
    expect(verdict(await runSuite(suiteOf(step), given))).toBe('passed');
    const none = step.replace('send: [{ a: 1 }]', 'messages: 0');
    expect(verdict(await runSuite(suiteOf(none), given))).toMatch(/^refused: [^]*at least 1, since messages/);
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
  });
});
