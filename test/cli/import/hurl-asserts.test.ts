import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { runCli } from '../terminal.js';
import { importAndRun, type Answer } from './support.js';

const hashOf = (text: string, kind = 'sha256') => createHash(kind).update(text).digest('hex');

/** A page with a list. */
const page = (items: string | readonly string[], more = ''): Answer => ({
  headers: { 'content-type': 'text/html' },
  body: `<!doctype html><ul>${[...items].map((item) => `<li>${item}</li>`).join('')}</ul>${more}`,
});

describe('an assert keeps its meaning: it passes on what it was written for, and fails on anything else', () => {
  const body = { id: 7, name: 'Ana', tags: ['a', 'b'], items: [{ n: 1 }, { n: 2 }], on: true, none: null };
  const rows: [string, Answer, Answer][] = [
    ['HTTP 201', { status: 201 }, { status: 200 }],
    ['HTTP *\n[Asserts]\nstatus >= 400\nstatus < 500', { status: 404 }, { status: 500 }],
    ['HTTP *\n[Asserts]\nstatus != 500', { status: 404 }, { status: 500 }],
    ['HTTP 200\nX-A: 1', { headers: { 'x-a': '1' } }, { headers: { 'x-a': '2' } }],
    ['HTTP 200\n[Asserts]\nheader "X-A" not exists', {}, { headers: { 'x-a': '2' } }],
    [
      'HTTP 200\n[Asserts]\nheader "X-A" startsWith "a.c"',
      { headers: { 'x-a': 'a.cd' } },
      { headers: { 'x-a': 'abcd' } },
    ],
    ['HTTP 200\n[Asserts]\nbody contains "Ana"\nbody contains "id"', { body }, { body: { name: 'Ana' } }],
    ['HTTP 200\n[Asserts]\nbody not contains "rror"', { body }, { body: 'error' }],
    ['HTTP 200\n`up`', { body: 'up' }, { body: 'up\n' }],
    ['HTTP 200\n```\nup\n```', { body: 'up\n' }, { body: 'up' }],
    ['HTTP 200\n{"a": [1, {"b": "}"}]}', { body: { a: [1, { b: '}' }] } }, { body: { a: [1] } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.id" == 7 # yes', { body }, { body: { id: '7' } }],
    ['HTTP 200\n[Asserts]\njsonpath "$[\'name\']" == "Ana"', { body }, { body: { name: 'Eva' } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.on" == true', { body }, { body: { on: 'true' } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.none" == null', { body }, { body: {} }],
    ['HTTP 200\n[Asserts]\njsonpath "$.id" != 8', { body }, { body: { id: 8 } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.id" not == 8', { body }, { body: {} }],
    ['HTTP 200\n[Asserts]\njsonpath "$.id" > 6', { body }, { body: { id: 6 } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.tags" count == 2', { body }, { body: { tags: ['a'] } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.tags" count == 0', { body: { tags: [] } }, { body }],
    ['HTTP 200\n[Asserts]\njsonpath "$.tags" count >= 2', { body }, { body: { tags: ['a'] } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.items[*].n" count == 2', { body }, { body: { items: [{ n: 1 }] } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.tags" includes "b"', { body }, { body: { tags: 'b' } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.name" contains "n"', { body }, { body: { name: 'Eva' } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.name" matches /^A.a$/', { body }, { body: { name: 'Anaa' } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.name" endsWith "na"', { body }, { body: { name: 'nab' } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.name" isString', { body }, { body: { name: 1 } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.tags" not isEmpty', { body }, { body: { tags: [] } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.nope" not exists', { body }, { body: { nope: null } }],
    ['HTTP 200\n[Captures]\nid: regex "id\\":(\\\\d+)"\n', { body }, { body: {} }],
    ['HTTP 200\n[Asserts]\nduration < 60000', {}, { status: 500 }],
    ['HTTP 200\n[Asserts]\nduration not >= 60s', {}, { status: 500 }],
    ['HTTP 200\n[Asserts]\nbytes count == 2', { body: 'ñ' }, { body: 'n' }],
    ['HTTP 200\n[Asserts]\nbytes count >= 2', { body: 'ab' }, { body: 'a' }],
    [`HTTP 200\n[Asserts]\nsha256 == hex,${hashOf('ñ')};`, { body: 'ñ' }, { body: 'n' }],
    [`HTTP 200\n[Asserts]\nmd5 == hex,${hashOf('ñ', 'md5')};`, { body: 'ñ' }, { body: 'n' }],
    ['HTTP 200\n[Asserts]\nbody not == "down"', { body: 'down?' }, { body: 'down' }],
    ['HTTP 200\n[Asserts]\nbody != "a.c"', { body: 'abc' }, { body: 'a.c' }],
    ['HTTP 200\n[Asserts]\nbody not startsWith "<"\nbody contains "a"', { body: 'a' }, { body: '<a' }],
    ['HTTP 200\n[Asserts]\nbody not matches /err?or/', { body: 'fine' }, { body: 'an eror' }],
    ['HTTP 200\n[Asserts]\nbody isEmpty', { body: '' }, { body: ' ' }],
    ['HTTP 200\n[Asserts]\nregex "id=(\\\\d+)" exists', { body: 'id=7' }, { body: 'id=x' }],
    [
      'HTTP 200\n[Asserts]\nheader "X-A" matches /^a/\nheader "X-A" matches /b$/\nheader "X-A" not contains "x"',
      { headers: { 'x-a': 'acb' } },
      { headers: { 'x-a': 'acbc' } },
    ],
    [
      'HTTP 200\n[Asserts]\nheader "X-A" not contains "a"\nheader "X-A" not contains "b"',
      { headers: { 'x-a': ['c', 'd'] } },
      { headers: { 'x-a': ['a', 'c'] } },
    ],
    [
      'HTTP 200\n[Asserts]\nheader "X-A" not matches /a/',
      { headers: { 'x-a': ['c', 'd'] } },
      { headers: { 'x-a': ['a', 'c'] } },
    ],
    [
      'HTTP 200\n[Asserts]\nheader "X-A" != "a"',
      { headers: { 'x-a': 'b' } },
      { headers: { 'x-a': ['a', 'c'] } },
    ],
    [
      'HTTP 200\n[Asserts]\nheader "X-A" != "a"\nheader "X-A" != "b"\nheader "X-A" not startsWith "x"\nheader "X-A" contains "n"',
      { headers: { 'x-a': ['n', 'dn'] } },
      { headers: { 'x-a': ['n', 'b'] } },
    ],
    [
      'HTTP 200\n[Asserts]\nheader "X-A" contains "n"',
      { headers: { 'x-a': ['n', 'dn'] } },
      { headers: { 'x-a': ['n', 'd'] } },
    ],
    ['HTTP 200\n[Asserts]\nbody matches /^\\w+$/', { body: 'Zoé' }, { body: 'Zoé!' }],
    ['HTTP 200\n[Asserts]\nbody not matches /^\\W/', { body: 'é' }, { body: '!' }],
    ['HTTP 200\n[Asserts]\nbody not matches /^[^\\w]/', { body: 'é' }, { body: '!' }],
    ['HTTP 200\n[Asserts]\nbody matches /^[\\d.]+$/', { body: '٣.1' }, { body: 'a' }],
    ['HTTP 200\n[Asserts]\nbody not matches /\\bn/', { body: 'én' }, { body: 'é n' }],
    ['HTTP 200\n[Asserts]\nbody matches /\\Bn/', { body: 'én' }, { body: 'é n' }],
    ['HTTP 200\n[Asserts]\nbody matches /^\\b[a-z]+\\b$/', { body: 'up' }, { body: 'u p' }],
    ['HTTP 200\n[Asserts]\nbody not matches /a.b/', { body: 'a\nb' }, { body: 'a\rb' }],
    [
      'HTTP 200\n[Asserts]\nheader "X-A" not isEmpty',
      { headers: { 'x-a': 'b' } },
      { headers: { 'x-a': ['', 'b'] } },
    ],
    ['HTTP 200\n[Asserts]\nheader "X-A" != "a"', { headers: { 'x-a': 'b' } }, {}],
    [
      'HTTP 200\n[Asserts]\ncookie "sid" not startsWith "a"',
      { headers: { 'set-cookie': 'sid=b' } },
      { headers: { 'set-cookie': ['sid=a', 'sid=b'] } },
    ],
    [
      'HTTP 200\n[Asserts]\nbody not contains "a"\nbody not contains "b"\nbody not matches /(c)\\1/\nbody != "d"',
      { body: 'c' },
      { body: 'cc' },
    ],
    ['HTTP 200\n[Asserts]\nbody != "a"\nbody != "b"', { body: 'ab' }, { body: 'b' }],
    ['HTTP 200\n[Asserts]\nbody matches /(c)\\1/\nbody contains "d"', { body: 'dcc' }, { body: 'cc' }],
    [
      'HTTP 200\n[Asserts]\njsonpath "$.u" isUuid',
      { body: { u: '0f8fad5b-d9cb-469f-a165-70867728950e' } },
      { body: { u: 'x' } },
    ],
    [
      'HTTP 200\n[Asserts]\njsonpath "$.d" isIsoDate',
      { body: { d: '2026-01-02T03:04:05Z' } },
      { body: { d: '2026' } },
    ],
    ['HTTP 200\n[Asserts]\nxpath "string(//li)" not isEmpty', page('a'), page([''])],
    ['HTTP 200\n[Asserts]\nheader "X-A" != "1"', { headers: { 'x-a': '2' } }, { headers: { 'x-a': '1' } }],
    [
      'HTTP 200\n[Asserts]\ncookie "sid" == "7"',
      { headers: { 'set-cookie': 'sid=7' } },
      { headers: { 'set-cookie': 'sid=8' } },
    ],
    [
      'HTTP 200\n[Asserts]\ncookie "sid[Secure]" exists\ncookie "sid[HttpOnly]" exists\ncookie "sid[SameSite]" == "Lax"',
      { headers: { 'set-cookie': 'sid=7; Secure; HttpOnly; SameSite=lax' } },
      { headers: { 'set-cookie': 'sid=7; Secure; SameSite=lax' } },
    ],
    [
      'HTTP 200\n[Asserts]\ncookie "sid" not exists',
      { headers: { 'set-cookie': 'other=7' } },
      { headers: { 'set-cookie': 'sid=' } },
    ],
    ['HTTP 200\n[Asserts]\njsonpath "$.tags" isList', { body }, { body: { tags: {} } }],
    [
      'HTTP 200\n[Asserts]\njsonpath "$.items[1].n" isInteger',
      { body },
      { body: { items: [1, { n: 1.5 }] } },
    ],
    ['HTTP 200\n[Asserts]\njsonpath "$.on" not isString', { body }, { body: { on: 'true' } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.tags" nth 1 == "b"', { body }, { body: { tags: ['b', 'a'] } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.tags" not includes "c"', { body }, { body: { tags: ['c'] } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.tags" count < 3', { body }, { body: { tags: [1, 2, 3] } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.name" not contains "x"', { body }, { body: { name: 'xa' } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.name" not matches /^E/', { body }, { body: { name: 'Eva' } }],
    ['HTTP 200\n[Asserts]\njsonpath "$.id" not > 7', { body }, { body: { id: 8 } }],
    ['HTTP 200\n[Captures]\nid: jsonpath "$.tags" nth 1', { body }, { body: { tags: ['a'] } }],
    [
      'HTTP 200\n[Captures]\nsid: cookie "sid"',
      { headers: { 'set-cookie': 'sid=abcd' } },
      { headers: { 'set-cookie': 'other=abcd' } },
    ],
    ['HTTP 200\n[Asserts]\nxpath "//li" count == 2', page('ab'), page('abc')],
    ['HTTP 200\n[Asserts]\nxpath "count(//li)" > 1', page('ab'), page('a')],
    ['HTTP 200\n[Asserts]\nxpath "//li" exists', page('a'), page('')],
    ['HTTP 200\n[Asserts]\nxpath "//h2" not exists', page('a'), page('a', '<h2>x</h2>')],
    ['HTTP 200\n[Asserts]\nxpath "string(//li)" == " a"', page([' a']), page('a')],
    ['HTTP 200\n[Asserts]\nxpath "string(//li[2])" startsWith "b"', page('ab'), page('aa')],
    ['HTTP 200\n[Asserts]\nxpath "string(//li)" matches /^\\d$/', page('7'), page('x')],
    ['HTTP 200\n[Asserts]\nxpath "boolean(//li)" == true', page('a'), page('')],
    ['HTTP 200\n<a><b/></a>', { body: '<a><b/></a>' }, { body: '<a></a>' }],
    ['', {}, { status: 500 }],
  ];
  test.each(rows)('%s', async (response, right, wrong) => {
    const original = (url: string) => `GET ${url}/one\n${response}\n`;
    expect([
      await importAndRun('hurl', original, right),
      await importAndRun('hurl', original, wrong),
    ]).toEqual([0, 1]);
  });
});

test.each<[string, string, Answer, Answer]>([
  ['10', 'jsonpath "$.a" == {{n}}', { body: { a: 10 } }, { body: { a: '10' } }],
  ['10', 'jsonpath "$.a" == "{{n}}"', { body: { a: '10' } }, { body: { a: 10 } }],
  ['"10"', 'jsonpath "$.a" == {{n}}', { body: { a: '10' } }, { body: { a: 10 } }],
  ['10', 'jsonpath "$.a" > {{n}}', { body: { a: 11 } }, { body: { a: 10 } }],
  ['-1.5', 'jsonpath "$.a" != {{ n }}', { body: { a: 1.5 } }, { body: { a: -1.5 } }],
  ['true', 'jsonpath "$.a" == {{n}}', { body: { a: true } }, { body: { a: 'true' } }],
  ['null', 'jsonpath "$.a" == {{n}}', { body: { a: null } }, { body: { a: 'null' } }],
  ['ten', 'jsonpath "$.a" == {{n}}', { body: { a: 'ten' } }, { body: { a: 'tens' } }],
  ['"a # \\"b\\""', 'body == "{{n}}"', { body: 'a # "b"' }, { body: 'a' }],
])('the variable n=%s keeps its type in %s', async (value, assert, right, wrong) => {
  const original = (url: string) =>
    `GET ${url}/one?n={{n}}\n[Options]\nvariable: n=${value}\nHTTP 200\n[Asserts]\n${assert}\n`;
  expect([await importAndRun('hurl', original, right), await importAndRun('hurl', original, wrong)]).toEqual([
    0, 1,
  ]);
});

test.each<[string, string, number]>([
  ['HTTP/1.1 200', '', 0],
  ['HTTP/2 200', '', 1],
  ['HTTP 200', 'version == "1.1"', 0],
  ['HTTP 200', 'version == "2"', 1],
  ['HTTP 200', 'url endsWith "/one"', 0],
  ['HTTP 200', 'url not contains "/one"', 1],
  ['HTTP 200', 'ip == "127.0.0.1"', 0],
  ['HTTP 200', 'ip != "127.0.0.1"', 1],
])('what is asked of the exchange itself: %s %s ends with %s', async (status, assert, code) => {
  const original = (url: string) =>
    `GET ${url.replace('localhost', '127.0.0.1')}/one\n${status}\n${assert === '' ? '' : `[Asserts]\n${assert}\n`}`;
  expect(await importAndRun('hurl', original, {})).toBe(code);
});

describe('what is captured keeps its meaning', () => {
  const header = { headers: { 'x-a': '/orders/7' } };
  test.each<[capture: string, assert: string, Answer, Answer]>([
    [
      'header "X-A" regex /(\\d+)$/',
      'jsonpath "$.n" == "{{id}}"',
      { ...header, body: { n: '7' } },
      { ...header, body: { n: 7 } },
    ],
    [
      'jsonpath "$.p" split "," nth 1',
      'jsonpath "$.n" == {{id}}',
      { body: { p: 'a,b', n: 'b' } },
      { body: { p: 'a,b', n: 'a' } },
    ],
    [
      'jsonpath "$.p" split "." last',
      'jsonpath "$.n" == {{id}}',
      { body: { p: 'a.b', n: 'b' } },
      { body: { p: 'ab.', n: 'b' } },
    ],
    [
      'jsonpath "$.p" regex "(\\\\d)"',
      'jsonpath "$.n" == {{id}}',
      { body: { p: '7', n: '7' } },
      { body: { p: 7, n: '7' } },
    ],
    [
      'jsonpath "$.p" first',
      'jsonpath "$.n" == {{id}}',
      { body: { p: [7, 8], n: 7 } },
      { body: { p: [8, 7], n: 7 } },
    ],
    [
      'jsonpath "$.p" last',
      'jsonpath "$.n" == {{id}}',
      { body: { p: [7, 8], n: 8 } },
      { body: { p: [8, 7], n: 8 } },
    ],
    ['body jsonpath "$.p"', 'jsonpath "$.n" == {{id}}', { body: { p: 7, n: 7 } }, { body: { p: 7, n: '7' } }],
    ['jsonpath "$.p"', 'jsonpath "$.n" == "{{id}}"', { body: { p: 7, n: '7' } }, { body: { p: 7, n: 7 } }],
    [
      'jsonpath "$.p"',
      'jsonpath "$.n" startsWith "{{id}}"',
      { body: { p: 7, n: '78' } },
      { body: { p: 7, n: '87' } },
    ],
  ])('%s in %s', async (capture, assert, right, wrong) => {
    const original = (url: string) =>
      `GET ${url}/one\nHTTP 200\n[Captures]\nid: ${capture}\n\nGET ${url}/two\nHTTP 200\n[Asserts]\n${assert}\n`;
    expect([
      await importAndRun('hurl', original, right),
      await importAndRun('hurl', original, wrong),
    ]).toEqual([0, 1]);
  });

  test('between the quotes of a whole body it is a text', async () => {
    const original = (url: string) =>
      `GET ${url}/one\nHTTP 200\n[Captures]\nid: jsonpath "$.p"\n\nGET ${url}/two\nHTTP 200\n{"p": 7, "n": "{{id}}"}\n`;
    expect(await importAndRun('hurl', original, { body: { p: 7, n: '7' } })).toBe(0);
    expect(await importAndRun('hurl', original, { body: { p: 7, n: 7 } })).toBe(1);
  });
});

describe('options of an entry', () => {
  const imported = async (text: string) => runCli(['import', 'hurl', 'a.hurl'], { 'a.hurl': text });

  test('repeat writes the step so many times', async () => {
    const { code, out } = await imported('GET http://localhost/x\n[Options]\nrepeat: 3\nHTTP 200\n');
    expect(code).toBe(0);
    expect(out.match(/- name: .*/g)).toEqual([
      '- name: a',
      '- name: GET /x',
      '- name: GET /x (2)',
      '- name: GET /x (3)',
    ]);
  });

  const resolved = (option: string) => `GET http://shop.test:8080/x\n[Options]\n${option}\nHTTP 200\n`;

  test.each(['resolve: shop.test:8080:127.0.0.1', 'connect-to: shop.test:8080:127.0.0.1:8080'])(
    '%s becomes an address of the suite',
    async (option) => {
      const { code, out } = await imported(
        `${resolved(option)}\n${resolved(option)}\nGET http://localhost/\n`,
      );
      expect(code).toBe(0);
      expect(out).toMatch(/^resolve:\n {2}shop\.test: 127\.0\.0\.1$/m);
    },
  );

  test.each<[string, string, RegExp]>([
    [
      'one entry of two',
      `${resolved('resolve: shop.test:8080:127.0.0.1')}\nGET http://shop.test:8080/\n`,
      /a\.hurl:3\n.*line 6 may not/,
    ],
    [
      'an address that only a variable says',
      `${resolved('resolve: shop.test:8080:127.0.0.1')}\nGET {{url}}\n`,
      /a\.hurl:3\n/,
    ],
    [
      'two addresses',
      `${resolved('resolve: shop.test:8080:127.0.0.1')}\n${resolved('resolve: shop.test:8080:127.0.0.2')}`,
      /a\.hurl:3\n/,
    ],
    ['another port', resolved('resolve: shop.test:80:127.0.0.1'), /a\.hurl:3\n.*shop\.test:80/],
    [
      'another port to connect to',
      resolved('connect-to: shop.test:8080:127.0.0.1:80'),
      /a\.hurl:3\n.*connect-to/,
    ],
    [
      'a name to connect to',
      resolved('connect-to: shop.test:8080:b.test:8080'),
      /a\.hurl:3\n.*write resolve/s,
    ],
    ['no end', 'GET http://localhost/x\n[Options]\nrepeat: -1\n', /a\.hurl:3\n.*repeat: -1/],
  ])('%s is refused', async (_, text, message) => {
    const { code, out, err } = await imported(text);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
  });
});
