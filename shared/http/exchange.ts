import {
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import { readBody } from './body.js';

/** One request on one connection, without redirects. */
export interface Outgoing {
  method: string;
  headers: Readonly<Record<string, string>>;
  body: string | Uint8Array | undefined;
  maxBodyBytes: number;
}

/** What came back, or the error with what decides whether sending again is safe. */
export type Exchanged =
  | { ok: true; status: number; headers: Record<string, string[]>; body: Uint8Array }
  | { ok: false; error: unknown; stale: boolean };

/** Makes one exchange; `signal` ends it at any point with its reason as the error. Never rejects. */
export function exchange(outgoing: Outgoing, route: RequestOptions, signal: AbortSignal): Promise<Exchanged> {
  return new Promise((resolve) => {
    let request: ClientRequest | undefined;
    let answered = false;
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
      const send = route.protocol === 'https:' ? httpsRequest : httpRequest;
      request = send({
        ...route,
        method,
        headers: { ...headers, ...(route.headers as Record<string, string>) },
      });
    } catch (error) {
      return fail(error);
    }
    signal.addEventListener('abort', stop, { once: true });
    request.on('error', fail);
    request.on('response', (response) => {
      answered = true;
      receive(response, outgoing).then(settle, fail);
    });
    request.end(outgoing.body);
  });
}

async function receive(response: IncomingMessage, { method, maxBodyBytes }: Outgoing): Promise<Exchanged> {
  const status = response.statusCode ?? 0;
  const encoding = response.headers['content-encoding'] ?? '';
  const body = await readBody(response, { method, status, encoding }, maxBodyBytes);
  return { ok: true, status, headers: headersOf(response.rawHeaders), body };
}

/** Headers by lower-case name from the flat list that node gives. */
export function headersOf(raw: readonly string[]): Record<string, string[]> {
  const headers = Object.create(null) as Record<string, string[]>;
  for (let i = 0; i + 1 < raw.length; i += 2) (headers[raw[i]!.toLowerCase()] ??= []).push(raw[i + 1]!);
  return headers;
}
