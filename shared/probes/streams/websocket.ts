import type { LookupFunction } from 'node:net';
import { rootCertificates } from 'node:tls';
import type { RawData, WebSocket } from 'ws';
import { ForbiddenAddressError, isMetadataHost } from '../../http/connect/addresses.js';
import { HttpFailure } from '../../http/faults.js';
import { placeOf } from '../address.js';
import { valueOf, type Observed, type Probe } from '../probe.js';
import { observeWithin, ProbeFailure } from '../within.js';

/** One conversation over a WebSocket (RFC 6455), every value resolved. */
export interface WebSocketProbeStep {
  /** `ws://` or `wss://`. */
  url: string;
  headers: Readonly<Record<string, string>>;
  /** Subprotocols to offer; the server must choose one of them. */
  protocols: readonly string[];
  /** Texts sent once it is open, in this order. */
  send: readonly string[];
  /** How many messages are awaited. */
  messages: number;
  /** Most bytes of all messages together. */
  maxBytes: number;
}

/** The messages that came: as text one a line, as JSON a list in which a text that is no JSON stays a text. */
export interface WebSocketObservation extends Observed {
  probe: 'websocket';
}

/** Observes what a server says over a WebSocket; one that ends it before all awaited messages came is a fault. */
export function websocketProbe(
  lookup: LookupFunction,
  ca: readonly string[] | undefined,
): Probe<WebSocketProbeStep, WebSocketObservation> {
  return {
    observe: (step, limits) =>
      observeWithin<WebSocketObservation>(`websocket ${placeOf(step.url)}`, limits, async (signal) => {
        const url = checked(step.url);
        const { WebSocket } = await import('ws');
        const socket = new WebSocket(url, [...step.protocols], {
          headers: { 'user-agent': 'devops-actions', ...step.headers },
          lookup,
          maxPayload: step.maxBytes,
          perMessageDeflate: false,
          rejectUnauthorized: true,
          ...(ca ? { ca: [...rootCertificates, ...ca] } : {}),
        });
        const stop = () => socket.terminate();
        signal.addEventListener('abort', stop, { once: true });
        try {
          return seen(await converse(socket, step, signal));
        } finally {
          signal.removeEventListener('abort', stop);
          socket.terminate();
        }
      }),
  };
}

function checked(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^wss?:$/.test(url.protocol))
    throw new HttpFailure('protocol', 'the url is not ws://… or wss://…');
  if (isMetadataHost(url.hostname)) throw new ForbiddenAddressError(url.hostname);
  return url;
}

function converse(
  socket: WebSocket,
  { send, messages, maxBytes }: WebSocketProbeStep,
  signal: AbortSignal,
): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    const came: Buffer[] = [];
    let bytes = 0;
    const end = () => {
      socket.close(1000);
      resolve(came);
    };
    socket.on('error', (error) => reject(signal.aborted ? signal.reason : failureOf(error)));
    socket.on('unexpected-response', (request, response) => {
      request.destroy();
      reject(new ProbeFailure('handshake', `the server answered ${response.statusCode}, expected 101`));
    });
    socket.on('open', () => {
      for (const text of send) socket.send(text);
      if (messages === 0) end();
    });
    socket.on('message', (data: RawData) => {
      const message = Buffer.isBuffer(data)
        ? data
        : Array.isArray(data)
          ? Buffer.concat(data)
          : Buffer.from(data);
      bytes += message.length;
      came.push(message);
      if (bytes > maxBytes) reject(new HttpFailure('too-large', `more than ${maxBytes} bytes came`));
      else if (came.length === messages) end();
    });
    socket.on('close', (code, reason) => {
      const why = reason.length > 0 ? ` (${reason.toString()})` : '';
      const missing = `after ${came.length} of ${messages} messages`;
      reject(new ProbeFailure('closed', `the server closed it with ${code}${why} ${missing}`));
    });
  });
}

/** What the library says of a server that breaks the protocol, or whose message is too long. */
function failureOf(error: Error): Error {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return new HttpFailure('too-large', error.message);
  return code.startsWith('WS_ERR_') ? new HttpFailure('protocol', error.message) : error;
}

function seen(messages: readonly Buffer[]): Omit<WebSocketObservation, 'durationMs'> {
  const texts = messages.map((message) => message.toString('utf8'));
  const isText = messages.every((message, index) => Buffer.from(texts[index]!, 'utf8').equals(message));
  const doubt = isText ? undefined : 'a message that is not valid UTF-8';
  return {
    probe: 'websocket',
    size: messages.reduce((sum, { length }) => sum + length, 0),
    text: () => texts.join('\n'),
    doubt: () => doubt,
    json: () =>
      doubt === undefined ? { ok: true, value: texts.map(valueOf) } : { ok: false, reason: doubt },
  };
}
