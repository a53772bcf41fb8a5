import { describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dispatch } from '../../../cli/dispatch.js';
import { serve } from '../../support/servers/http.js';
import { collectionInfo as info, importAndRun, testScript, type Answer } from './support.js';
import { inFolder, testShell } from '../terminal.js';

const postman =
  (...script: string[]) =>
  (url: string) =>
    JSON.stringify({
      info,
      item: [{ name: 'One', request: { url: `${url}/one` }, event: testScript(...script) }],
    });
const hurl = (assert: string) => (url: string) => `GET ${url}/one\nHTTP 200\n[Asserts]\n${assert}\n`;

const html: Answer = { body: '<html>' };

describe('smoke fault 2: a body that is parsed must be JSON, also where nothing of it is compared', () => {
  test.each([
    "let r = pm.response.json(); pm.test('s', () => pm.response.to.have.status(200));",
    "const r = JSON.parse(responseBody); pm.test('s', () => pm.response.to.have.status(200));",
    'console.log(pm.response.json()); pm.response.to.have.status(200);',
    'console.log(`${pm.response.json().a}`, 1); pm.response.to.have.status(200);',
    "pm.test('s', function () { var data = pm.response.json(); pm.response.to.be.ok; });",
  ])('%s', async (script) => {
    expect([
      await importAndRun('postman', postman(script), { body: { a: 1 } }),
      await importAndRun('postman', postman(script), html),
    ]).toEqual([0, 1]);
  });

  test.each<[script: string, right: unknown, wrong: unknown]>([
    ['console.log(pm.response.json().a.b);', { a: {} }, {}],
    ['console.log(pm.response.json().a.b);', { a: 'text' }, { a: null }],
    ['console.log(pm.response.json().a);', {}, 'null'],
    ['let id = pm.response.json().data.items[0].id;', { data: { items: [{}] } }, { data: { items: [] } }],
    ['const { a } = pm.response.json().data;', { data: {} }, {}],
    ['let n = pm.response.json().list.length;', { list: [] }, {}],
  ])('%s fails where there is nothing to look into', async (script, right, wrong) => {
    const original = postman(`${script} pm.response.to.have.status(200);`);
    expect([
      await importAndRun('postman', original, { body: right }),
      await importAndRun('postman', original, { body: wrong }),
    ]).toEqual([0, 1]);
  });
});

describe('smoke fault 3: what must be absent below a missing parent', () => {
  const d = 'const d = pm.response.json(); ';
  test.each<[script: string, right: unknown, wrong: unknown]>([
    ["pm.expect(d.user).to.not.have.property('password');", { user: {} }, {}],
    ["pm.expect(d.user).to.not.have.property('password');", { user: { id: 1 } }, { user: null }],
    ['pm.expect(d.user.password).to.be.undefined;', { user: {} }, {}],
    ["pm.expect(d.user.roles).to.not.include('admin');", { user: { roles: [] } }, { user: {} }],
    ["pm.expect(d).to.not.have.property('password');", {}, 'null'],
    ["pm.expect(d.user).to.not.have.keys('a', 'b');", { user: { c: 1 } }, { user: 'text' }],
  ])('%s', async (script, right, wrong) => {
    expect([
      await importAndRun('postman', postman(d + script), { body: right }),
      await importAndRun('postman', postman(d + script), { body: wrong }),
    ]).toEqual([0, 1]);
  });
});

describe('smoke fault 4: what cannot contain anything does not lack it', () => {
  test.each<[assert: string, right: unknown, wrong: unknown[]]>([
    [
      'jsonpath "$.name" not contains "z"',
      { name: 'abc' },
      [{ name: {} }, { name: { a: 1 } }, { name: 7 }, { name: null }, {}, { name: 'xyz' }],
    ],
    ['jsonpath "$.name" not contains "z"', { name: [] }, [{ name: ['z'] }]],
    ['jsonpath "$.tags" not includes "z"', { tags: ['a'] }, [{ tags: {} }, { tags: 'abc' }, { tags: ['z'] }]],
    ['jsonpath "$.tags" not includes 7', { tags: [] }, [{ tags: { a: 1 } }, { tags: [7] }]],
  ])('Hurl: %s', async (assert, right, wrong) => {
    expect(await importAndRun('hurl', hurl(assert), { body: right })).toBe(0);
    for (const body of wrong) expect(await importAndRun('hurl', hurl(assert), { body })).toBe(1);
  });

  test.each<[script: string, right: unknown, wrong: unknown[]]>([
    ["to.not.include('z')", ['a'], [{}, { z: 1 }, 'xyz', ['z'], 7, null]],
    ["to.not.include('z.')", 'xyzz', [{}, 'z.']],
    ['to.not.include(7)', [1], [{ a: 1 }, [7], 'a7']],
    ['to.not.deep.include({ id: 1 })', [{ id: 2 }], [[{ id: 1 }], { id: 1 }, 'text', {}].slice(0, 3)],
  ])('Postman: %s', async (script, right, wrong) => {
    const original = postman(`pm.expect(pm.response.json().v).${script};`);
    expect(await importAndRun('postman', original, { body: { v: right } })).toBe(0);
    for (const v of wrong) expect(await importAndRun('postman', original, { body: { v } })).toBe(1);
  });
});

describe('smoke fault 7: assertions that could never be green', () => {
  test.each<[script: string, right: unknown, wrong: unknown[]]>([
    ['to.have.lengthOf(3)', 'abc', ['ab', [1, 2], { a: 1, b: 2, c: 3 }, 3]],
    ['to.have.lengthOf(3)', [1, 2, 3], ['abcd']],
    ['to.have.length.above(2)', 'abc', ['ab', { a: 1, b: 2, c: 3 }]],
    ['to.have.length.at.most(2)', 'ab', ['abc', {}]],
    ['to.be.empty', '', ['a']],
    ['to.deep.include({ id: 1 })', [{ id: 1 }], [[{ id: 1, more: true }], [], { id: 2 }]],
    ['to.deep.include({ id: 1 })', { id: 1, more: true }, [{ id: 2 }, 'id']],
    ['to.include({ id: 1 })', { id: 1 }, [[{ id: 1 }], { id: 2 }]],
    ["to.deep.include({ a: { b: 'c' } })", { a: { b: 'c' }, d: 1 }, [{ a: { b: 'd' } }]],
  ])('%s', async (script, right, wrong) => {
    const original = postman(`pm.expect(pm.response.json().v).${script};`);
    expect(await importAndRun('postman', original, { body: { v: right } })).toBe(0);
    for (const v of wrong) expect(await importAndRun('postman', original, { body: { v } })).toBe(1);
  });

  test('.length of a text compared with a number', async () => {
    const original = postman('pm.expect(pm.response.json().v.length).to.eql(3);');
    expect(await importAndRun('postman', original, { body: { v: 'abc' } })).toBe(0);
    expect(await importAndRun('postman', original, { body: { v: 'ab' } })).toBe(1);
  });
});

test('smoke fault 8: a Hurl text in back quotes has its escapes', async () => {
  const body = { v: 'a\nb`c' };
  const original = hurl('jsonpath "$.v" == `a\\nb\\`c`');
  expect(await importAndRun('hurl', original, { body })).toBe(0);
  expect(await importAndRun('hurl', original, { body: { v: 'a\\nb' } })).toBe(1);
  expect(await importAndRun('hurl', (url) => `GET ${url}/x\nHTTP 200\n\`a\\nb\`\n`, { body: 'a\nb' })).toBe(
    0,
  );
});

test.each(['# @cookie_storage_set: localhost\tFALSE\t/\tFALSE\t0\tsid\tx', '#@cookie_storage_clear'])(
  'smoke fault 9: %s is refused',
  async (line) => {
    await expect(importAndRun('hurl', (url) => `${line}\nGET ${url}/x\nHTTP 200\n`, {})).rejects.toThrow(
      /original:1[^]*@cookie_storage_(set|clear)/,
    );
  },
);

test('smoke fault 10: a cookie that the answer deletes exists in Hurl', async () => {
  const logout = { headers: { 'set-cookie': 'sid=; Max-Age=0' } };
  expect(await importAndRun('hurl', hurl('cookie "sid" exists'), logout)).toBe(0);
  expect(await importAndRun('hurl', hurl('cookie "sid" exists'), {})).toBe(1);
  expect(await importAndRun('hurl', hurl('cookie "sid" not exists'), logout)).toBe(1);
  expect(await importAndRun('hurl', hurl('cookie "sid" not exists'), {})).toBe(0);
});

test.each<[what: string, form: (text: string) => string]>([
  ['with a byte order mark', (text) => `\uFEFF${text}`],
  ['as the API of Postman exports it', (text) => `{"collection": ${text}}`],
  ['as the API sends it, with a mark', (text) => `\uFEFF{ "collection": ${text} }`],
])('smoke fault 11: a collection %s is read', async (_what, form) => {
  const original = (url: string) => form(postman('pm.response.to.have.status(200);')(url));
  expect(await importAndRun('postman', original, {})).toBe(0);
  expect(await importAndRun('postman', original, { status: 500 })).toBe(1);
});

interface Seen {
  method: string;
  url: string;
  cookie: string;
  body: string;
}

/** Runs an imported collection on a server that hands out a cookie at /login; what it saw, and the suite's text. */
async function replay(items: (url: string) => unknown[]) {
  const seen: Seen[] = [];
  const server = await serve((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      seen.push({ method, url, cookie: headers.cookie ?? '', body });
      response.writeHead(200, url === '/login' ? { 'set-cookie': 'sid=42' } : {}).end('{}');
    });
  });
  try {
    return await inFolder({ 'c.json': JSON.stringify({ info, item: items(server.url) }) }, async (folder) => {
      const shell = testShell(folder);
      const imported = await dispatch(['import', 'postman', 'c.json', '--output', 'smoke.yml'], shell);
      if (imported !== 0) throw new Error(shell.errors.join('\n'));
      const code = await dispatch(['smoke', 'smoke.yml'], shell);
      return { code, seen, suite: await readFile(join(folder, 'smoke.yml'), 'utf8') };
    });
  } finally {
    await server.close();
  }
}

const ok = testScript('pm.response.to.have.status(200);');

test('smoke fault 6: folders run in their order, with one jar of cookies', async () => {
  const { code, seen } = await replay((url) => [
    { name: 'Log in', item: [{ name: 'in', request: `${url}/login`, event: ok }] },
    { name: 'Account', item: [{ name: 'see', request: `${url}/account`, event: ok }] },
    { name: 'Clean', item: [{ name: 'delete', request: `${url}/delete`, event: ok }] },
    { name: 'last', request: `${url}/gone`, event: ok },
  ]);
  expect(code).toBe(0);
  expect(seen.map(({ url, cookie }) => `${url} ${cookie}`)).toEqual([
    '/login ',
    '/account sid=42',
    '/delete sid=42',
    '/gone sid=42',
  ]);
});

describe('smoke fault 14: a request goes out as it was written', () => {
  const raw = (text: string) => ({ mode: 'raw', raw: text, options: { raw: { language: 'json' } } });
  const post = (text: string) => (url: string) => [
    { name: 'p', request: { method: 'POST', url: `${url}/x`, body: raw(text) }, event: ok },
  ];

  test.each<[what: string, written: string, sent: string]>([
    ['white space', '{\n  "a" : 1\n}', '{\n  "a" : 1\n}'],
    ['numbers', '{"a":1.0,"b":1e2}', '{"a":1.0,"b":1e2}'],
    ['escapes', '{"a":"\\u00e9\\/"}', '{"a":"\\u00e9\\/"}'],
    ['no comments', '{"a":1, // one\n"u":"http://x/*y*/"/* two */}', '{"a":1, \n"u":"http://x/*y*/"}'],
    ['the short form', '{"a":[1,"b"]}', '{"a":[1,"b"]}'],
  ])('%s', async (_what, written, sent) => {
    const { seen } = await replay(post(written));
    expect(seen.map(({ body }) => body)).toEqual([sent]);
  });

  test('a slash in a path variable stays one', async () => {
    const { seen } = await replay((url) => [
      {
        name: 'p',
        request: {
          url: {
            protocol: 'http',
            host: [url.replace('http://', '')],
            path: ['files', ':name'],
            variable: [{ key: 'name', value: 'a/b c?' }],
          },
        },
        event: ok,
      },
    ]);
    expect(seen.map(({ url }) => url)).toEqual(['/files/a/b%20c%3F']);
  });
});

test('smoke fault 16: an address without a path has the same base address', async () => {
  const { suite, code, seen } = await replay((url) => [
    { name: 'bare', request: url, event: ok },
    { name: 'query', request: `${url}?a=1`, event: ok },
    { name: 'path', request: `${url}/x`, event: ok },
  ]);
  expect(suite).toMatch(/^base-url: http:/m);
  expect(code).toBe(0);
  expect(seen.map(({ url }) => url)).toEqual(['/', '/?a=1', '/x']);
});

describe('what was refused once, and suites can say now', () => {
  test.each<[assert: string, right: Answer, wrong: Answer]>([
    ['body matches /(?i)ABC/', { body: 'xabcx' }, { body: 'xab' }],
    ['body not matches /(?i)ABC/', { body: 'xab' }, { body: 'xabcx' }],
    ['jsonpath "$.a" not matches /(?i)^ABC/', { body: { a: 'xabc' } }, { body: { a: 'abcd' } }],
    ['body matches /(a)/\nbody matches /(b)\\1/', { body: 'abb' }, { body: 'ab' }],
    ['body contains "a"\nbody contains "b"', { body: 'a b' }, { body: 'a' }],
    ['body not contains "a"\nbody not contains "b"', { body: 'c' }, { body: 'cb' }],
    ['body != "a"\nbody != "b"', { body: 'c' }, { body: 'b' }],
    [
      'header "x-a" contains "1"\nheader "x-a" contains "2"',
      { headers: { 'x-a': '21' } },
      { headers: { 'x-a': '11' } },
    ],
  ])('Hurl: %s', async (assert, right, wrong) => {
    expect(await importAndRun('hurl', hurl(assert), right)).toBe(0);
    expect(await importAndRun('hurl', hurl(assert), wrong)).toBe(1);
  });

  test.each<[script: string, right: unknown, wrong: unknown]>([
    ['to.match(/^abc/i)', 'ABCD', 'xabc'],
    ['to.not.match(/abc/i)', 'ab', 'xABC'],
    ['to.match(/a.b/s)', 'a\nb', 'ab'],
  ])('Postman: %s', async (script, right, wrong) => {
    const original = postman(`pm.expect(pm.response.json().v).${script};`);
    expect(await importAndRun('postman', original, { body: { v: right } })).toBe(0);
    expect(await importAndRun('postman', original, { body: { v: wrong } })).toBe(1);
  });

  test('Postman: other methods, and a query parameter twice', async () => {
    const { seen } = await replay((url) => [
      {
        name: 'p',
        request: {
          method: 'PURGE',
          url: {
            host: [url],
            path: ['x'],
            query: [
              { key: 'a', value: '{{$guid}}' },
              { key: 'a', value: '{{$guid}}' },
            ],
          },
        },
        event: ok,
      },
    ]);
    expect(seen.map(({ method }) => method)).toEqual(['PURGE']);
    expect(seen[0]!.url).toMatch(/^\/x\?a=[0-9a-f-]{36}&a=[0-9a-f-]{36}$/);
  });

  test('Hurl: a file as body, and a query parameter twice', async () => {
    const seen: string[] = [];
    const server = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        seen.push(`${request.method} ${request.url} ${body}`);
        response.end();
      });
    });
    const original = `POST ${server.url}/x\n[Query]\na: 1\na: 2\nfile,data.txt;\nHTTP 200\n`;
    try {
      await inFolder({ 'a.hurl': original, 'data.txt': '{{ as }} it is' }, async (folder) => {
        const shell = testShell(folder);
        expect(await dispatch(['import', 'hurl', 'a.hurl', '--output', 'smoke.yml'], shell)).toBe(0);
        expect(await dispatch(['smoke', 'smoke.yml'], shell)).toBe(0);
      });
    } finally {
      await server.close();
    }
    expect(seen).toEqual(['POST /x?a=1&a=2 {{ as }} it is']);
  });

  test('Postman: scripts before a request that set values', async () => {
    const before = (...exec: string[]) => ({ listen: 'prerequest', script: { exec } });
    const { code, seen } = await replay((url) => [
      {
        name: 'Folder',
        event: [before("pm.environment.set('plan', 'gold');")],
        item: [
          {
            name: 'make',
            request: `${url}/make/{{plan}}/{{id}}/{{at}}`,
            event: [
              before(
                '// values of this run',
                "const id = pm.variables.replaceIn('{{$guid}}');",
                "pm.environment.set('id', id);",
                "pm.globals.set('at', Math.floor(Date.now() / 1000));",
                "console.log('made', id);",
              ),
              ...ok,
            ],
          },
          { name: 'see', request: `${url}/see/{{id}}/{{plan}}`, event: ok },
        ],
      },
    ]);
    expect(code).toBe(0);
    const [made, looked] = seen.map(({ url }) => url.split('/'));
    expect(made?.slice(0, 3)).toEqual(['', 'make', 'gold']);
    expect(made?.[3]).toMatch(/^[0-9a-f-]{36}$/);
    expect(Math.abs(Number(made?.[4]) - Date.now() / 1_000)).toBeLessThan(600);
    expect(looked).toEqual(['', 'see', made?.[3], 'gold']);
  });

  test('Hurl: a delay, and a user', async () => {
    const seen: string[] = [];
    const server = await serve((request, response) => {
      seen.push(request.headers.authorization ?? '');
      response.end();
    });
    const original = `GET ${server.url}/x\n[Options]\ndelay: 20ms\nuser: ana:secret-word\nHTTP 200\n`;
    try {
      await inFolder({ 'a.hurl': original }, async (folder) => {
        const shell = testShell(folder, { env: { basic_password: 'secret-word' } });
        expect(await dispatch(['import', 'hurl', 'a.hurl', '--output', 'smoke.yml'], shell)).toBe(0);
        const suite = await readFile(join(folder, 'smoke.yml'), 'utf8');
        expect(suite).toContain('delay: 20ms');
        expect(suite).not.toContain('secret-word');
        expect(await dispatch(['smoke', 'smoke.yml', '--secret', 'basic_password'], shell)).toBe(0);
      });
    } finally {
      await server.close();
    }
    expect(seen).toEqual([`Basic ${Buffer.from('ana:secret-word').toString('base64')}`]);
  });
});
