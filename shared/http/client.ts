import { guardedLookup, isMetadataHost, type Resolve } from './connect/addresses.js';
import { openConnections, type Connections, type ProxyOptions } from './connect/connections.js';
import { exchange, type Exchanged, type Outgoing } from './exchange.js';
import { exchangeHttp2 } from './http2.js';
import { classify, HttpFailure, metadataReason } from './faults.js';
import { afterRedirect } from './redirect.js';
import { credentialsOf, parsed } from './connect/target.js';
import { createSessions, type Sessions } from './connect/sessions.js';
import { startTimeLimit } from './time-limit.js';
import type {
  ClientCertificate,
  HttpClient,
  HttpFault,
  HttpRequest,
  HttpResult,
  SentHeaders,
} from './types.js';

export interface HttpClientOptions {
  /** Sent with every request that does not set its own. */
  userAgent?: string;
  proxy?: ProxyOptions;
  /** PEM certificates trusted besides node's own roots. */
  ca?: readonly string[];
  /** Name resolution; default the machine's. */
  resolve?: Resolve;
}

const defaultMaxBodyBytes = 1_048_576;
const replayable = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * A client with its own connection pool; call `close()` when done, or idle connections keep the process alive for
 * seconds.
 */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  const transport = {
    connections: openConnections(guardedLookup(options.resolve), options.proxy, options.ca),
    sessions: createSessions(),
  };
  const userAgent = options.userAgent ?? 'devops-actions';
  let closed = false;
  return {
    send: (request) => (closed ? Promise.resolve(closedResult) : send(request, transport, userAgent)),
    close() {
      closed = true;
      transport.sessions.close();
      transport.connections.close();
    },
  };
}

interface Transport {
  connections: Connections;
  sessions: Sessions;
}

const closedResult: HttpResult = {
  ok: false,
  fault: { kind: 'cancelled', message: 'the HTTP client is closed' },
};

async function send(request: HttpRequest, transport: Transport, userAgent: string): Promise<HttpResult> {
  const startedAt = performance.now();
  const limit = startTimeLimit(request.timeoutMs, request.signal);
  try {
    return await follow(request, transport, userAgent, limit.stopping.signal, startedAt);
  } finally {
    limit.release();
  }
}

async function follow(
  request: HttpRequest,
  transport: Transport,
  userAgent: string,
  signal: AbortSignal,
  startedAt: number,
): Promise<HttpResult> {
  const maxRedirects = request.maxRedirects ?? 0;
  let firstOrigin: string | undefined;
  let hop = {
    url: request.url,
    method: (request.method ?? 'GET').toUpperCase(),
    headers: lowerCased(request.headers ?? {}),
    body: request.body,
  };
  for (let redirects = 0; ; redirects++) {
    const url = parsed(hop.url);
    const refusal = refuse(url);
    if (!url || refusal) return { ok: false, fault: refusal ?? notHttp };
    firstOrigin ??= url.origin;
    const outgoing = {
      method: hop.method,
      headers: {
        'user-agent': userAgent,
        accept: '*/*',
        'accept-encoding': 'gzip, deflate, br',
        ...cookieOf(request.cookies?.headerFor(url, Date.now())),
        ...framed(hop.headers, hop.body),
      },
      body: hop.body,
      maxBodyBytes: request.maxBodyBytes ?? defaultMaxBodyBytes,
    };
    const way = {
      fresh: request.freshConnection ?? false,
      identity: url.origin === firstOrigin ? request.clientCertificate : undefined,
    };
    let result = await sendBy(outgoing, url, way, transport, signal);
    const again = !result.ok && result.stale && replayable.has(hop.method) && hop.body === undefined;
    if (again) result = await sendBy(outgoing, url, { ...way, fresh: true }, transport, signal);
    if (result.ok) request.cookies?.store(url, result.headers['set-cookie'] ?? [], Date.now());
    if (!result.ok) return { ok: false, fault: classify(result.error, hop.method, url) };
    const next =
      maxRedirects > 0 ? afterRedirect(hop, url, result.status, result.headers['location']?.[0]) : undefined;
    if (!next) {
      const { status, headers, body, transfer } = result;
      return {
        ok: true,
        response: {
          url: url.href,
          status,
          headers,
          body,
          durationMs: performance.now() - startedAt,
          transfer,
        },
      };
    }
    if (redirects === maxRedirects) {
      const failure = new HttpFailure('too-many-redirects', `more than ${maxRedirects} redirects`);
      return { ok: false, fault: classify(failure, hop.method, url) };
    }
    hop = next;
  }
}

/** Which connections a request may use. */
interface Way {
  fresh: boolean;
  identity: ClientCertificate | undefined;
}

async function sendBy(
  outgoing: Outgoing,
  url: URL,
  { fresh, identity }: Way,
  { connections, sessions }: Transport,
  signal: AbortSignal,
): Promise<Exchanged> {
  const begunAt = performance.now();
  try {
    const route = connections.routeTo(url, fresh, identity);
    const { options, negotiation } = route instanceof Promise ? await route : route;
    const authorization = credentialsOf(url, 'the address');
    const sent =
      authorization === undefined
        ? outgoing
        : { ...outgoing, headers: { authorization, ...outgoing.headers } };
    if (negotiation) {
      const key = `${url.origin} ${identity?.cert ?? ''}`;
      const spoken = await sessions.speak(key, url, fresh, negotiation, signal);
      if (spoken) {
        const openedMs = performance.now() - begunAt;
        const result = await exchangeHttp2(spoken.session, spoken.isReused, sent, url, signal);
        spoken.done();
        return connectedIn(openedMs, result);
      }
    }
    const openedMs = performance.now() - begunAt;
    return connectedIn(openedMs, await exchange(sent, options, signal));
  } catch (error) {
    return { ok: false, error, stale: false };
  }
}

/** The exchange with the time it took to find out what the server speaks. */
function connectedIn(openedMs: number, result: Exchanged): Exchanged {
  if (result.ok) result.transfer.connectMs += openedMs;
  return result;
}

const notHttp: HttpFault = {
  kind: 'protocol',
  message: 'the address is not a URL that starts with http:// or https://',
};

function refuse(url: URL | undefined): HttpFault | undefined {
  if (!url || !['http:', 'https:'].includes(url.protocol)) return notHttp;
  if (isMetadataHost(url.hostname)) {
    return { kind: 'forbidden-address', message: `${url.protocol}//${url.host} is ${metadataReason}` };
  }
  return undefined;
}

/**
 * Every body goes out with its own length, whatever the caller stated: what a server does not take for the body, it
 * takes for the next request (RFC 9112 §6.3).
 */
function framed(headers: SentHeaders, body: string | Uint8Array | undefined): SentHeaders {
  const own = Object.entries(headers).filter(
    ([name]) => name !== 'content-length' && name !== 'transfer-encoding',
  );
  const length = body === undefined ? [] : [['content-length', String(Buffer.byteLength(body))] as const];
  return Object.fromEntries([...own, ...length]);
}

function cookieOf(cookie: string | undefined): Record<string, string> {
  return cookie === undefined ? {} : { cookie };
}

function lowerCased(headers: SentHeaders): SentHeaders {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
