import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { rootCertificates } from 'node:tls';
import { ForbiddenAddressError, isMetadataHost } from '../../http/connect/addresses.js';
import { credentialsOf, parsed, target } from '../../http/connect/target.js';
import { HttpFailure } from '../../http/faults.js';
import { placeOf } from '../address.js';
import { valueOf, type Observed, type Probe } from '../probe.js';
import { observeWithin, ProbeFailure } from '../within.js';

/** A stream of server-sent events to read (WHATWG HTML §9.2), every value resolved. */
export interface SseProbeStep {
  /** `http://` or `https://`. */
  url: string;
  headers: Readonly<Record<string, string>>;
  /** How many events are awaited. */
  events: number;
  /** Most bytes read. */
  maxBytes: number;
}

/** One event as its reader sees it; `event` is `message` where the server names no other. */
export interface ServerSentEvent {
  event: string;
  data: string;
  id: string;
}

/** The events that came: as text the data of one a line, as JSON a list in which data that is JSON is a value. */
export interface SseObservation extends Observed {
  probe: 'sse';
}

/** Reads events until there are enough; a stream that ends before, and an answer that is none, are faults. */
export function sseProbe(
  lookup: LookupFunction,
  ca: readonly string[] | undefined,
): Probe<SseProbeStep, SseObservation> {
  return {
    observe: (step, limits) =>
      observeWithin<SseObservation>(`sse ${placeOf(step.url)}`, limits, async (signal) => {
        const url = parsed(step.url);
        if (!url || !/^https?:$/.test(url.protocol))
          throw new HttpFailure('protocol', 'the url is not http://… or https://…');
        if (isMetadataHost(url.hostname)) throw new ForbiddenAddressError(url.hostname);
        const trust = ca ? { ca: [...rootCertificates, ...ca] } : {};
        const response = await open(url, step.headers, { lookup, ...trust }, signal);
        try {
          return seen(await readEvents(response, step));
        } finally {
          response.destroy();
        }
      }),
  };
}

function open(
  url: URL,
  headers: SseProbeStep['headers'],
  options: { lookup: LookupFunction; ca?: readonly string[] },
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const authorization = credentialsOf(url, 'the address');
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)({
      ...target(url),
      lookup: options.lookup,
      ...(options.ca ? { ca: [...options.ca] } : {}),
      agent: false,
      headers: {
        'user-agent': 'devops-actions',
        accept: 'text/event-stream',
        'cache-control': 'no-cache',
        ...(authorization === undefined ? {} : { authorization }),
        ...headers,
      },
    });
    const stop = () => request.destroy(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    request.once('close', () => signal.removeEventListener('abort', stop));
    request.on('error', reject);
    request.once('response', (response) => {
      const type = response.headers['content-type'] ?? '';
      if (response.statusCode !== 200)
        reject(new ProbeFailure('status', `the server answered ${response.statusCode}, expected 200`));
      else if (!/^text\/event-stream\s*(;|$)/i.test(type))
        reject(new HttpFailure('protocol', `the answer is "${type}", expected text/event-stream`));
      else return resolve(response);
      response.destroy();
    });
    request.end();
  });
}

interface Read {
  events: ServerSentEvent[];
  bytes: number;
}

async function readEvents(
  response: AsyncIterable<Buffer>,
  { events: wanted, maxBytes }: SseProbeStep,
): Promise<Read> {
  const reader = createEventReader();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const events: ServerSentEvent[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new HttpFailure('too-large', `more than ${maxBytes} bytes came`);
    events.push(...reader(decode(decoder, chunk)));
    if (events.length >= wanted) return { events: events.slice(0, wanted), bytes };
  }
  throw new ProbeFailure('closed', `the stream ended after ${events.length} of ${wanted} events`);
}

function decode(decoder: TextDecoder, chunk: Buffer): string {
  try {
    return decoder.decode(chunk, { stream: true });
  } catch {
    throw new HttpFailure('protocol', 'the stream is not valid UTF-8');
  }
}

/** Takes the stream piece by piece and gives the events that are complete, as the standard says. */
export function createEventReader(): (piece: string) => ServerSentEvent[] {
  let rest = '';
  let data: string[] = [];
  let event = '';
  let id = '';
  return (piece) => {
    const done: ServerSentEvent[] = [];
    rest += piece;
    // A line may end with \r\n, \n or \r; a \r at the end may be half of the first.
    for (let match = /\r\n|\n|\r(?=[^])/.exec(rest); match; match = /\r\n|\n|\r(?=[^])/.exec(rest)) {
      const line = rest.slice(0, match.index);
      rest = rest.slice(match.index + match[0].length);
      if (line === '') {
        if (data.length > 0) done.push({ event: event || 'message', data: data.join('\n'), id });
        data = [];
        event = '';
        continue;
      }
      const [, field = '', value = ''] = /^([^:]*)(?:: ?([^]*))?$/.exec(line) ?? [];
      if (field === 'data') data.push(value);
      else if (field === 'event') event = value;
      else if (field === 'id' && !value.includes('\0')) id = value;
    }
    return done;
  };
}

function seen({ events, bytes }: Read): Omit<SseObservation, 'durationMs'> {
  return {
    probe: 'sse',
    size: bytes,
    text: () => events.map(({ data }) => data).join('\n'),
    json: () => ({ ok: true, value: events.map((one) => ({ ...one, data: valueOf(one.data) })) }),
  };
}
