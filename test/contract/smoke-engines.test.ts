import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { writeReleaseTree } from '../../scripts/release-tree.js';
import type { SmokeReport } from '../../shared/contracts/reports/smoke-report.js';
import { createAuthority } from '../support/servers/certificates.js';
import { dnsName, serveDns } from '../support/servers/dns.js';
import { serve } from '../support/servers/http.js';
import { serveHttp2 } from '../support/servers/http2.js';
import { mysqlServer } from '../support/servers/mysql.js';
import { postgresqlServer } from '../support/servers/postgresql.js';
import { runReleased, workflowVariables } from '../support/traffic/released-step.js';
import { serveTcp } from '../support/servers/tcp.js';

/**
 * Every engine that is loaded only when a suite needs it, as users have it: from the bundle, through the release tree.
 */

let root: string;
let places: Record<string, string>;
const closing: (() => Promise<unknown> | void)[] = [];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'smoke-engines-'));
  writeReleaseTree(join(root, 'tree'));
  const authority = createAuthority();
  const identity = authority.issue({ names: ['127.0.0.1'] });
  writeFileSync(join(root, 'ca.pem'), authority.ca);
  const web = await serve((request, response) => {
    const html = request.url === '/page';
    response.writeHead(200, { 'content-type': html ? 'text/html' : 'application/json' });
    response.end(
      html
        ? '<!doctype html><title>Shop</title><ul><li class="p">mug</li><li class="p">cup</li></ul>'
        : JSON.stringify({ id: 7, list: [{ sku: 'mug' }], long: 'a'.repeat(40) }),
    );
  });
  const modern = await serveHttp2((stream, headers) => {
    stream.respond({ ':status': 200 });
    stream.end(`spoken over ${headers[':scheme']} 2`);
  }, identity);
  const health = await serveHttp2((stream) => {
    stream.respond({}, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.from([0, 0, 0, 0, 2, 8, 1]));
  });
  const database = await serveTcp(mysqlServer({ password: 's3cret-pass', knowsHash: true }));
  const postgresql = await serveTcp(postgresqlServer({ password: 's3cret-pass' }));
  const mail = await serveTcp((socket) => void socket.write('220 ready\r\n'));
  const names = await serveDns((name, type) =>
    name === 'www.example.com' && type === 5 ? [{ type, data: dnsName('shop.example.com') }] : 3,
  );
  for (const server of [web, modern, health, database, postgresql, mail, names])
    closing.push(() => server.close());
  places = {
    web: web.url,
    modern: modern.url,
    tls: `127.0.0.1:${modern.port}`,
    health: health.url,
    database: `127.0.0.1:${database.port}`,
    postgresql: `127.0.0.1:${postgresql.port}`,
    mail: mail.address,
    resolver: names.server,
  };
});
afterAll(async () => {
  await Promise.all(closing.map((close) => close()));
  rmSync(root, { recursive: true, force: true });
});

/** Runs one-step flows from the bundle; the report, and what was told. */
async function runFlows(steps: Readonly<Record<string, string>>) {
  const workspace = join(root, 'workspace');
  mkdirSync(workspace, { recursive: true });
  const flows = Object.entries(steps).map(
    ([name, step]) => `  - name: ${name}\n    steps: [{ name: step, ${step} }]\n`,
  );
  writeFileSync(join(workspace, 'smoke.yml'), `version: 1\nflows:\n${flows.join('')}`);
  const ended = await runReleased(join(root, 'tree/dist/smoke-test/index.js'), root, {
    ...workflowVariables(workspace),
    NODE_EXTRA_CA_CERTS: join(root, 'ca.pem'),
    INPUT_SUITE: 'smoke.yml',
    INPUT_VARIABLES: JSON.stringify(
      Object.fromEntries(Object.entries(places).filter(([name]) => flows.join('').includes(`{{ ${name} }}`))),
    ),
    INPUT_SECRETS: 'DB=s3cret-pass',
  });
  const report = JSON.parse(readFileSync(ended.outputs['report']!, 'utf8')) as SmokeReport;
  return { ended, report };
}

const http = (path: string) => `http: { url: '{{ web }}${path}' }`;
const sql = (server: string) =>
  `sql: { url: '${server}/shop', password: '{{ secrets.DB }}', query: SELECT 1, tls: 'off' }`;
const schema = (type: string) =>
  `json-schema: { schema: { type: object, required: [id], properties: { id: { type: ${type} } } } }`;

/** Each engine with an expectation that holds and one that does not. */
const engines: Record<string, [step: string, holds: string, fails: string]> = {
  jsonpath: [
    http('/data'),
    'json: [{ path: \'$.list[?@.sku == "mug"]\', count: 1 }]',
    'json: [{ path: \'$.list[?@.sku == "cup"]\', count: 1 }]',
  ],
  jsonschema: [http('/data'), schema('integer'), schema('string')],
  xpath: [http('/page'), "xpath: [{ path: '//li', count: 2 }]", "xpath: [{ path: '//li', count: 3 }]"],
  css: [
    http('/page'),
    "css: [{ selector: 'li.p:last-child', equals: cup }]",
    "css: [{ selector: 'li.p', count: 1 }]",
  ],
  regex: [http('/data'), 'body: { matches: \'"id":\\d\' }', 'body: { matches: \'"id":\\D\' }'],
  mysql: [sql('mysql://shop@{{ database }}'), 'sql: { value: 42 }', 'sql: { value: 43 }'],
  postgresql: [sql('postgresql://shop@{{ postgresql }}'), 'sql: { value: 42 }', 'sql: { value: 43 }'],
  grpc: ["grpc: { url: '{{ health }}' }", 'serving: SERVING', 'serving: NOT_SERVING'],
  http2: [
    "http: { url: '{{ modern }}/' }",
    'body: { contains: over https 2 }',
    'body: { contains: over http 1 }',
  ],
  tls: ["tls: { address: '{{ tls }}' }", "tls: { expires-in: '> 1h' }", "tls: { expires-in: '> 30d' }"],
  tcp: [
    "tcp: { address: '{{ mail }}', read: line }",
    'body: { contains: ready }',
    'body: { contains: busy }',
  ],
  dns: [
    "dns: { name: www.example.com, type: CNAME, server: '{{ resolver }}' }",
    'dns: { equals: [shop.example.com] }',
    'dns: { equals: [other.example.com] }',
  ],
  command: [
    `command: { run: ['${process.execPath}', -e, 'console.log(1)'] }`,
    'body: { contains: "1" }',
    'body: { contains: "2" }',
  ],
};

describe('every engine works from the bundle', () => {
  test('what holds passes, in one suite', async () => {
    const { ended, report } = await runFlows(
      Object.fromEntries(
        Object.entries(engines).map(([name, [step, holds]]) => [name, `${step}, expect: { ${holds} }`]),
      ),
    );
    expect(report.failures).toEqual([]);
    expect(ended).toMatchObject({ code: 0, stderr: '', outputs: { result: 'pass', passed: '13' } });
  });

  test('and what does not hold fails, for the reason that was asked for and no other', async () => {
    const { ended, report } = await runFlows(
      Object.fromEntries(
        Object.entries(engines).map(([name, [step, , fails]]) => [name, `${step}, expect: { ${fails} }`]),
      ),
    );
    expect(ended).toMatchObject({ code: 1, outputs: { result: 'fail', failed: '13' } });
    expect(report.failures.map(({ flow, kind }) => `${flow} ${kind}`).sort()).toEqual(
      Object.keys(engines)
        .map((name) => `${name} expectation`)
        .sort(),
    );
    expect(ended.stdout.replace(/^::add-mask::.*$/gm, '')).not.toContain('s3cret-pass');
  });

  test('an evaluation that runs away is ended, and the rest of the suite goes on', async () => {
    const { report } = await runFlows({
      pattern: `${http('/data')}, expect: { body: { matches: '(a+)+$' } }`,
      captured: `${http('/data')}, expect: { status: 200 }, capture: { x: { regex: '(a|a)+b' } }`,
      validated: `${http('/data')}, expect: { json-schema: { schema: { properties: { long: { pattern: '^(a+)+b' } } } } }`,
      fine: `${http('/data')}, expect: { status: 200 }`,
    });
    expect(report).toMatchObject({ result: 'fail', passed: 1, failed: 3 });
    for (const { got } of report.failures) expect(got).toMatch(/it was stopped after 250 ms/);
  });
});
