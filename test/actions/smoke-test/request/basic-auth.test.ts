import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { serve, type TestServer } from '../../../support/servers/http.js';
import { runSuite, suiteOf, verdict } from '../run-suite.js';

let server: TestServer;
let other: TestServer;
const seen: (string | undefined)[] = [];
beforeAll(async () => {
  other = await serve((request, response) => {
    seen.push(`other ${request.headers.authorization}`);
    response.end('there');
  });
  server = await serve((request, response) => {
    const { authorization } = request.headers;
    seen.push(authorization);
    if (request.url === '/away') response.writeHead(302, { location: other.url }).end();
    else response.writeHead(authorization ? 200 : 401).end(`you said ${authorization}`);
  });
});
afterAll(() => Promise.all([server.close(), other.close()]));

const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const run = async (http: string, expectations: string, given: Record<string, string> = {}) =>
  runSuite(suiteOf(`- name: step\n  http: ${http}\n  expect: ${expectations}`), {
    'base-url': server.url,
    ...given,
  });

test('user and password are sent as RFC 7617 says, references filled in', async () => {
  const http = "{ url: /, basic-auth: { user: '{{ name }}', password: 'pässwörd {{ secrets.KEY }}' } }";
  const given = { variables: 'name=ana', secrets: 'KEY=k-7788' };
  expect(verdict(await run(http, '{ status: 200 }', given))).toBe('passed');
  expect(seen.at(-1)).toBe(basic('ana', 'pässwörd k-7788'));
});

test('neither the password nor what is sent of it is shown anywhere, a literal one included', async () => {
  const http = "{ url: /, basic-auth: { user: ana, password: 'open sesame/42' } }";
  const { everything, report } = await run(http, '{ status: 418, body: { contains: open } }', {
    har: 'true',
  });
  expect(report?.failures[0]?.got).toBe('200: you said Basic ***');
  expect(everything.replaceAll('contains: open', '')).not.toMatch(/sesame/);
  expect(everything).not.toContain(basic('ana', 'open sesame/42').slice('Basic '.length));
});

test('another origin does not get it', async () => {
  const http = '{ url: /away, redirects: 1, basic-auth: { user: ana, password: open-sesame } }';
  expect(verdict(await run(http, '{ status: 200 }'))).toBe('passed');
  expect(seen.slice(-2)).toEqual([basic('ana', 'open-sesame'), 'other undefined']);
});

test('beside another authorization it is refused with its line, before anything is sent', async () => {
  const before = seen.length;
  const headers = '{ url: /, headers: { AUTHORIZATION: x }, basic-auth: { user: ana, password: p } }';
  expect(verdict(await run(headers, '{ status: 200 }'))).toMatch(
    /^refused: [^]*smoke\.yml:6:\d+[^]*one of "basic-auth" and the header authorization/,
  );
  const address = `{ url: 'http://eva:pw@127.0.0.1:9/', basic-auth: { user: ana, password: p } }`;
  expect(verdict(await run(address, '{ status: 200 }'))).toMatch(/the url has a user of its own/);
  const colon = '{ url: /, basic-auth: { user: "a:b", password: p } }';
  expect(verdict(await run(colon, '{ status: 200 }'))).toMatch(/a colon/);
  expect(seen.length).toBe(before);
});
