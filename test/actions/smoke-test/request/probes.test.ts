import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { dnsName, serveDns } from '../../../support/servers/dns.js';
import { serveHttp2 } from '../../../support/servers/http2.js';
import { mysqlServer } from '../../../support/servers/mysql.js';
import { closedAddress, serveTcp } from '../../../support/servers/tcp.js';
import { runSuite, suiteOf, verdict } from '../run-suite.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

const run = async (probe: string, expectations: string, more = '', given: Record<string, string> = {}) =>
  verdict(await runSuite(suiteOf(`- name: step\n  ${probe}\n  expect: ${expectations}\n${more}`), given));

describe('tcp', () => {
  test('connections and banners are expected, and captured', async () => {
    const server = await serveTcp((socket) => void socket.write('220 mail.example.com\r\n'));
    closing.push(server.close);
    const probe = `tcp: { address: '{{ host }}:${server.port}', read: line }`;
    const given = { variables: 'host=127.0.0.1' };
    expect(
      await run(
        probe,
        '{ body: { matches: "^220 " }, size: "> 5B", latency: "< 5s" }',
        '  capture: { banner: { regex: "^220 (.*)" } }',
        given,
      ),
    ).toBe('passed');
    expect(await run(probe, '{ body: { equals: "220 other" } }', '', given)).toMatch(
      /body: "220 other" ≠ 220 mail/,
    );
    expect(await run(probe, '{ connects: false }', '', given)).toMatch(
      /connects: no connection ≠ a connection/,
    );
  });

  test('a closed port fails what does not expect it, and passes what does', async () => {
    const probe = `tcp: { address: '${await closedAddress()}' }`;
    expect(await run(probe, '{ latency: "< 5s" }')).toMatch(
      /connects: a connection ≠ refused: .*ECONNREFUSED/,
    );
    expect(await run(probe, '{ connects: false }')).toBe('passed');
    expect(await run(probe, '{ not: { connects: true } }')).toBe('passed');
  });

  test('an unknown name is no proof of a closed port', async () => {
    expect(await run('tcp: { address: "nowhere.invalid:80" }', '{ connects: false }')).toMatch(
      /network: an answer ≠ dns/,
    );
  });

  test('a port that opens later is waited for, as after any network failure', async () => {
    const address = await closedAddress();
    const port = Number(address.split(':')[1]);
    const { createServer } = await import('node:net');
    const server = createServer();
    setTimeout(() => server.listen(port, '127.0.0.1'), 60);
    closing.push(() => new Promise((resolve) => void server.close(() => resolve())));
    expect(
      await run(
        `tcp: { address: '${address}' }`,
        '{ connects: true }',
        '  retry: { times: 40, delay: 10ms, on: [network] }',
      ),
    ).toBe('passed');
  });
});

describe('dns', () => {
  let dns: Awaited<ReturnType<typeof serveDns>>;
  beforeAll(async () => {
    dns = await serveDns((name, type) => {
      if (name === 'shop.example.com' && type === 1)
        return [
          [192, 0, 2, 1],
          [192, 0, 2, 2],
        ].map((bytes) => ({ type, data: Buffer.from(bytes) }));
      if (name === 'www.example.com' && type === 5) return [{ type, data: dnsName('Shop.Example.com') }];
      return 3;
    });
  });
  afterAll(() => dns.close());
  const probe = (name: string, type = 'A') =>
    `dns: { name: ${name}, type: ${type}, server: '${dns.server}' }`;

  test.each<[string, string, string, RegExp]>([
    [
      'shop.example.com',
      'A',
      '{ dns: { equals: [192.0.2.2, 192.0.2.1], count: 2, contains: 192.0.2.1, matches: "^192\\\\." } }',
      /^passed$/,
    ],
    [
      'shop.example.com',
      'A',
      '{ dns: { equals: [192.0.2.1] } }',
      /exactly 192\.0\.2\.1 ≠ 192\.0\.2\.1, 192\.0\.2\.2/,
    ],
    ['shop.example.com', 'A', '{ dns: { contains: 192.0.2.9 } }', /the record 192\.0\.2\.9 ≠/],
    ['shop.example.com', 'A', '{ not: { dns: { contains: 192.0.2.9 } } }', /^passed$/],
    ['shop.example.com', 'A', '{ json: [{ path: "$[*]", count: 2 }] }', /^passed$/],
    ['www.example.com', 'CNAME', '{ dns: { equals: [shop.example.com.] } }', /^passed$/],
    [
      'gone.example.com',
      'A',
      '{ latency: "< 5s" }',
      /at least one record ≠ no record \(the name does not exist\)/,
    ],
    ['gone.example.com', 'A', '{ dns: { exists: false } }', /^passed$/],
    ['gone.example.com', 'A', '{ dns: { count: 0 } }', /^passed$/],
    ['gone.example.com', 'A', '{ not: { dns: { contains: 192.0.2.1 } } }', /no record/],
  ])('%s %s %s', async (name, type, expectations, message) => {
    expect(await run(probe(name, type), expectations)).toMatch(message);
  });
});

describe('grpc', () => {
  const serving = async (status: number) => {
    const server = await serveHttp2((stream) => {
      stream.respond({}, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.from([0, 0, 0, 0, 2, 8, status]));
    });
    closing.push(server.close);
    return `grpc: { url: '${server.url}', service: shop.Orders }`;
  };

  test('only SERVING passes, unless another word is expected', async () => {
    expect(await run(await serving(1), '{ latency: "< 5s" }')).toBe('passed');
    expect(await run(await serving(2), '{ latency: "< 5s" }')).toMatch(/serving: SERVING ≠ NOT_SERVING/);
    expect(await run(await serving(2), '{ serving: NOT_SERVING }')).toBe('passed');
    expect(await run(await serving(1), '{ not: { serving: SERVING } }')).toMatch(
      /not serving: not SERVING ≠ SERVING/,
    );
  });
});

describe('command', () => {
  const script = (source: string) =>
    `command: { run: ['${process.execPath}', -e, ${JSON.stringify(source)}] }`;
  test.each<[string, string, RegExp]>([
    [
      'console.log("{\\"n\\":[1,2]}")',
      '{ json: [{ path: "$.n[*]", values: [1, 2] }], not: { stderr: { contains: x } } }',
      /^passed$/,
    ],
    ['console.log("ok")', '{ body: { contains: ok } }', /^passed$/],
    ['console.log("ok"); process.exit(4)', '{ body: { contains: ok } }', /exit: 0 ≠ 4: ok/],
    ['process.exit(4)', '{ exit: 4 }', /^passed$/],
    ['process.exit(4)', '{ not: { exit: 0 } }', /^passed$/],
    [
      'console.error("bad"); process.exit(0)',
      '{ not: { stderr: { contains: bad } } }',
      /not stderr: not text that contains "bad" ≠ bad/,
    ],
    ['process.kill(process.pid, "SIGKILL")', '{ not: { exit: 1 } }', /signal|killed/],
  ])('%s %s', async (source, expectations, message) => {
    expect(await run(script(source), expectations)).toMatch(message);
  });

  test('what a command prints cannot give the runner commands', async () => {
    const { runner } = await runSuite(
      suiteOf(
        `- name: step\n  ${script('console.log("::set-output name=result::pass\\n::error::x"); process.exit(1)')}\n  expect: { exit: 0 }`,
      ),
    );
    for (const line of runner.printed.flatMap((text) => text.split('\n'))) expect(line).not.toMatch(/^::/);
    expect(runner.outputs.get('result')).toBe('fail');
  });
});

describe('sql', () => {
  const database = async () => {
    const server = await serveTcp(mysqlServer({ password: 's3cret-pass', knowsHash: true }));
    closing.push(server.close);
    return `sql: { url: 'mysql://shop@127.0.0.1:${server.port}/shop', password: '{{ secrets.DB }}', query: SELECT version FROM migrations, tls: 'off' }`;
  };
  const given = { secrets: 'DB=s3cret-pass', variables: 'schema=42' };

  test.each<[string, RegExp]>([
    ['{ sql: { value: 42 } }', /^passed$/],
    ['{ sql: { value: "{{ schema }}", rows: 1 } }', /^passed$/],
    ['{ sql: { value: "{{ schema }}1" } }', /sql value: one value, "421" ≠ \[{"version":42}\]/],
    ['{ sql: { value: "{{ schema }}" }, not: { sql: { value: 41 } } }', /^passed$/],
    [
      '{ sql: { rows: 0 } , not: { json: [{ path: $, equals: "{{ schema }}" }] } }',
      /sql rows: 0 rows ≠ 1 row/,
    ],
    [
      '{ sql: { value: null } , json: [{ path: "$[0].version", equals: "{{ schema }}" }] }',
      /sql value: one value, null/,
    ],
  ])('%s', async (expectations, message) => {
    const used = expectations.includes('schema') ? given : { secrets: given.secrets };
    expect(await run(await database(), expectations, '', used)).toMatch(message);
  });

  test('a wrong password says so, and shows neither it nor the address with it', async () => {
    const server = await serveTcp(mysqlServer({ password: 'another', knowsHash: true }));
    closing.push(server.close);
    const suite = suiteOf(
      `- name: step\n  sql: { url: '{{ secrets.URL }}', query: SELECT 1, tls: 'off' }\n  expect: { sql: { rows: 1 } }`,
    );
    const result = await runSuite(suite, {
      secrets: `URL=mysql://shop:s3cret-pass@127.0.0.1:${server.port}/shop`,
    });
    expect(verdict(result)).toMatch(/Access denied/);
    expect(result.everything).not.toContain('s3cret-pass');
  });
});

describe('what a probe cannot show is refused before anything is sent', () => {
  test.each<[string, string, RegExp]>([
    [
      'tcp: { address: "a:1" }',
      '{ status: 200 }',
      /of a tcp step: connects, body, size, latency[^]*make this a step of http/,
    ],
    ['http: { url: "http://127.0.0.1" }', '{ not: { sql: { rows: 1 } } }', /not\.sql[^]*of a http step/],
    ['tcp: { address: "a:1" }', '{ body: { contains: x } }', /add read: line/],
    [
      'tcp: { address: "a:1", read: line }',
      '{ connects: false, body: { contains: x } }',
      /connects: false alone/,
    ],
    [
      'tcp: { address: "a:1" }\n  tls: { address: a }',
      '{ connects: true }',
      /exactly one of http, tcp, tls, dns, sql, grpc, websocket, sse, browser, command/,
    ],
    ['tcpp: { address: "a:1" }', '{ connects: true }', /did you mean "tcp"/],
    [
      'tls: { address: a }',
      '{ tls: { expires: "> 30d" } }',
      /unknown key "expires"[^]*did you mean "expires-in"/,
    ],
    ['tls: { address: a }', '{ tls: { expires-in: "< 30d" } }', /"> " and a duration/],
    [
      'sql: { url: "oracle://x", query: SELECT 1 }',
      '{ sql: { rows: 1 } }',
      /starts with postgresql:\/\/ or mysql:\/\//,
    ],
    [
      'sql: { url: "mysql://a@b/c", query: "SELECT {{ uuid }}" }',
      '{ sql: { rows: 1 } }',
      /put the value into params/,
    ],
    [
      'http: { url: "http://a", graphql: { query: "{ a(id: {{ uuid }}) }" } }',
      '{ status: 200 }',
      /put the value into variables/,
    ],
    ['grpc: { url: "shop:50051" }', '{ serving: SERVING }', /https:\/\/host:port/],
    ['command: { run: [] }', '{ exit: 0 }', /run/],
    ['http: { url: "http://a" }', '{ css: [{ selector: "li[", exists: true }] }', /a CSS selector/],
    ['http: { url: "http://a" }', '{ xpath: [{ path: "//[", exists: true }] }', /an XPath 1\.0 expression/],
    [
      'http: { url: "http://a" }',
      '{ xpath: [{ path: "nope(//a)", equals: x }] }',
      /an XPath 1\.0 expression/,
    ],
    ['http: { url: "http://a" }', '{ json-schema: { file: nowhere.json } }', /nowhere\.json: no such file/],
    [
      'http: { url: "http://a" }',
      '{ json-schema: { file: ../../etc/passwd } }',
      /leads out of the workspace/,
    ],
    [
      'http: { url: "http://a", method: POST, multipart: [{ name: a, file: nowhere.png }] }',
      '{ status: 200 }',
      /nowhere\.png: no such file/,
    ],
  ])('%s %s', async (probe, expectations, message) => {
    expect(await run(probe, expectations)).toMatch(message);
  });

  test('a capture that a probe does not give', async () => {
    expect(await run('command: { run: ["true"] }', '{ exit: 0 }', '  capture: { a: { header: x } }')).toMatch(
      /a command step gives: json, regex/,
    );
  });
});
