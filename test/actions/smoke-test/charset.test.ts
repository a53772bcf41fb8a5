import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Buffer } from 'node:buffer';
import { serve, type TestServer } from '../../support/servers/http.js';
import { runSuite, suiteOf } from './run-suite.js';

const bodies: Readonly<Record<string, [type: string, body: Buffer]>> = {
  '/euro': ['text/html; charset=windows-1252', Buffer.from([0x31, 0x80])],
  '/meta': ['text/html', Buffer.from('<meta charset=windows-1252><p>1\x80</p>', 'latin1')],
  '/broken': ['text/html', Buffer.from('<p>1\x80</p>', 'latin1')],
  '/unknown': ['text/html; charset=ebcdic', Buffer.from('<p>x</p>')],
  '/json': ['application/json', Buffer.from('{"a":"\xff"}', 'latin1')],
};
let server: TestServer;
beforeAll(async () => {
  server = await serve(({ url = '' }, response) => {
    const [type, body] = bodies[url]!;
    response.writeHead(200, { 'content-type': type }).end(body);
  });
});
afterAll(() => server.close());

const verdictOf = async (path: string, rest: string) => {
  const { report } = await runSuite(
    suiteOf(`- { name: look, http: { url: "${server.url}${path}" }, ${rest} }`),
  );
  return { result: report?.result, got: report?.failures[0]?.got };
};

describe('smoke fault 12: what is expected of text', () => {
  test.each<[path: string, rest: string]>([
    ['/euro', 'expect: { body: { contains: "€" } }'],
    ['/meta', 'expect: { css: [{ selector: p, equals: "1€" }] }'],
    ['/broken', 'expect: { status: 200, size: "< 1kB" }'],
  ])('of %s holds: %s', async (path, rest) => {
    expect(await verdictOf(path, rest)).toEqual({ result: 'pass', got: undefined });
  });

  test.each<[path: string, rest: string]>([
    ['/euro', 'expect: { body: { not-contains: "€" } }'],
    ['/meta', 'expect: { body: { not-contains: "€" } }'],
  ])('of %s is broken: %s', async (path, rest) => {
    expect(await verdictOf(path, rest)).toMatchObject({ result: 'fail', got: expect.stringContaining('€') });
  });

  test.each<[path: string, rest: string]>([
    ['/broken', 'expect: { body: { not-contains: "€" } }'],
    ['/broken', 'expect: { body: { contains: "<p>" } }'],
    ['/broken', 'expect: { not: { body: { contains: "€" } } }'],
    ['/broken', 'expect: { css: [{ selector: b, exists: false }] }'],
    ['/broken', 'expect: { not: { css: [{ selector: b, exists: true }] } }'],
    ['/broken', 'expect: { status: 200 }, capture: { one: { regex: "<p>(.)" } }'],
    ['/unknown', 'expect: { body: { not-contains: y } }'],
    ['/json', 'expect: { json: [{ path: $.b, exists: false }] }'],
    ['/json', 'expect: { not: { json: [{ path: $.a, equals: "x" }] } }'],
    ['/json', 'expect: { status: 200 }, capture: { a: { json: $.a } }'],
  ])('of %s cannot be decided, so that it is red: %s', async (path, rest) => {
    const doubt = path === '/unknown' ? /charset that is not known/ : /bytes that are not valid UTF-8/;
    expect(await verdictOf(path, rest)).toMatchObject({
      result: 'fail',
      got: expect.stringMatching(doubt),
    });
  });
});
