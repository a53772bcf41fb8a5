import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RequestListener, ServerResponse } from 'node:http';
import { guardedLookup } from '../../../shared/http/connect/addresses.js';
import { createEventReader, sseProbe, type SseProbeStep } from '../../../shared/probes/streams/sse.js';
import { createAuthority } from '../../support/servers/certificates.js';
import { serve } from '../../support/servers/http.js';

const probe = sseProbe(guardedLookup(), undefined);
const observe = (
  step: Partial<SseProbeStep> & { url: string },
  { timeoutMs = 60_000, by = probe }: { timeoutMs?: number; by?: typeof probe } = {},
) => by.observe({ headers: {}, events: 1, maxBytes: 1_000, ...step }, { timeoutMs });

async function against(listener: RequestListener, step: Partial<SseProbeStep> = {}, timeoutMs?: number) {
  const server = await serve(listener);
  try {
    return await observe({ ...step, url: server.url }, timeoutMs === undefined ? {} : { timeoutMs });
  } finally {
    await server.close();
  }
}

const stream =
  (onOpen: (response: ServerResponse) => void): RequestListener =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    onOpen(response);
  };

test('events are read until there are enough, whatever comes after them', async () => {
  const probed = await against(
    stream((response) => {
      response.write(': hello\n\nevent: price\nid: 7\ndata: {"amount":1}\n\n');
      response.write('data: two\ndata: lines\n\ndata: more\n\n');
    }),
    { events: 2 },
  );
  if (!probed.ok) throw new Error(probed.fault.message);
  expect(probed.observation.json()).toEqual({
    ok: true,
    value: [
      { event: 'price', data: { amount: 1 }, id: '7' },
      { event: 'message', data: 'two\nlines', id: '7' },
    ],
  });
  expect(probed.observation.text()).toBe('{"amount":1}\ntwo\nlines');
});

test('the request asks for events, with the headers of the step', async () => {
  let headers: unknown;
  await against(
    (request, response) => {
      headers = request.headers;
      stream((open) => open.write('data: x\n\n'))(request, response);
    },
    { headers: { authorization: 'Bearer t' } },
  );
  expect(headers).toMatchObject({ accept: 'text/event-stream', authorization: 'Bearer t' });
});

describe('a stated failure is', () => {
  test.each<[what: string, listener: RequestListener, kind: string, message: RegExp]>([
    [
      'a stream that ends too early',
      stream((response) => response.end('data: x\n\ndata: unfinished')),
      'closed',
      /ended after 1 of 2 events/,
    ],
    [
      'a stream that is cut',
      stream((response) => {
        response.write('data: x\n\n');
        setTimeout(() => response.destroy(), 10);
      }),
      'reset',
      /./,
    ],
    ['another status', (_request, response) => response.writeHead(403).end(), 'status', /answered 403/],
    [
      'a redirect',
      (_request, response) => response.writeHead(302, { location: '/x' }).end(),
      'status',
      /answered 302, expected 200/,
    ],
    [
      'another type',
      (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('data: x\n\n'),
      'protocol',
      /"text\/html", expected text\/event-stream/,
    ],
    [
      'bytes that are not UTF-8',
      stream((response) => response.write(Buffer.from([0x64, 0xff, 0x0a, 0x0a]))),
      'protocol',
      /not valid UTF-8/,
    ],
    [
      'more than the limit',
      stream((response) => response.write(`data: ${'a'.repeat(1_001)}`)),
      'too-large',
      /more than 1000 bytes/,
    ],
  ])('%s', async (_what, listener, kind, message) => {
    expect(await against(listener, { events: 2 })).toMatchObject({
      ok: false,
      fault: { kind, message: expect.stringMatching(message) },
    });
  });

  test('a stream that says nothing', async () => {
    expect(
      await against(
        stream(() => undefined),
        {},
        200,
      ),
    ).toMatchObject({
      ok: false,
      fault: { kind: 'timeout' },
    });
  });

  test.each([
    ['ftp://127.0.0.1/', 'protocol'],
    ['nonsense', 'protocol'],
    ['http://169.254.169.254/', 'forbidden-address'],
    ['http://127.0.0.1:9/', 'refused'],
  ])('%s', async (url, kind) => {
    expect(await observe({ url })).toMatchObject({ ok: false, fault: { kind } });
  });

  test('a certificate that nobody trusts', async () => {
    const authority = createAuthority();
    const server = await serve(
      stream((response) => response.write('data: x\n\n')),
      authority.issue({ names: ['127.0.0.1'] }),
    );
    const by = sseProbe(guardedLookup(), [authority.ca]);
    expect(await observe({ url: server.url }, { by })).toMatchObject({ ok: true });
    expect(await observe({ url: server.url })).toMatchObject({ ok: false, fault: { kind: 'tls' } });
    await server.close();
  });
});

describe('the stream', () => {
  const whole = (text: string) => createEventReader()(text);

  test.each<[what: string, text: string, data: string[]]>([
    ['lines end in three ways', 'data: a\r\ndata: b\rdata: c\n\n', ['a\nb\nc']],
    ['one space behind the colon is left out', 'data:a\n\ndata:  b\n\n', ['a', ' b']],
    ['a field without a colon is empty', 'data\n\n', ['']],
    ['comments and unknown fields say nothing', ':data: x\nretry: 5\nfoo: bar\ndata: y\n\n', ['y']],
    ['an event without data is none', 'event: ping\n\ndata: x\n\n', ['x']],
    ['what is not finished is not told', 'data: x\n', []],
  ])('%s', (_what, text, data) => {
    expect(whole(text).map((one) => one.data)).toEqual(data);
  });

  test('gives the same events however it is cut', () => {
    const piece = fc.constantFrom('data: a', 'event: e', 'id: 1', ':c', '\n', '\r\n', '\r', '\n\n', 'x', '');
    fc.assert(
      fc.property(fc.array(piece), fc.array(fc.nat(200)), (pieces, cuts) => {
        const text = `${pieces.join('')}\n`;
        const reader = createEventReader();
        const places = [0, ...cuts.map((cut) => cut % text.length).sort((a, b) => a - b), text.length];
        const events = places.slice(1).flatMap((to, index) => reader(text.slice(places[index], to)));
        expect(events).toEqual(whole(text));
      }),
    );
  });
});
