import {
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestOptions,
} from 'node:http';
import { readBody } from './body.js';
import { HttpFailure } from './faults.js';
import type { SentHeaders, Transfer } from './types.js';

/** One request on one connection, without redirects. */
export interface Outgoing {
  method: string;
  headers: SentHeaders;
  body: string | Uint8Array | undefined;
  maxBodyBytes: number;
}

/** What came back, or the error with what decides whether sending again is safe. */
export type Exchanged =
  | { ok: true; status: number; headers: Record<string, string[]>; body: Uint8Array; transfer: Transfer }
  | { ok: false; error: unknown; stale: boolean };

/** Makes one exchange; `signal` ends it at any point with its reason as the error. Never rejects. */
export function exchange(outgoing: Outgoing, route: RequestOptions, signal: AbortSignal): Promise<Exchanged> {
  return new Promise((resolve) => {
    let request: ClientRequest | undefined;
    let answered = false;
    const stopwatch = startStopwatch();
    const stop = () => fail(signal.reason);
    const settle = (result: Exchanged) => {
      signal.removeEventListener('abort', stop);
      resolve(result);
    };
    const fail = (error: unknown) => {
      const code = (error as NodeJS.ErrnoException | undefined)?.code;
      const closed = code === 'ECONNRESET' || code === 'EPIPE';
      settle({ ok: false, error, stale: closed && !answered && request?.reusedSocket === true });
      request?.destroy();
    };
    if (signal.aborted) return stop();
    try {
      const { method, headers } = outgoing;
      // The agent of the route says whether TLS is spoken, so node's one `request` serves both.
      request = httpRequest({
        ...route,
        method,
        headers: { ...(headers as OutgoingHttpHeaders), ...(route.headers as Record<string, string>) },
      });
    } catch (error) {
      return fail(error);
    }
    signal.addEventListener('abort', stop, { once: true });
    request.on('error', fail);
    request.once('socket', (socket) => {
      if (socket.connecting)
        socket.once(route.protocol === 'https:' ? 'secureConnect' : 'connect', stopwatch.connected);
    });
    if (outgoing.body !== undefined) request.once('finish', stopwatch.sent);
    request.on('response', (response) => {
      answered = true;
      stopwatch.answered(response.socket.remoteAddress);
      receive(response, outgoing, stopwatch).then(settle, fail);
    });
    // Nobody speaks another protocol here: that the server would is the whole answer.
    request.on('upgrade', (response, socket) => {
      answered = true;
      stopwatch.answered(response.socket.remoteAddress);
      socket.destroy();
      settle({
        ok: true,
        ...headOf(response),
        body: new Uint8Array(),
        transfer: stopwatch.stop(response.httpVersion),
      });
    });
    request.on('close', () => {
      if (!answered) fail(new HttpFailure('reset', 'the connection closed without an answer'));
    });
    request.end(outgoing.body);
  });
}

async function receive(
  response: IncomingMessage,
  { method, maxBodyBytes }: Outgoing,
  stopwatch: Stopwatch,
): Promise<Exchanged> {
  const { status, headers } = headOf(response);
  const encoding = headers['content-encoding']?.join(', ') ?? '';
  const body = await readBody(response, { method, status, encoding }, maxBodyBytes);
  const transfer = stopwatch.stop(response.httpVersion);
  return { ok: true, status, headers, body, transfer };
}

function headOf({ statusCode = 0, rawHeaders }: IncomingMessage) {
  return { status: statusCode, headers: headersOf(rawHeaders) };
}

/** Takes the times of one exchange; what happens out of order, such as an answer before all was sent, takes no time. */
export interface Stopwatch {
  connected(): void;
  sent(): void;
  /** `from` is the address of the machine that answered. */
  answered(from: string | undefined): void;
  stop(version: string): Transfer;
}

export function startStopwatch(): Stopwatch {
  const begun = performance.now();
  let [connected, sent, answered] = [begun, 0, begun];
  let address: string | undefined;
  return {
    connected: () => void (connected = performance.now()),
    sent: () => void (sent = performance.now()),
    answered(from) {
      answered = performance.now();
      address = from;
    },
    stop(version) {
      const sentAt = Math.min(Math.max(connected, sent), answered);
      return {
        version,
        ...(address === undefined ? {} : { address }),
        connectMs: connected - begun,
        sendMs: Math.max(0, sentAt - connected),
        waitMs: answered - Math.max(sentAt, connected),
        receiveMs: performance.now() - answered,
      };
    },
  };
}

/** Headers by lower-case name from the flat list that node gives. */
export function headersOf(raw: readonly string[]): Record<string, string[]> {
  const headers = Object.create(null) as Record<string, string[]>;
  for (let i = 0; i + 1 < raw.length; i += 2) (headers[raw[i]!.toLowerCase()] ??= []).push(raw[i + 1]!);
  return headers;
}
