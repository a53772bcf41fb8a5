import { describe, expect, test } from '@jest/globals';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { guardedLookup } from '../../../shared/http/connect/addresses.js';
import { grpcProbe, type GrpcProbeStep } from '../../../shared/probes/network/grpc.js';
import { createAuthority, type Identity } from '../../support/servers/certificates.js';
import { serve } from '../../support/servers/http.js';
import { serveHttp2 } from '../../support/servers/http2.js';

const authority = createAuthority();
type OnStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

async function against(
  onStream: OnStream,
  step: Partial<GrpcProbeStep> = {},
  identity?: Identity,
  timeoutMs = 60_000,
) {
  const server = await serveHttp2(onStream, identity);
  try {
    const probe = grpcProbe(guardedLookup(), [authority.ca]);
    return await probe.observe({ url: server.url, service: '', metadata: {}, ...step }, { timeoutMs });
  } finally {
    await server.close();
  }
}

/** Answers as a gRPC server does: a message, then the status as trailers. */
const answering =
  (body: Buffer, status: string): OnStream =>
  (stream) => {
    stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status }));
    stream.end(body);
  };
const health = (status: number) => Buffer.from([0, 0, 0, 0, 2, 8, status]);

test.each([
  [0, 'UNKNOWN'],
  [1, 'SERVING'],
  [2, 'NOT_SERVING'],
  [3, 'SERVICE_UNKNOWN'],
])('the health status %i is %s', async (number, serving) => {
  expect(await against(answering(health(number), '0'))).toMatchObject({ ok: true, observation: { serving } });
});

test('a status that is left out is 0, as in every message of gRPC', async () => {
  expect(await against(answering(Buffer.alloc(5), '0'))).toMatchObject({
    ok: true,
    observation: { serving: 'UNKNOWN' },
  });
});

test('the question names service and metadata, over TLS too', async () => {
  let asked: { path: string | undefined; type: string | undefined; key: unknown; body: string } | undefined;
  const onStream: OnStream = (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      asked = {
        path: headers[':path'],
        type: headers['content-type'],
        key: headers['x-key'],
        body: Buffer.concat(chunks).toString('hex'),
      };
      answering(health(1), '0')(stream, headers);
    });
  };
  const step = { service: 'shop.Orders', metadata: { 'x-key': 'v' } };
  expect(await against(onStream, step, authority.issue({ names: ['127.0.0.1'] }))).toMatchObject({
    ok: true,
  });
  expect(asked).toEqual({
    path: '/grpc.health.v1.Health/Check',
    type: 'application/grpc',
    key: 'v',
    body: `000000000d0a0b${Buffer.from('shop.Orders').toString('hex')}`,
  });
});

test('a service that the server does not know is observed as such', async () => {
  const unknown: OnStream = (stream) =>
    stream.respond({ 'grpc-status': '5', 'grpc-message': 'unknown service' }, { endStream: true });
  expect(await against(unknown, { service: 'nope' })).toMatchObject({
    ok: true,
    observation: { serving: 'SERVICE_UNKNOWN' },
  });
});

describe('a stated failure is', () => {
  test.each<[string, OnStream, string, RegExp]>([
    [
      'a server without health service',
      (stream) => stream.respond({ 'grpc-status': '12' }, { endStream: true }),
      'grpc',
      /status 12/,
    ],
    [
      'a web page',
      (stream) => {
        stream.respond({ ':status': 200 });
        stream.end('<h1>hello');
      },
      'protocol',
      /not of gRPC \(HTTP status 200\)/,
    ],
    [
      'an error page',
      (stream) => stream.respond({ ':status': 503 }, { endStream: true }),
      'protocol',
      /HTTP status 503/,
    ],
    [
      'success without a message',
      answering(Buffer.alloc(0), '0'),
      'protocol',
      /not one uncompressed message/,
    ],
    [
      'a message cut short',
      answering(Buffer.from([0, 0, 0, 0, 9, 8, 1]), '0'),
      'protocol',
      /not one uncompressed message/,
    ],
    [
      'a compressed message',
      answering(Buffer.from([1, 0, 0, 0, 2, 8, 1]), '0'),
      'protocol',
      /not one uncompressed message/,
    ],
    ['a status that is none', answering(health(9), '0'), 'protocol', /not a HealthCheckResponse/],
    ['a message followed by an error', answering(health(1), '13'), 'grpc', /status 13/],
    [
      'an endless message',
      (stream) => {
        stream.respond();
        stream.write(Buffer.alloc(100_000));
      },
      'too-large',
      /65536/,
    ],
    ['a stream that is reset', (stream) => stream.close(2), 'protocol', /./],
  ])('%s', async (_, onStream, kind, message) => {
    expect(await against(onStream)).toMatchObject({
      ok: false,
      fault: { kind, message: expect.stringMatching(message) },
    });
  });

  test('silence', async () => {
    expect(await against(() => undefined, {}, undefined, 150)).toMatchObject({
      ok: false,
      fault: { kind: 'timeout', message: expect.stringMatching(/within 150 ms/) },
    });
  });

  test('a server that speaks HTTP/1.1 only', async () => {
    const plain = await serve((_, response) => response.end());
    const secure = await serve((_, response) => response.end(), authority.issue({ names: ['127.0.0.1'] }));
    const probe = grpcProbe(guardedLookup(), [authority.ca]);
    for (const { url } of [plain, secure])
      expect(await probe.observe({ url, service: '', metadata: {} }, { timeoutMs: 60_000 })).toMatchObject({
        ok: false,
      });
    await Promise.all([plain.close(), secure.close()]);
  });

  test('an expired certificate', async () => {
    const expired = authority.issue({
      names: ['127.0.0.1'],
      notBefore: new Date(0),
      notAfter: new Date(86_400_000),
    });
    expect(await against(answering(health(1), '0'), {}, expired)).toMatchObject({
      ok: false,
      fault: { kind: 'tls' },
    });
  });

  test('an address that is none', async () => {
    expect(await against(() => undefined, { url: 'shop:50051' })).toMatchObject({
      ok: false,
      fault: { kind: 'protocol' },
    });
  });
});
