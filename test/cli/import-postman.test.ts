import { describe, expect, test } from '@jest/globals';
import { serve } from '../support/http-server.js';
import { importAndRun, type Answer } from './import-support.js';
import { runCli, inFolder, testShell } from './terminal.js';
import { dispatch } from '../../cli/dispatch.js';

const info = { name: 'Shop', schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json' };
const testScript = (...exec: string[]) => [{ listen: 'test', script: { exec } }];
const json = (raw: string) => ({ mode: 'raw', raw, options: { raw: { language: 'json' } } });

const shop = (url: string) => ({
  info,
  variable: [
    { key: 'baseUrl', value: url },
    { key: 'token', value: '' },
  ],
  auth: { type: 'bearer', bearer: [{ key: 'token', value: '{{token}}' }] },
  item: [
    {
      name: 'Buy',
      item: [
        {
          name: 'Log in',
          request: {
            auth: { type: 'noauth' },
            method: 'POST',
            url: '{{baseUrl}}/login',
            body: json('{"email": "{{$randomEmail}}"}'),
          },
          event: testScript(
            'const jsonData = pm.response.json();',
            "pm.test('in', function () { pm.response.to.have.status(200); });",
            "pm.environment.set('token', jsonData.token);",
            "pm.environment.set('user', jsonData.user);",
          ),
        },
        {
          name: 'Order',
          request: {
            method: 'POST',
            header: [{ key: 'X-Off', value: '1', disabled: true }],
            url: {
              host: ['{{baseUrl}}'],
              path: ['orders', ':user'],
              variable: [{ key: 'user', value: '{{user}}' }],
            },
            body: json('{"user": "{{user}}"}'),
          },
          event: testScript("pm.test('made', () => pm.response.to.have.status(201));"),
        },
      ],
    },
  ],
});

describe('a Postman collection becomes a suite', () => {
  test('that logs in, keeps the token and orders as the collection did', async () => {
    const seen: string[] = [];
    const server = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? '-'} ${body}`);
        const login = request.url === '/login';
        response.writeHead(login ? 200 : 201).end(JSON.stringify({ token: 'tok-12345', user: 17 }));
      });
    });
    try {
      await inFolder({ 'c.json': JSON.stringify(shop(server.url)) }, async (folder) => {
        const shell = testShell(folder);
        expect(await dispatch(['import', 'postman', 'c.json', '--output', 'smoke.yml'], shell)).toBe(0);
        expect(await dispatch(['smoke', 'smoke.yml'], shell)).toBe(0);
        expect(shell.written.join('\n')).not.toContain('tok-12345');
      });
      expect(seen).toEqual([
        expect.stringMatching(/^POST \/login - \{"email":"smoke-[0-9a-f]+@example\.com"\}$/),
        'POST /orders/17 Bearer tok-12345 {"user": "17"}',
      ]);
    } finally {
      await server.close();
    }
  });

  test('whose values come from the environment file; secret ones are asked for, not written down', async () => {
    const collection = {
      info,
      item: [
        {
          name: 'One',
          request: { url: '{{baseUrl}}/a', header: [{ key: 'X-Key', value: '{{key}}' }] },
          event: testScript('pm.response.to.have.status(200);'),
        },
      ],
    };
    const environment = {
      values: [
        { key: 'baseUrl', value: 'https://shop.example.com' },
        { key: 'key', value: 'hidden-value', type: 'secret' },
      ],
    };
    const files = { 'c.json': JSON.stringify(collection), 'e.json': JSON.stringify(environment) };
    const { code, out, err } = await runCli(
      ['import', 'postman', 'c.json', '--environment', 'e.json'],
      files,
    );
    expect(code).toBe(0);
    expect(out).toMatch(/base-url: https:\/\/shop\.example\.com[^]*\{\{ secrets\.key \}\}/);
    expect(err).toContain('--secret key');
    expect(out + err).not.toContain('hidden-value');
  });
});

const request =
  (...script: string[]) =>
  (url: string) =>
    JSON.stringify({
      info,
      item: [{ name: 'One', request: { url: `${url}/one` }, event: testScript(...script) }],
    });

describe('an assertion keeps its meaning: it passes on what it was written for, and fails on anything else', () => {
  const body = { id: 7, name: 'Ana', tags: ['a', 'b'], none: null, on: true, deep: { 'a-b': [1, 2] } };
  const rows: [string, Answer, Answer][] = [
    ['pm.response.to.have.status(200);', {}, { status: 201 }],
    ['pm.response.to.be.ok;', {}, { status: 204, body: '' }],
    [
      "pm.test('t', () => { pm.expect(pm.response.code).to.be.oneOf([404, 410]); });",
      { status: 404 },
      { status: 200 },
    ],
    ['pm.expect(pm.response.code).to.be.below(300);', {}, { status: 302 }],
    ['pm.response.to.be.json;', { body }, { body: 'no JSON' }],
    ['pm.response.to.have.header("X-A");', { headers: { 'x-a': '1' } }, {}],
    [
      'pm.expect(pm.response.headers.get("X-A")).to.include("1");',
      { headers: { 'x-a': '010' } },
      { headers: { 'x-a': '2' } },
    ],
    [
      'pm.expect(pm.response.text()).to.include("Ana"); pm.expect(pm.response.text()).to.include("id");',
      { body },
      { body: { name: 'Ana' } },
    ],
    ['pm.expect(pm.response.text()).to.not.include("rror");', { body }, { body: 'error' }],
    ['pm.expect(pm.response.json().id).to.equal(7);', { body }, { body: { ...body, id: '7' } }],
    [
      'const answer = pm.response.json(); pm.expect(answer.deep["a-b"][1]).to.eql(2);',
      { body },
      { body: { deep: { 'a-b': [1] } } },
    ],
    [
      'pm.expect(JSON.parse(responseBody).tags).to.eql(["a", "b"]);',
      { body },
      { body: { tags: ['b', 'a'] } },
    ],
    ['pm.expect(pm.response.json().id).to.not.equal(8);', { body }, { body: { id: 8 } }],
    ['pm.expect(pm.response.json().id).to.be.above(6);', { body }, { body: { id: 6 } }],
    ['pm.expect(pm.response.json().id).to.be.at.least(7);', { body }, { body: { id: '9' } }],
    ['pm.expect(pm.response.json().name).to.match(/^A/);', { body }, { body: { name: 'BA' } }],
    ['pm.expect(pm.response.json().name).to.be.a("string");', { body }, { body: { name: 1 } }],
    ['pm.expect(pm.response.json().name).to.include("n");', { body }, { body: { name: 'Eva' } }],
    ['pm.expect(pm.response.json().tags).to.include("b");', { body }, { body: { tags: ['ab'] } }],
    ['pm.expect(pm.response.json().tags).to.include("b");', { body }, { body: { tags: { x: 'b' } } }],
    ['pm.expect(pm.response.json().tags.length).to.equal(2);', { body }, { body: { tags: { x: 1, y: 2 } } }],
    ['pm.expect(pm.response.json().tags).to.have.lengthOf(2);', { body }, { body: { tags: ['a'] } }],
    ['pm.expect(pm.response.json().tags.length).to.be.above(0);', { body }, { body: { tags: [] } }],
    ['pm.expect(pm.response.json().tags).to.not.be.empty;', { body }, { body: { tags: [] } }],
    ['pm.expect(pm.response.json()).to.have.property("none");', { body }, { body: {} }],
    ['pm.expect(pm.response.json()).to.not.have.property("none");', { body: {} }, { body }],
    ['pm.expect(pm.response.json()).to.have.property("id", 7);', { body }, { body: { id: 8 } }],
    ['pm.expect(pm.response.json().id).to.exist;', { body }, { body: { id: null } }],
    ['pm.expect(pm.response.json().none).to.be.null;', { body }, { body: { none: 0 } }],
    ['pm.expect(pm.response.json().on).to.be.true;', { body }, { body: { on: 'true' } }],
    ['pm.expect(pm.response.json().none).to.not.be.undefined;', { body }, { body: {} }],
    ['pm.environment.set("x", pm.response.json().id);', { body }, { body: {} }],
  ];
  test.each(rows)('%s', async (script, right, wrong) => {
    const original = request(script);
    expect([
      await importAndRun('postman', original, right),
      await importAndRun('postman', original, wrong),
    ]).toEqual([0, 1]);
  });

  test('a request without any test must at least answer with 2xx', async () => {
    expect(await importAndRun('postman', request(), {})).toBe(0);
    expect(await importAndRun('postman', request(), { status: 500 })).toBe(1);
  });
});

describe('what a suite cannot say is refused with its place, and nothing is written', () => {
  const item = (more: object) => ({
    info,
    item: [{ name: 'Folder', item: [{ name: 'One', request: { url: 'http://localhost/' }, ...more }] }],
  });
  const script = (...lines: string[]) => item({ event: testScript(...lines) });
  const rows: [string, object, RegExp][] = [
    [
      'a condition',
      script('// x', 'if (pm.response.code === 200) { pm.expect(1).to.equal(1); }'),
      /Folder › One, test script, line 2\n.*if \(/,
    ],
    ['a loop', script('for (const x of pm.response.json()) {}'), /line 1/],
    ['a flow that jumps', script('postman.setNextRequest("Two");'), /setNextRequest/],
    [
      'a computed value',
      script('pm.expect(pm.response.json().a + 1).to.equal(2);'),
      /not a part of the answer/,
    ],
    ['a type', script('pm.expect(pm.response.json().a).to.be.an("array");'), /a check of the type "array"/],
    [
      'an assertion that goes on',
      script('pm.expect(pm.response.json()).to.have.property("a").that.is.a("string");'),
      /line 1/,
    ],
    ['a pattern with flags', script('pm.expect(pm.response.json().a).to.match(/x/i);'), /flags "i"/],
    [
      'a list that is compared by identity',
      script('pm.expect(pm.response.json().a).to.equal([1]);'),
      /write \.eql/,
    ],
    [
      'a variable set to a fixed value',
      script('pm.environment.set("a", "b");'),
      /put fixed values among the variables/,
    ],
    ['a script that is no JavaScript', script('pm.test("x", () => {'), /no JavaScript/],
    [
      'a script before the request',
      item({ event: [{ listen: 'prerequest', script: { exec: ['pm.variables.set("a", 1);'] } }] }),
      /Folder › One\n.*prerequest script/,
    ],
    [
      'a file',
      item({ request: { method: 'POST', url: 'http://localhost/', body: { mode: 'file' } } }),
      /a body of the mode "file"/,
    ],
    ['another method', item({ request: { method: 'LINK', url: 'http://localhost/' } }), /the method LINK/],
    [
      'another authorization',
      item({ request: { url: 'http://localhost/', auth: { type: 'oauth2' } } }),
      /the authorization "oauth2"/,
    ],
    [
      'a dynamic variable',
      item({ request: { url: 'http://localhost/{{$randomInt}}' } }),
      /\{\{\$randomInt\}\}/,
    ],
    [
      'certificates that are not verified',
      item({ protocolProfileBehavior: { strictSSL: false } }),
      /not verified/,
    ],
    ['an empty collection', { info, item: [] }, /nothing would be checked/],
  ];
  test.each(rows)('%s', async (_what, collection, said) => {
    const { code, out, err } = await runCli(['import', 'postman', 'c.json'], {
      'c.json': JSON.stringify(collection),
    });
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(said);
  });

  test('all of it at once', async () => {
    const collection = script('if (1) {}', 'while (1) {}', 'pm.response.to.have.status(200);');
    const { err } = await runCli(['import', 'postman', 'c.json'], { 'c.json': JSON.stringify(collection) });
    expect(err).toContain('uses 2 things');
  });

  test('a file that is no collection ends with 2', async () => {
    const texts = ['[]', 'no JSON', '{"info": {}}'];
    const runs = await Promise.all(
      texts.map((text) => runCli(['import', 'postman', 'c.json'], { 'c.json': text })),
    );
    expect(runs.map(({ code }) => code)).toEqual([2, 2, 2]);
  });
});
