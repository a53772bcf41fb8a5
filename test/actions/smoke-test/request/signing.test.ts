import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createAuthority } from '../../../support/servers/certificates.js';
import { serve, type TestServer } from '../../../support/servers/http.js';
import { serveHttp2 } from '../../../support/servers/http2.js';
import { runSuite, suiteOf, verdict } from '../run-suite.js';

interface Seen {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  raw: string[];
  body: string;
}

let server: TestServer;
let elsewhere: TestServer;
let seen: Seen[];
/** The challenge of the server; without one it lets everybody in. */
let challenge: string | undefined;
beforeAll(async () => {
  const listener: Parameters<typeof serve>[0] = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers, rawHeaders } = request;
      seen.push({ method, url, headers, raw: rawHeaders, body: Buffer.concat(chunks).toString() });
      if (url === '/away') return void response.writeHead(307, { location: `${elsewhere.url}/` }).end();
      const isIn = challenge === undefined || headers.authorization?.startsWith('Digest ');
      if (isIn) return void response.end('{}');
      response.writeHead(401, { 'www-authenticate': ['Basic realm="x"', challenge!] }).end();
    });
  };
  server = await serve(listener);
  elsewhere = await serve(listener);
});
afterAll(() => Promise.all([server.close(), elsewhere.close()]));
beforeEach(() => {
  seen = [];
  challenge = undefined;
});

const ask = (http: string, given: Readonly<Record<string, string>> = {}) =>
  runSuite(suiteOf(`- { name: ask, http: { ${http} }, expect: { status: 200 } }`), {
    'base-url': server.url,
    secrets: '{"KEY":"s3cret key","TOKEN":"t0ken0123456789"}',
    ...given,
  });

const hmac = (algorithm: string, key: string | Buffer, text: string) =>
  createHmac(algorithm, key).update(text);

describe('hmac', () => {
  test('signs the body as it is sent, byte for byte', async () => {
    const run = await ask(
      "method: POST, url: /hook, json: { a: 'é' }, hmac: { header: x-hub-signature-256, prefix: 'sha256=', key: '{{ secrets.KEY }}' }",
    );
    expect(verdict(run)).toBe('passed');
    const [{ body, headers }] = seen as [Seen];
    expect(headers['x-hub-signature-256']).toBe(`sha256=${hmac('sha256', 's3cret key', body).digest('hex')}`);
  });

  test('signs a text of method, path with query, time and body, with a key in base64', async () => {
    const run = await ask(
      "method: POST, url: '/a?b=c%20d', query: { e: 'ü' }, body: hello, headers: { x-time: '{{ epoch }}' }, hmac: { header: x-sign, algorithm: sha512, encoding: base64, key: a2V5LWJ5dGVz, key-encoding: base64, text: '{{ request.method }} {{ request.path }} {{ epoch }}.{{ request.body }}' }",
    );
    expect(verdict(run)).toBe('passed');
    const [{ url, headers }] = seen as [Seen];
    const text = `POST ${url} ${headers['x-time']?.toString()}.hello`;
    expect(headers['x-sign']).toBe(hmac('sha512', Buffer.from('key-bytes'), text).digest('base64'));
  });

  test('masks its key, and refuses one that is not written as it says', async () => {
    const run = await ask("url: '/{{ key }}', hmac: { header: x-sign, key: '{{ key }}' }", {
      variables: 'key=plainkey-0123456789',
    });
    expect(run.runner.summary + JSON.stringify(run.report)).not.toContain('plainkey-0123456789');
    const wrong = await ask('url: /, hmac: { header: x-sign, key: "no base64!", key-encoding: base64 }');
    expect(verdict(wrong)).toContain('the key of hmac is not base64');
    expect(seen).toHaveLength(1);
  });

  test('the request can be named in the text of a signature alone', async () => {
    const run = await ask("url: '/{{ request.body }}'");
    expect(verdict(run)).toContain('{{ request.body }}, which has no value');
  });
});

describe('aws', () => {
  test('signs with Signature Version 4, as AWS computes it', async () => {
    const run = await ask(
      "method: POST, url: '/stage/orders?b=2&a=1', json: { n: 1 }, aws: { region: eu-west-1, service: execute-api, access-key: AKIDEXAMPLE, secret-key: '{{ secrets.KEY }}', session-token: '{{ secrets.TOKEN }}' }",
    );
    expect(verdict(run)).toBe('passed');
    const [{ headers, body }] = seen as [Seen];
    const time = headers['x-amz-date'] as string;
    const [, signed = ''] = /SignedHeaders=([^,]+)/.exec(headers.authorization!)!;
    const sha = (text: string) => createHash('sha256').update(text).digest('hex');
    const canonical = [
      'POST',
      '/stage/orders',
      'a=1&b=2',
      ...signed.split(';').map((name) => `${name}:${headers[name] as string}`),
      '',
      signed,
      sha(body),
    ].join('\n');
    const scope = `${time.slice(0, 8)}/eu-west-1/execute-api/aws4_request`;
    const key = scope
      .split('/')
      .reduce<string | Buffer>((left, part) => hmac('sha256', left, part).digest(), 'AWS4s3cret key');
    const signature = hmac('sha256', key, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha(canonical)}`);
    expect(headers.authorization).toBe(
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope}, SignedHeaders=${signed}, Signature=${signature.digest('hex')}`,
    );
    expect(signed.split(';')).toEqual(expect.arrayContaining(['host', 'x-amz-security-token']));
    expect(headers['x-amz-security-token']).toBe('t0ken0123456789');
  });
});

describe('digest-auth', () => {
  const step =
    "method: POST, url: '/dir?x=1', body: b, digest-auth: { user: mona, password: '{{ secrets.KEY }}' }";

  test.each(['MD5', 'SHA-256', 'SHA-256-sess'])('answers a challenge with %s', async (algorithm) => {
    challenge = `Digest realm="shop, \\"a\\"", qop="auth-int, auth", nonce="n=1", opaque="o", algorithm=${algorithm}`;
    expect(verdict(await ask(step))).toBe('passed');
    const [first, second] = seen as [Seen, Seen];
    expect(first.headers.authorization).toBeUndefined();
    const given = second.headers.authorization!;
    const of = (name: string) => new RegExp(`\\b${name}="?([^",]+)`).exec(given)![1]!;
    const kind = algorithm.startsWith('MD5') ? 'md5' : 'sha256';
    const hash = (text: string) => createHash(kind).update(text).digest('hex');
    const secret = hash('mona:shop, "a":s3cret key');
    const left = algorithm.endsWith('sess') ? hash(`${secret}:n=1:${of('cnonce')}`) : secret;
    const right = hash('POST:/dir?x=1');
    expect(of('response')).toBe(hash(`${left}:n=1:00000001:${of('cnonce')}:auth:${right}`));
    expect(given).toContain('realm="shop, \\"a\\""');
    expect([of('opaque'), second.body]).toEqual(['o', 'b']);
  });

  test('what it cannot answer stays a 401, and a server elsewhere gets no proof', async () => {
    challenge = 'Digest realm="a", qop="auth-int", nonce="n"';
    expect(verdict(await ask(step))).toContain('status');
    challenge = 'Digest realm="a", nonce="n"';
    const away = await ask(`${step.replace('/dir?x=1', '/away')}, redirects: 2`);
    expect(verdict(away)).toContain('status');
    expect(seen.map(({ headers }) => headers.authorization)).toEqual(seen.map(() => undefined));
  });

  test('is the only way to prove who asks', async () => {
    const run = await ask('url: /, bearer: t0ken, digest-auth: { user: a, password: b }');
    expect(verdict(run)).toContain('only one of basic-auth, bearer, digest-auth, aws');
    expect(seen).toEqual([]);
  });
});

describe('headers and values', () => {
  test('a header in a list is sent several times, over HTTP/1.1 and 2', async () => {
    const http = "headers: { x-tag: [a, '{{ locale }}'] }";
    expect(verdict(await ask(`url: /, ${http}`, { variables: 'locale=en' }))).toBe('passed');
    const [{ raw }] = seen as [Seen];
    expect(raw.filter((_, index) => raw[index - 1] === 'x-tag')).toEqual(['a', 'en']);
    const authority = createAuthority();
    const tags: unknown[] = [];
    const modern = await serveHttp2(
      (stream, headers) => {
        tags.push(headers['x-tag']);
        stream.respond({ ':status': 200 });
        stream.end();
      },
      authority.issue({ names: ['127.0.0.1'] }),
    );
    const suite = `version: 1\nca: [ca.pem]\nflows: [{ name: a, steps: [{ name: b, http: { url: /, ${http} }, expect: { status: 200 } }] }]`;
    const run = await runSuite(suite, { 'base-url': modern.url, variables: 'locale=en' }, {}, undefined, {
      'ca.pem': authority.ca,
    });
    await modern.close();
    expect([verdict(run), tags]).toEqual(['passed', ['a, en']]);
  });

  test.each([
    ['base64', 'w7wgLw=='],
    ['base64url', 'w7wgLw'],
    ['hex', 'c3bc202f'],
    ['url', '%C3%BC%20%2F'],
  ])('a value may be written as %s', async (filter, written) => {
    const run = await ask(`url: /, method: POST, json: ['{{ v | ${filter} }}', 'x {{v|${filter}}}']`, {
      variables: 'v=ü /',
    });
    expect([verdict(run), JSON.parse(seen[0]!.body)]).toEqual(['passed', [written, `x ${written}`]]);
  });

  test('another way to write one is an error', async () => {
    expect(verdict(await ask("url: '/{{ v | upper }}'", { variables: 'v=1' }))).toContain(
      'write one of base64, base64url, hex, text, url behind |',
    );
  });
});
