import { describe, expect, test } from '@jest/globals';
import { collectionInfo as info, testScript } from './support.js';
import { runCli } from '../terminal.js';

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
      /c\.json:1 Folder › One, test script, line 2\n.*if \(/,
    ],
    ['a loop', script('for (const x of pm.response.json()) {}'), /line 1/],
    ['a flow that jumps', script('postman.setNextRequest("Two");'), /setNextRequest/],
    [
      'a computed value',
      script('pm.expect(pm.response.json().a + 1).to.equal(2);'),
      /not a part of the answer/,
    ],
    ['a type', script('pm.expect(pm.response.json().a).to.be.a("date");'), /a check of the type "date"/],
    [
      'an assertion that goes on after a negation',
      script('pm.expect(pm.response.json()).to.not.have.property("a").and.be.a("string");'),
      /line 1\n.*goes on after a negation/,
    ],
    ['a pattern with flags', script('pm.expect(pm.response.json().a).to.match(/x/m);'), /flags "m"/],
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
    [
      'a script that is kept elsewhere',
      item({ event: [{ listen: 'test', script: { src: 'https://example.com/tests.js' } }] }),
      /Folder › One\n.*test script that is kept elsewhere/,
    ],
    [
      'an assertion in a log',
      script('console.log(pm.expect(1).to.equal(2));'),
      /line 1\n.*inside of something else/,
    ],
    [
      'an assertion of the answer in a log',
      script('', 'console.log(pm.response.to.be.ok);'),
      /line 2\n.*inside/,
    ],
    [
      'an assertion behind a test',
      script('pm.test("a", () => {}, pm.expect(1).to.equal(2));'),
      /not a plain function/,
    ],
    [
      'an assertion in the name of a test',
      script('pm.test(`a ${pm.expect(1).to.equal(2)}`, () => {});'),
      /inside of something else/,
    ],
    [
      'an assertion behind a value',
      script('pm.environment.set("x", pm.response.json().x, pm.expect(1).to.equal(2));'),
      /more than a name and a value/,
    ],
    [
      'an assertion as a message',
      script('pm.expect(pm.response.json().a, pm.expect(1).to.equal(2)).to.equal(1);'),
      /not a plain assertion/,
    ],
    [
      'a value set in a log',
      script('console.log(pm.environment.set("x", pm.response.json().x));'),
      /inside of something else/,
    ],
    [
      'the value of a header that is looked for',
      script('pm.expect(pm.response.headers.has("X-A", "1")).to.be.true;'),
      /not a part of the answer/,
    ],
    [
      'a reviver',
      script('const x = JSON.parse(pm.response.text(), () => 1); pm.expect(x.a).to.equal(1);'),
      /not a part of the answer/,
    ],
    ['a second operand', script('pm.expect(pm.response.json().a).to.equal(1, 2);'), /more operands than/],
    [
      'an operand of a property',
      script('pm.expect(pm.response.json().a).to.be.true(1);'),
      /more operands than/,
    ],
    ['a second status', script('pm.response.to.have.status(200, 201);'), /a status that is not one/],
    [
      'text that a suite would fill in',
      script('pm.expect(pm.response.text()).to.not.include("{{name}}");'),
      /no counterpart/,
    ],
    [
      'a variable made of one that a script sets',
      {
        ...script('pm.environment.set("id", pm.response.json().id);'),
        variable: [
          { key: 'id', value: '1' },
          { key: 'path', value: '/orders/{{id}}' },
        ],
      },
      /the value of path, which refers to \{\{id\}\}/,
    ],
    ...[10, true, null, { a: 1 }].map((value): [string, object, RegExp] => [
      `a comparison with a variable that is ${JSON.stringify(value)}`,
      {
        ...script('', 'pm.expect(pm.response.json().a).to.eql(pm.variables.get("n"));'),
        variable: [{ key: 'n', value }],
      },
      /line 2\n.*with n, whose value is no text/,
    ]),
    [
      'a comparison with what the same request sets',
      script(
        'pm.environment.set("id", pm.response.json().id);',
        'pm.expect(pm.response.json().a).to.eql(pm.environment.get("id"));',
      ),
      /line 2\n.*with id, which the tests of the same request set/,
    ],
    ...['\\u{61}', '\\p{L}', '[😀]'].map((pattern): [string, object, RegExp] => [
      `the pattern ${pattern} without the flag u`,
      script(`pm.expect(pm.response.text()).to.match(/${pattern}/);`),
      /something else with the flag u/,
    ]),
    [
      'two values of one variable',
      script('pm.environment.set("x", pm.response.json().a); pm.globals.set("x", pm.response.json().b);'),
      /x, which is set to two different values/,
    ],
    [
      'a folder that is a request too',
      { info, item: [{ name: 'One', item: [], request: { url: 'http://localhost/' } }] },
      /a folder that is a request too/,
    ],
    ['no redirect', item({ protocolProfileBehavior: { maxRedirects: 0 } }), /0 redirects/],
    ['a script that is no JavaScript', script('pm.test("x", () => {'), /no JavaScript/],
    [
      'a script before the request that does more than set values',
      item({ event: [{ listen: 'prerequest', script: { exec: ['', 'if (1) pm.variables.set("a", 1);'] } }] }),
      /Folder › One, pre-request script, line 2\n.*does more than set a value/,
    ],
    ...[
      'pm.sendRequest("http://x", () => 1);',
      'pm.environment.set("a", Math.random());',
      'pm.environment.set("a", CryptoJS.MD5("x").toString());',
      'pm.environment.set("a", "{{b}}");',
      'pm.environment.set("a", Date.now() + 5);',
      'pm.environment.set(name, 1);',
      'pm.request.headers.add({ key: "X", value: "y" });',
      'this is no JavaScript',
    ].map((line): [string, object, RegExp] => [
      `before a request: ${line}`,
      item({ event: [{ listen: 'prerequest', script: { exec: [line] } }] }),
      /pre-request script, line 1/,
    ]),
    [
      'a variable that two scripts set to different values',
      item({
        event: [
          {
            listen: 'prerequest',
            script: { exec: ['pm.environment.set("a", "1"); pm.environment.set("a", "2");'] },
          },
        ],
      }),
      /the variable a, which is set elsewhere too/,
    ],
    [
      'a variable that has another value before',
      {
        ...item({ event: [{ listen: 'prerequest', script: { exec: ['pm.environment.set("a", "1");'] } }] }),
        variable: [{ key: 'a', value: '2' }],
      },
      /a, which has a value before a script sets it/,
    ],
    [
      'a variable that is made anew for each request',
      {
        ...item({}),
        event: [
          {
            listen: 'prerequest',
            script: { exec: ['pm.environment.set("a", pm.variables.replaceIn("{{$guid}}"));'] },
          },
        ],
      },
      /the variable a, made anew for each request/,
    ],
    [
      'a file without a name',
      item({ request: { method: 'POST', url: 'http://localhost/', body: { mode: 'file' } } }),
      /a body of a file that is not named/,
    ],
    [
      'another method',
      item({ request: { method: 'CONNECT', url: 'http://localhost/' } }),
      /the method CONNECT/,
    ],
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
  test.each(rows)('%s', async (_what, collection, message) => {
    const { code, out, err } = await runCli(['import', 'postman', 'c.json'], {
      'c.json': JSON.stringify(collection),
    });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
  });

  test('each with its line of the file', async () => {
    const item = { name: 'One', request: { method: 'CONNECT', url: 'http://localhost/' } };
    const text = JSON.stringify({ info, item: [{ name: 'Folder', item: [item] }] }, null, 2);
    const { err } = await runCli(['import', 'postman', 'c.json'], { 'c.json': text });
    const line = text.split('\n').findIndex((row) => row.includes('"One"')) + 1;
    expect(err).toContain(`  c.json:${line} Folder › One\n      the method CONNECT`);
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
