import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { runSuite } from '../run-suite.js';
import { openShop, type Asked, type Shop } from '../shop.js';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

/** Tokens of the tenants; each makes notes under /notes and reads them there. */
const tokens = { acme: 'acme-token-1', globex: 'globex-token-2', initech: 'initech-token-3' };
const secrets = Object.entries(tokens)
  .map(([name, token]) => `${name.toUpperCase()}=${token}`)
  .join('\n');

/**
 * Answers as an application with tenants; `mayRead` decides who gets whose notes, `refuse` how the others are answered.
 */
function tenantApp(
  mayRead: (asking: string, owner: string) => boolean,
  refuse: (response: ServerResponse) => void = (response) => response.writeHead(404).end(),
) {
  return ({ method, url, headers }: Asked, response: ServerResponse) => {
    const token = String(headers.authorization ?? '').replace('Bearer ', '');
    const asking = Object.entries(tokens).find(([, known]) => known === token)?.[0];
    if (!asking) return void response.writeHead(401).end();
    if (method === 'POST') return void response.writeHead(201).end(`{"id":"note-${asking}"}`);
    const owner = /^\/notes\/note-(\w+)$/.exec(url)?.[1];
    if (!owner) return void response.writeHead(404).end();
    if (!mayRead(asking, owner)) return refuse(response);
    response.end(`{"id":"note-${owner}"}`);
  };
}

beforeEach(() => {
  shop.reset();
  shop.answer = tenantApp((asking, owner) => asking === owner);
});

const suite = (others: string, more = '') => `version: 1
tenants:
  acme: { token: "{{ secrets.ACME }}" }
  globex: { token: "{{ secrets.GLOBEX }}" }
  initech: { token: "{{ secrets.INITECH }}" }
isolation:
  own:
    - name: make
      http: { method: POST, url: /notes, headers: { authorization: "Bearer {{ tenant.token }}" } }
      expect: { status: 201 }
      capture: { id: { json: $.id } }
  others:
    - name: read
${others.trim().replace(/^/gm, '      ')}
  after:
    - name: remove
      http: { method: DELETE, url: "/notes/{{ id }}", headers: { authorization: "Bearer {{ tenant.token }}" } }
      expect: { status: 200 }
${more}`;
const read = `
http: { url: "/notes/{{ other.id }}", headers: { authorization: "Bearer {{ tenant.token }}" } }
expect: { status-in: [403, 404] }`;
const run = (text: string) => runSuite(text, { 'base-url': shop.url, secrets });

describe('isolation', () => {
  test('held when every tenant sees its own and is refused what every other has', async () => {
    const { report, runner, ok } = await run(suite(read));
    expect(report!.failures).toEqual([]);
    expect(ok).toBe(true);
    expect(report!.isolation).toMatchObject({ result: 'held', tenants: ['acme', 'globex', 'initech'] });
    const pairs = report!.isolation!.checks.map(
      ({ tenant, other, result }) => `${tenant} ${other} ${result}`,
    );
    expect(pairs.sort()).toEqual(
      Object.keys(tokens)
        .flatMap((tenant) => Object.keys(tokens).map((other) => `${tenant} ${other} held`))
        .sort(),
    );
    expect(runner.outputs.get('isolation')).toBe('held');
    expect(shop.lines().filter((line) => line.startsWith('DELETE'))).toHaveLength(3);
  });

  test('broken when one tenant gets what another has, with the evidence', async () => {
    shop.answer = tenantApp((asking, owner) => asking === owner || (asking === 'globex' && owner === 'acme'));
    const { report, runner, ok, everything } = await run(suite(read));
    expect(ok).toBe(false);
    expect(runner.outputs.get('isolation')).toBe('broken');
    expect(report!.isolation!.checks.filter(({ result }) => result !== 'held')).toEqual([
      {
        tenant: 'globex',
        other: 'acme',
        step: 'read',
        request: `GET ${shop.url}/notes/note-acme`,
        status: 200,
        result: 'broken',
        evidence: 'status: expected 403 or 404, got 200: {"id":"note-acme"}',
      },
    ]);
    expect(runner.summary).toContain('Isolation of tenants is broken');
    expect(runner.annotations[0]).toMatchObject({ file: 'smoke.yml', line: 15 });
    expect(everything).not.toMatch(/-token-\d/);
  });

  test('broken is never tolerated by a budget', async () => {
    shop.answer = tenantApp(() => true);
    const { ok, report } = await run(suite(read, 'budgets: { failures: 1000 }\n'));
    expect([ok, report!.isolation!.result]).toEqual([false, 'broken']);
  });

  test('broken when a list of one tenant has in it what another made', async () => {
    shop.answer = ({ method, headers }, response) => {
      const name = /(\w+)-token/.exec(String(headers.authorization))![1]!;
      if (method === 'POST') response.writeHead(201).end(`{"id":"note-${name}"}`);
      else
        response
          .writeHead(name === 'initech' ? 500 : 200)
          .end(`note-${name}${name === 'initech' ? ' note-acme' : ''}`);
    };
    const { report } = await run(
      suite(`
http: { url: /notes, headers: { authorization: "Bearer {{ tenant.token }}" } }
expect: { status-in: [200, 500], body: { not-contains: "{{ other.id }}" } }`),
    );
    const broken = report!.isolation!.checks.filter(({ result }) => result === 'broken');
    expect(broken.map(({ tenant, other }) => `${tenant} ${other}`)).toEqual(['initech acme']);
  });

  test.each<[expectations: string, body: (owner: string) => string, result: string]>([
    ['json: [{ path: $.id, exists: false }]', (owner) => `{"id":"note-${owner}"}`, 'broken'],
    ['json: [{ path: $.id, count: 0 }]', (owner) => `{"id":"note-${owner}"}`, 'broken'],
    ['json: [{ path: $.id, values: [] }]', (owner) => `{"id":"note-${owner}"}`, 'broken'],
    ['json: [{ path: $.latency, exists: false }]', () => '{"latency":1}', 'broken'],
    ['headers: { x-owner: { exists: false } }', () => '', 'broken'],
    ['css: [{ selector: .latency, exists: false }]', () => '<p class=latency>', 'broken'],
    ['xpath: [{ path: //p, count: 0 }]', () => '<p>', 'broken'],
    ['not: { body: { contains: "{{ other.id }}" } }', (owner) => `no note-${owner}`, 'broken'],
    ['not: { json: [{ path: $.id, exists: true }] }', (owner) => `{"id":"note-${owner}"}`, 'broken'],
    ['json: [{ path: $.error, exists: true }]', () => '{}', 'unproven'],
    ['json: [{ path: $.error, count: 1 }]', () => '{}', 'unproven'],
    ['json: [{ path: $.id, exists: false }]', () => '', 'unproven'],
    ['not: { json: [{ path: $.error, exists: false }] }', () => '{}', 'unproven'],
    ['not: { json: [{ path: $.error, count: 0 }] }', () => '{}', 'unproven'],
    ['not: { body: { not-contains: refused } }', () => 'sorry', 'unproven'],
    ['not: { status: 404 }', () => '', 'unproven'],
    ['not: { latency: "< 1h" }', () => '', 'unproven'],
  ])(
    'of refusals that have to be as { %s } is told by what they have in them',
    async (wanted, body, result) => {
      shop.answer = ({ method, headers, url }, response) => {
        const asking = /(\w+)-token/.exec(String(headers.authorization))![1]!;
        const owner = /note-(\w+)/.exec(url)?.[1] ?? asking;
        if (method === 'POST') response.writeHead(201).end(`{"id":"note-${asking}"}`);
        else if (method === 'DELETE') response.end();
        else
          response
            .writeHead(404, { 'content-type': 'text/html', 'x-owner': owner })
            .end(asking === owner ? '{"id":1}' : body(owner));
      };
      const status = wanted.includes('status') ? '' : 'status: 404, ';
      const { report, ok } = await run(
        suite(read.replace('{ status-in: [403, 404] }', `{ ${status}${wanted} }`)),
      );
      const looks = report!.isolation!.checks.filter(({ tenant, other }) => tenant !== other);
      expect([ok, [...new Set(looks.map((look) => look.result))]]).toEqual([false, [result]]);
    },
  );

  test('is not shown by a wrong address, which refuses the owner too', async () => {
    const { report, runner, ok } = await run(suite(read.replace('/notes/', '/note/')));
    expect(ok).toBe(false);
    expect(report!.isolation!.result).toBe('unproven');
    expect(runner.outputs.get('isolation')).toBe('unproven');
    expect(report!.failures[0]).toMatchObject({
      flow: 'isolation of acme, seen by itself',
      check: 'isolation',
      got: 'the same (status 404)',
    });
  });

  test.each<[string, (response: ServerResponse) => void]>([
    ['an error of the server', (response) => response.writeHead(500).end()],
    ['a redirect to a login page', (response) => response.writeHead(302, { location: '/login' }).end()],
    ['no answer', (response) => response.destroy()],
  ])('is not shown by %s, and that is no leak either', async (_, refuse) => {
    shop.answer = tenantApp((asking, owner) => asking === owner, refuse);
    const { report, ok } = await run(suite(read));
    expect([ok, report!.isolation!.result]).toEqual([false, 'unproven']);
  });

  test('is not shown when a tenant could not make anything', async () => {
    const app = shop.answer;
    shop.answer = (asked, response) =>
      String(asked.headers.authorization).includes('globex')
        ? void response.writeHead(500).end()
        : app(asked, response);
    const { report } = await run(suite(read));
    expect(report!.isolation!.result).toBe('unproven');
    const left = report!.isolation!.checks.filter(({ tenant, other }) => [tenant, other].includes('globex'));
    expect(left).toHaveLength(5);
    expect(left[0]).toMatchObject({
      result: 'unproven',
      evidence: expect.stringMatching(/^globex has nothing of its own/),
    });
    expect(report!.isolation!.checks.filter(({ result }) => result === 'held')).toHaveLength(4);
  });

  test('keeps the cookies of each tenant for its looks at others', async () => {
    shop.answer = ({ method, headers }, response) => {
      const name = /(\w+)-token/.exec(String(headers.authorization ?? headers.cookie))?.[1];
      if (method === 'POST')
        return void response.writeHead(201, { 'set-cookie': `s=${name}-token` }).end(`{"id":"${name}"}`);
      response.writeHead(name === undefined ? 401 : 200).end(name);
    };
    const { report } = await run(
      suite(`
http: { url: "/notes?{{ other.id }}" }
expect: { body: { not-contains: "{{ other.id }}" } }`),
    );
    expect(report!.isolation!.result).toBe('held');
  });

  test.each<[string, string, RegExp]>([
    ['no reference to the other', read.replace('{{ other.id }}', '1'), /without \{\{ other\.NAME \}\}/],
    ['until', `${read}\nuntil: { within: 5s }`, /would hide a leak/],
    ['a retry of what was expected', `${read}\nretry: { times: 2 }`, /on: \[network\]/],
    ['a capture', `${read}\ncapture: { x: { header: a } }`, /no capture here/],
    [
      'a name that nobody captured',
      read.replace('other.id', 'other.no'),
      /\{\{ other\.no \}\}, which has no value/,
    ],
  ])('steps with %s are refused', async (_, others, message) => {
    const { report, runner } = await run(suite(others));
    expect(report).toBeUndefined();
    expect(runner.failure).toMatch(message);
    expect(shop.asked).toEqual([]);
  });

  test('of one tenant, or of tenants with different values, is refused', async () => {
    const one = suite(read).replace(/ {2}globex.*\n {2}initech.*\n/, '');
    expect((await run(one)).runner.failure).toMatch(/two tenants or more/);
    const odd = suite(read).replace('globex: { token:', 'globex: { tokn:');
    expect((await run(odd)).runner.failure).toMatch(/globex without token/);
  });
});

test('the example of the docs is a suite that holds against an application that keeps tenants apart', async () => {
  const docs = await readFile('docs/smoke-suite.md', 'utf8');
  const example = /```yaml\n(tenants:\n.*?)```/s.exec(docs)![1]!;
  const notes = new Map<string, string>();
  shop.answer = ({ method, url, headers }, response) => {
    const owner = Object.entries(tokens).find(([, token]) => headers.authorization === `Bearer ${token}`)![0];
    const id = `note-of-${owner}`;
    if (method === 'POST')
      return void response.writeHead(201).end(JSON.stringify({ id: notes.set(id, owner) && id }));
    if (method === 'DELETE') return void response.writeHead(notes.delete(id) ? 204 : 404).end();
    if (url === '/notes') return void response.end(notes.get(id) === owner ? id : '');
    response.writeHead(url === `/notes/${id}` && notes.has(id) ? 200 : 404).end();
  };
  const { report } = await runSuite(`version: 1\n${example}`, {
    'base-url': shop.url,
    secrets: `ACME_TOKEN=${tokens.acme}\nGLOBEX_TOKEN=${tokens.globex}`,
  });
  expect(report!.failures).toEqual([]);
  expect(report!.isolation!.result).toBe('held');
  expect(notes.size).toBe(0);
});

describe('a flow for each tenant', () => {
  test('runs with the values of each', async () => {
    const { report } = await run(
      `version: 1
tenants: { acme: { token: "{{ secrets.ACME }}" }, globex: { token: "{{ secrets.GLOBEX }}" } }
flows:
  - name: make
    each-tenant: true
    steps:
      - name: make
        http: { method: POST, url: "/notes?{{ tenant.name }}", headers: { authorization: "Bearer {{ tenant.token }}" } }
        expect: { status: 201, json: [{ path: $.id, equals: "note-{{ tenant.name }}" }] }
`,
    );
    expect(report!.flows.map(({ name, tenant, result }) => [name, tenant, result])).toEqual([
      ['make (acme)', 'acme', 'passed'],
      ['make (globex)', 'globex', 'passed'],
    ]);
    expect(report!.isolation).toBeNull();
  });

  test('is refused without tenants, and tenants that nothing uses are too', async () => {
    const flow = (more: string) =>
      `version: 1\nflows:\n  - { name: a, ${more}steps: [{ name: s, http: { url: / }, expect: { status: 200 } }] }\n`;
    expect((await run(flow('each-tenant: true, '))).runner.failure).toMatch(/each-tenant without tenants/);
    const unused = `${flow('')}tenants: { a: { x: "1" }, b: { x: "2" } }\n`;
    expect((await run(unused)).runner.failure).toMatch(/tenants that nothing uses/);
  });
});
