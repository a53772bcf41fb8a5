import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { judge } from '../../../../actions/smoke-test/judge/expect.js';
import { expectSchema } from '../../../../actions/smoke-test/suite/schema/expect-schema.js';
import type { Judging } from '../../../../actions/smoke-test/judge/judging.js';
import { createVault } from '../../../../actions/smoke-test/run/vault.js';
import { factsAs } from '../../../../shared/probes/probe.js';
import type { Observation } from '../../../../shared/probes/registry.js';
import { serveRecording, type RecordingServer } from '../../../support/servers/recording.js';
import { serveTcp } from '../../../support/servers/tcp.js';
import { runSuite, suiteOf } from '../run-suite.js';

/** Longer than what is left of it before any of the cuts, and without a part that occurs in it twice. */
const secret = 'Zx9-first-Kq7-second-Wm5-third-Rt3-fourth-Yp1-fifth-Hn8-sixth';
/** What a cut would leave of it. */
const beginning = secret.slice(0, 6);
/** Texts before it, such that a cut after 40, 300 or 65,536 characters falls into it. */
const paddings = [20, 36, 250, 280, 293].map((length) => 'a'.repeat(length));

let server: RecordingServer;
beforeAll(async () => {
  server = await serveRecording();
});
afterAll(() => server.close());

/** What is written of a run in which a step fails, with the secret known. */
async function writtenOf(suite: string, given: Record<string, string> = {}, files = {}) {
  const run = await runSuite(
    suite,
    { 'base-url': server.url, secrets: `KEY=${secret}`, ...given },
    { RUNNER_DEBUG: '1' },
    undefined,
    files,
  );
  expect(run.report?.result).toBe('fail');
  return run.everything;
}

describe('a secret across the place where a text is cut does not show its beginning', () => {
  const failing: [string, string][] = [
    ['a status', '{ status: 404 }'],
    ['a body that is another', '{ body: { equals: "x" } }'],
    ['a body without a text', '{ body: { contains: "missing" } }'],
    ['a body with a text', '{ body: { not-contains: "a" } }'],
    ['a body that matches', '{ not: { body: { matches: "a" } } }'],
    ['a header', '{ headers: { x-echo: { equals: "x" } } }'],
    ['a header that is sent several times', '{ headers: { x-many: { contains: "b" } } }'],
    ['a cookie', '{ cookies: { seen: { equals: "x" } } }'],
    ['a JSON value', '{ json: [{ path: $.text, equals: x }] }'],
    ['a list of JSON values', '{ json: [{ path: "$..*", count: 0 }] }'],
    ['a JSON Schema', '{ json-schema: { schema: { type: array } } }'],
  ];
  test.each(failing)('%s', async (_, expectation) => {
    for (const padding of paddings) {
      const text = `${padding}${secret}`;
      server.answer = (_asked, response) => {
        response.setHeader('x-echo', text);
        response.setHeader('x-many', ['b', text]);
        response.setHeader('set-cookie', `seen=${text}`);
        response.end(JSON.stringify({ text, list: [text] }));
      };
      const step = `- { name: look, http: { url: '/?k={{ secrets.KEY }}' }, expect: ${expectation} }`;
      const written = await writtenOf(suiteOf(step), { har: 'true' });
      expect(written).toContain('***');
      expect(written).not.toContain(beginning);
    }
  });

  test.each([
    ['XPath', 'xpath: [{ path: //p, equals: x }]'],
    ['CSS', 'css: [{ selector: p, equals: x }]'],
    ['a list of nodes', 'css: [{ selector: "p, b", count: 0 }]'],
    ['markup that cannot be read', 'xpath: [{ path: //p, equals: x }]'],
  ])('%s', async (what, expectation) => {
    for (const padding of paddings) {
      server.answer = (_asked, response) => {
        response.setHeader('content-type', what.startsWith('markup') ? 'text/xml' : 'text/html');
        response.end(`<b>b</b><p>${padding}${secret}</p>`);
      };
      const step = `- { name: look, http: { url: / }, expect: { ${expectation} } }`;
      expect(await writtenOf(suiteOf(step))).not.toContain(beginning);
    }
  });

  test('errors of GraphQL', async () => {
    for (const padding of paddings) {
      server.answer = (_asked, response) =>
        response.end(JSON.stringify({ errors: [{ message: `${padding}${secret}` }] }));
      const step = `- { name: ask, http: { url: /, graphql: { query: '{ a }' } }, expect: { status: 200 } }`;
      expect(await writtenOf(suiteOf(step))).not.toContain(beginning);
    }
  });

  test('a body in a HAR file', async () => {
    server.answer = (_asked, response) =>
      response.writeHead(500).end(`${'a'.repeat(65_510)}${secret}${'b'.repeat(100)}`);
    const step = `- { name: look, http: { url: / }, expect: { status: 200 } }`;
    const written = await writtenOf(suiteOf(step), { har: 'true' });
    expect(written.includes('cut; the whole has')).toBe(true);
    expect(written).not.toContain(beginning);
  });

  test('what a TCP server says, and what a command prints', async () => {
    for (const padding of paddings) {
      const tcp = await serveTcp((socket) => void socket.end(`${padding}${secret}\n`));
      try {
        const steps = `
- { name: banner, tcp: { address: '${tcp.address}', read: line }, expect: { body: { equals: x } } }`;
        const commands = `
- { name: out, command: { run: [echo, '${padding}{{ secrets.KEY }}'] }, expect: { exit: 3 } }
- { name: err, command: { run: [sh, -c, 'echo ${padding}$KEY >&2'], env: { KEY: '{{ secrets.KEY }}' } }, expect: { stderr: { equals: x } } }`;
        expect(await writtenOf(suiteOf(steps))).not.toContain(beginning);
        for (const command of commands.trim().split('\n'))
          expect(await writtenOf(suiteOf(command))).not.toContain(beginning);
      } finally {
        await tcp.close();
      }
    }
  });

  test.each(['rows.csv', 'rows.json', 'inline'])('the label of a row in %s', async (kind) => {
    server.answer = (_asked, response) => response.writeHead(500).end();
    for (const padding of ['', 'a '.repeat(10), 'a'.repeat(36)]) {
      const text = `${padding}${secret}`;
      const files = {
        'rows.csv': `text\n"${text}"\n`,
        'rows.json': JSON.stringify([{ text: { in: text } }]),
      };
      const rows = kind === 'inline' ? `{ inline: [{ text: '${text}' }] }` : `{ file: ${kind} }`;
      const suite = `version: 1
flows:
  - name: data
    rows: ${rows}
    steps: [{ name: look, http: { url: '/?k={{ secrets.KEY }}' }, expect: { status: 200 } }]
`;
      const written = await writtenOf(suite, { har: 'true' }, files);
      expect(written).toContain('data [1: ');
      expect(written).not.toContain(beginning);
    }
  });

  test('facts of other probes', () => {
    for (const padding of paddings) {
      const text = `${padding}${secret}`;
      const vault = createVault(() => undefined);
      vault.remember(secret);
      const judging = { lookup: () => undefined, excerpt: vault.excerpt } as unknown as Judging;
      const seen: [object, object][] = [
        [
          { dns: { equals: ['x'] } },
          { probe: 'dns', question: 'TXT a', records: [`"${text}"`], reason: '', ...factsAs([text]) },
        ],
        [
          { sql: { value: 'x' } },
          { probe: 'sql', columns: ['a'], rows: [{ a: text }], ...factsAs([{ a: text }]) },
        ],
        [{ sql: { rows: 2 } }, { probe: 'sql', columns: ['a'], rows: [{ a: text }], ...factsAs([]) }],
        [
          { tls: { issuer: { equals: 'x' }, protocol: ['TLSv1.3'] } },
          { probe: 'tls', issuer: text, protocol: text, ...factsAs([]) },
        ],
        [{ connects: true }, { probe: 'tcp', connected: false, detail: text, ...factsAs([]) }],
      ];
      for (const [expectation, observation] of seen) {
        const findings = judge(
          expectSchema.parse(expectation),
          { durationMs: 1, ...observation } as Observation,
          judging,
        );
        expect(findings).not.toEqual([]);
        expect(JSON.stringify(findings)).not.toContain(beginning);
      }
    }
  });

  test('an input that is refused', async () => {
    const text = `FIRST=1\nBAD LINE\n${'A'.repeat(60)}=${secret}`;
    const { runner, everything } = await runSuite(suiteOf('- {}'), { variables: text });
    expect(runner.failure).toContain('BAD LINE');
    expect(everything).not.toContain(beginning);
  });
});

describe('a password in an address is not shown', () => {
  const password = 'Zx9-passw0rd';
  const address = (host: string) => `http://shop:${password}@${host}`;
  test.each<[string, Record<string, string>, string]>([
    ['of the deployment', { 'base-url': 'SERVER' }, 'http: { url: /a }'],
    ['of a request', {}, 'http: { url: SERVER/a }'],
    [
      'of the deployment that is none',
      { 'base-url': `https://shop:${password}@shop.test/?q` },
      'http: { url: /a }',
    ],
    [
      'of the deployment, cut by a slash',
      { 'base-url': `https://shop:a/${password}@h` },
      'http: { url: /a }',
    ],
    ['of the deployment, badly encoded', { 'base-url': `http://shop:${password}%zz@h` }, 'http: { url: /a }'],
    ['of a request that is none', {}, `http: { url: 'htp://shop:${password}@h/' }`],
    [
      'of a proxy, badly encoded',
      { proxy: `http://shop:${password}%zz@127.0.0.1:1` },
      'http: { url: SERVER/a }',
    ],
    ['of a health check', {}, `grpc: { url: 'http://shop:${password}@127.0.0.1:1' }`],
    ['of a health check that is none', {}, `grpc: { url: 'htp://shop:${password}@127.0.0.1:1' }`],
    ['of a port', {}, `tcp: { address: 'redis://:${password}@127.0.0.1:1' }`],
    ['of a certificate', {}, `tls: { address: 'https://shop:${password}@127.0.0.1' }`],
    ['of a database', {}, `sql: { url: 'postgres://shop:${password}@127.0.0.1:1/shop', query: q }`],
    ['of a database, badly encoded', {}, `sql: { url: 'postgres://shop:${password}%zz@h/d', query: q }`],
    ['of a database, cut by a slash', {}, `sql: { url: 'mysql://shop:1/${password}@h/d', query: q }`],
    [
      'of a database, cut by a slash after an @',
      {},
      `sql: { url: 'mysql://shop:a@b/${password}@h/d', query: q }`,
    ],
    ['of a database, cut by a #', {}, `sql: { url: 'mysql://shop:1#${password}@h/d', query: q }`],
    ['of a database of another kind', {}, `sql: { url: 'mongodb://shop:${password}@h/d', query: q }`],
  ])('%s', async (_, given, probe) => {
    server.answer = ({ headers }, response) => response.writeHead(500).end(headers.authorization);
    const here = address(new URL(server.url).host);
    const filled = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name, value.replace('SERVER', here)]),
    );
    const expectation = probe.startsWith('sql')
      ? '{ sql: { rows: 1 } }'
      : probe.startsWith('tls')
        ? '{ tls: { name: a } }'
        : '{ latency: < 5s }';
    const step = `- { name: look, ${probe.replace('SERVER', here)}, expect: ${expectation} }`;
    const { everything, ok } = await runSuite(suiteOf(step), filled);
    expect(ok).toBe(false);
    expect(everything).not.toContain(password);
    expect(everything).not.toContain(Buffer.from(`shop:${password}`).toString('base64'));
  });
});
