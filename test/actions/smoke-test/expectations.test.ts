import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { serve, type TestServer } from '../../support/servers/http.js';
import { runSuite, suiteOf, verdict } from './run-suite.js';

const page = `<form action="/orders/17"><input name="csrf" value="tok-Ab12"><p>Sign In</p><p>Cart</p></form>`;
let server: TestServer;
let asked: string[];
beforeAll(async () => {
  server = await serve(({ url = '' }, response) => {
    asked.push(url);
    if (url === '/json')
      response.end(
        '{"n":7,"half":1.5,"one":1.0,"text":"7","none":null,"list":[1,2],"big":9007199254740993,"o":{}}',
      );
    else
      response
        .setHeader('vary', ['Origin, Accept', 'accept, ORIGIN'])
        .writeHead(201, { 'content-type': 'text/html', location: '/orders/42?x=1' })
        .end(page);
  });
});
afterAll(() => server.close());

const run = async (path: string, rest: string) => {
  asked = [];
  return verdict(await runSuite(suiteOf(`- { name: look, http: { url: "${server.url}${path}" }, ${rest} }`)));
};
const json = (matcher: string) => run('/json', `expect: { json: [{ path: ${matcher} }] }`);

describe('numbers in JSON', () => {
  test.each([
    '$.n, gt: 6',
    '$.n, gte: 7',
    '$.n, lt: 7.5',
    '$.n, lte: 7',
    '$.half, gt: 1, lt: 2',
    '$.n, gt: -1',
  ])('hold: %s', async (matcher) => expect(await json(matcher)).toBe('passed'));

  test.each<[matcher: string, got: RegExp]>([
    ['$.n, gt: 7', /json \$\.n: one number > 7 ≠ 7$/],
    ['$.n, gte: 7.1', /one number >= 7\.1 ≠ 7$/],
    ['$.n, lt: 7', /one number < 7 ≠ 7$/],
    ['$.n, lte: 6', /one number <= 6 ≠ 7$/],
    ['$.half, gt: 1, lt: 1.2', /one number < 1\.2 ≠ 1\.5$/],
  ])('are broken: %s', async (matcher, got) => expect(await json(matcher)).toMatch(got));

  test.each(['$.text', '$.none', '$.list', '$["list"][*]', '$.missing', '$.big', '$.o'])(
    'of %s cannot be compared, either way',
    async (path) => {
      expect(await json(`'${path}', gt: 0`)).not.toBe('passed');
      expect(await run('/json', `expect: { not: { json: [{ path: '${path}', gt: 0 }] } }`)).not.toBe(
        'passed',
      );
    },
  );
});

describe('types in JSON', () => {
  test.each([
    ['$.n', 'number'],
    ['$.n', 'integer'],
    ['$.one', 'integer'],
    ['$.half', 'number'],
    ['$.text', 'string'],
    ['$.list', 'array'],
    ['$.o', 'object'],
  ])('%s is of type %s', async (path, type) => expect(await json(`${path}, type: ${type}`)).toBe('passed'));

  test.each([
    ['$.half', 'integer'],
    ['$.text', 'number'],
    ['$.none', 'object'],
    ['$.list', 'object'],
    ['$.missing', 'object'],
    ['$.list[*]', 'number'],
  ])('%s is not of type %s', async (path, type) =>
    expect(await json(`'${path}', type: ${type}`)).toMatch(/one node of type/),
  );

  test('a type that does not exist is refused with those that do', async () => {
    expect(await json('$.n, type: float')).toMatch(/refused/);
  });
});

describe('several texts', () => {
  test.each([
    'expect: { status: 201, body: { contains: [Sign In, Cart] } }',
    'expect: { status: 201, body: { matches: ["(?i)sign in", "tok-\\\\w+"], not-contains: [error, Error] } }',
    'expect: { status: 201, css: [{ selector: p, contains: [Sign, Cart] }] }',
    'expect: { status: 201, headers: { vary: { matches: ["(?i)origin", "(?i)accept"] } } }',
    'expect: { status: 201, not: { body: { contains: [nothing, of this] } } }',
  ])('all hold: %s', async (rest) => expect(await run('/page', rest)).toBe('passed'));

  test.each<[rest: string, got: RegExp]>([
    [
      'expect: { status: 201, body: { contains: [Sign In, Basket] } }',
      /^body: text that contains "Basket" ≠/,
    ],
    ['expect: { status: 201, body: { not-contains: [x-x, Cart] } }', /^body: text without "Cart" ≠/],
    ['expect: { status: 201, headers: { vary: { contains: [Origin, Accept] } } }', /header vary/],
    [
      'expect: { status: 201, css: [{ selector: p, contains: [Sign, Basket] }] }',
      /css p: a node with .*"Basket"/,
    ],
    ['expect: { status: 201, not: { body: { contains: [nothing, Cart] } } }', /not body: .*"Cart"/],
    ['expect: { status: 201, body: { contains: [] } }', /refused/],
    ['expect: { status: 201, body: { matches: ["ok", "(["] } }', /refused/],
  ])('one does not: %s', async (rest, got) => expect(await run('/page', rest)).toMatch(got));

  test('(?i) at the start of a pattern ignores case, and only there', async () => {
    expect(await run('/page', 'expect: { status: 201, body: { matches: "(?i)SIGN in" } }')).toBe('passed');
    expect(await run('/page', 'expect: { status: 201, body: { matches: "SIGN in" } }')).toMatch(/≠/);
    expect(await run('/page', 'expect: { status: 201, body: { matches: "(?x)SIGN" } }')).toMatch(/refused/);
  });
});

describe('parts that are captured', () => {
  const then = (name: string) =>
    `\n- { name: then, http: { url: "${'{{ base }}'}/next-{{ ${name} }}" }, expect: { status: 201 } }`;
  const capture = async (rule: string) => {
    asked = [];
    const suite = `- { name: look, http: { url: "${server.url}/page" }, expect: { status: 201 }, capture: { it: ${rule} } }${then('it').replace('{{ base }}', server.url)}`;
    return { came: verdict(await runSuite(suiteOf(suite))), asked };
  };

  test.each([
    ['{ header: location, regex: "/orders/(\\\\d+)" }', '42'],
    ['{ css: input, attribute: value }', 'tok-Ab12'],
    ['{ css: form, attribute: action, regex: "\\\\d+$" }', '17'],
    ['{ xpath: "//p[1]", regex: "(?i)^(sign)" }', 'Sign'],
  ])('%s gives %s', async (rule, value) => {
    expect(await capture(rule)).toEqual({ came: 'passed', asked: ['/page', `/next-${value}`] });
  });

  test.each<[rule: string, why: RegExp]>([
    [
      '{ header: location, regex: "/users/(\\\\d+)" }',
      /capture it: text that matches .* in the header location/,
    ],
    ['{ header: etag, regex: "." }', /capture it: the header etag once/],
    ['{ css: input, attribute: id }', /capture it/],
    ['{ regex: "x", attribute: id }', /refused/],
    ['{ header: location, css: p }', /refused/],
  ])('%s does not', async (rule, why) => {
    const { came, asked } = await capture(rule);
    expect(came).toMatch(why);
    expect(asked.some((url) => url.startsWith('/next'))).toBe(false);
  });
});

describe('what is expected of the exchange itself', () => {
  const of = (expected: string) => run('/json', `expect: { ${expected} }`);

  test.each([
    'url: { matches: "^http://[^/]+/json$" }',
    'ip: { equals: 127.0.0.1 }',
    "http-version: '1.1'",
    'not: { md5: "00000000000000000000000000000000" }',
  ])('holds: %s', async (expected) => expect(await of(expected)).toBe('passed'));

  test.each<[string, RegExp]>([
    ['url: { equals: "http://x/" }', /url: "http:\/\/x\/" ≠ .*\/json/],
    ['ip: { not-contains: "127" }', /ip: text without "127" ≠ 127\.0\.0\.1/],
    ["http-version: '2'", /http-version: 2 ≠ 1\.1/],
    ['md5: "00000000000000000000000000000000"', /md5: 0{32} ≠ [0-9a-f]{32}/],
  ])('fails: %s', async (expected, message) => expect(await of(expected)).toMatch(message));

  test('none of it is a question to other probes', async () => {
    const suite = suiteOf(
      '- { name: look, tcp: { address: "localhost:1" }, expect: { ip: { equals: "::1" } } }',
    );
    expect(verdict(await runSuite(suite))).toMatch(/remove "ip", or make this a step of http/);
  });
});

test('a number is compared as a text with | text', async () => {
  const steps = (matcher: string) =>
    suiteOf(`- { name: take, http: { url: "${server.url}/json" }, expect: { status: 200 }, capture: { n: { json: $.n } } }
- { name: look, http: { url: "${server.url}/json" }, expect: { json: [${matcher}] } }`);
  asked = [];
  expect(verdict(await runSuite(steps(`{ path: $.text, equals: '{{ n | text }}' }`)))).toBe('passed');
  expect(verdict(await runSuite(steps(`{ path: $.n, equals: '{{ n | text }}' }`)))).toMatch(/"7" ≠ 7/);
});
