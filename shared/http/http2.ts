import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { bodiless, readBody } from './body.js';
import { headersOf, startStopwatch, type Exchanged, type Outgoing, type Stopwatch } from './exchange.js';
import { HttpFailure } from './faults.js';

/** Headers that belong to one HTTP/1.1 connection and are an error in HTTP/2 (RFC 9113 §8.2.2). */
const connectionHeaders = new Set([
  'connection',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/** Speaks HTTP/2 on a connection whose server chose it. */
export async function openSession(url: URL, socket: TLSSocket): Promise<ClientHttp2Session> {
  const { connect } = await import('node:http2');
  const session = connect(url.origin, { createConnection: () => socket, settings: { enablePush: false } });
  // Every stream reports the failure of its session; without a listener it would end the process.
  session.on('error', () => undefined);
  return session;
}

/**
 * Makes one exchange as a stream of a session; `signal` ends it at any point with its reason as the error, and closes
 * the session to new requests. Never rejects.
 */
export function exchangeHttp2(
  session: ClientHttp2Session,
  isReused: boolean,
  outgoing: Outgoing,
  url: URL,
  signal: AbortSignal,
): Promise<Exchanged> {
  return new Promise((resolve) => {
    let stream: ClientHttp2Stream | undefined;
    let answered = false;
    const stopwatch = startStopwatch();
    const stop = () => {
      // A session that stands still would let every later request wait in vain; those under way may yet be answered.
      session.close();
      fail(signal.reason);
    };
    const settle = (result: Exchanged) => {
      signal.removeEventListener('abort', stop);
      resolve(result);
    };
    const fail = (error: unknown) => {
      // Nothing was processed when the session was closing already, or refused the stream.
      const unseen = !answered && (isReused || stream?.rstCode === 7);
      settle({ ok: false, error, stale: unseen && !signal.aborted });
      stream?.destroy();
    };
    if (signal.aborted) return fail(signal.reason);
    try {
      stream = session.request(headersFor(outgoing, url), { endStream: outgoing.body === undefined });
    } catch (error) {
      return fail(error);
    }
    signal.addEventListener('abort', stop, { once: true });
    stream.on('error', fail);
    stream.on('close', () => {
      if (!answered) fail(new HttpFailure('reset', 'the server closed the stream without an answer'));
    });
    const answer = stream;
    stream.on('response', (_headers, _flags, raw?: string[]) => {
      answered = true;
      stopwatch.answered(session.socket.remoteAddress);
      receive(answer, raw ?? [], outgoing, stopwatch).then(settle, fail);
    });
    if (outgoing.body !== undefined) stream.once('finish', stopwatch.sent).end(outgoing.body);
  });
}

async function receive(
  stream: ClientHttp2Stream,
  raw: readonly string[],
  { method, maxBodyBytes }: Outgoing,
  stopwatch: Stopwatch,
): Promise<Exchanged> {
  const { ':status': status, ...headers } = headersOf(raw);
  const head = {
    method,
    status: Number(status?.[0]),
    encoding: headers['content-encoding']?.join(', ') ?? '',
  };
  const closed = new Promise<void>((resolve) => stream.once('close', () => resolve()));
  const body = await readBody(stream, head, maxBodyBytes);
  // A stream that the server cut off ends like a whole one; why it ended is known when it is closed.
  if (!stream.destroyed) await closed;
  // An encoded body has an end of its own.
  const [promised] = head.encoding === '' && !bodiless(head) ? (headers['content-length'] ?? []) : [];
  if (stream.rstCode || (promised !== undefined && Number(promised) !== body.length))
    throw new HttpFailure('reset', 'the server cut the stream off in the middle of the body');
  return { ok: true, status: head.status, headers, body, transfer: stopwatch.stop('2') };
}

function headersFor({ method, headers }: Outgoing, url: URL): OutgoingHttpHeaders {
  const own = Object.entries(headers).filter(([name]) => !connectionHeaders.has(name));
  return {
    ':method': method,
    ':scheme': 'https',
    ':authority': String(headers['host'] ?? url.host),
    ':path': `${url.pathname}${url.search}`,
    ...(Object.fromEntries(own) as OutgoingHttpHeaders),
  };
}
