import {
  Agent,
  request as httpRequest,
  type AgentOptions,
  type ClientRequest,
  type RequestOptions,
} from 'node:http';
import {
  Agent as SecureAgent,
  request as httpsRequest,
  type AgentOptions as SecureAgentOptions,
  type RequestOptions as SecureRequestOptions,
} from 'node:https';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  connect as connectTls,
  createSecureContext,
  rootCertificates,
  type ConnectionOptions,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import { HttpFailure } from './faults.js';
import type { Negotiation } from './sessions.js';
import type { ClientCertificate } from './types.js';

/** A proxy for all requests but those to the hosts in `bypass` (exact names, or suffixes that start with a dot). */
export interface ProxyOptions {
  url: string;
  bypass?: readonly string[];
}

/** Where connections come from: pooled and one-use ones, direct or through the proxy. */
export interface Connections {
  /** Options of node's `request` that lead to this URL. */
  routeTo(url: URL, fresh: boolean, identity?: ClientCertificate): RequestOptions;
  /** How to find out whether the server of this URL speaks HTTP/2; undefined where only HTTP/1.1 is spoken: without TLS, and through a proxy. */
  negotiationWith(url: URL, fresh: boolean, identity?: ClientCertificate): Negotiation | undefined;
  close(): void;
}

/** Idle pooled connections are dropped after this many milliseconds, before common servers (5 s and more) drop them under us. */
const idleMs = 4_000;

/** Opens the pools. `ca` are PEM certificates trusted besides node's own roots; verification itself cannot be switched off. */
export function openConnections(
  lookup: LookupFunction,
  proxy: ProxyOptions | undefined,
  ca: readonly string[] | undefined,
): Connections {
  const roots = ca ? { ca: [...rootCertificates, ...ca] } : {};
  const trust: { secureContext?: SecureContext } = ca ? { secureContext: createSecureContext(roots) } : {};
  const contexts = new Map<string, SecureContext>();
  // Certificate and key are named beside the context made of them: node keeps connections apart by the names.
  const identified = (identity: ClientCertificate | undefined) => {
    if (!identity) return trust;
    const name = JSON.stringify(identity);
    const secureContext = contexts.get(name) ?? contextOf({ ...identity, ...roots });
    contexts.set(name, secureContext);
    return { ...identity, secureContext };
  };
  const pooled = { keepAlive: true, timeout: idleMs, lookup } as AgentOptions;
  const single = { keepAlive: false, lookup } as AgentOptions;
  const secure = { ...trust, rejectUnauthorized: true };
  const proxyUrl = proxy && new URL(proxy.url);
  const agents = {
    plain: new Agent(pooled),
    plainFresh: new Agent(single),
    tls: new NegotiatedAgent({ ...pooled, ...secure }),
    tlsFresh: new NegotiatedAgent({ ...single, ...secure, maxCachedSessions: 0 }),
  };
  const tunnels = proxyUrl && {
    pooled: new TunnelAgent(proxyUrl, { ...pooled, ...secure }),
    fresh: new TunnelAgent(proxyUrl, { ...single, ...secure, maxCachedSessions: 0 }),
  };
  const isDirect = (url: URL) => !proxyUrl || bypassed(url.hostname, proxy?.bypass ?? []);
  return {
    routeTo(url, fresh, identity) {
      const direct = isDirect(url);
      if (url.protocol === 'https:') {
        const tunnel = fresh ? tunnels?.fresh : tunnels?.pooled;
        return {
          agent: (direct ? undefined : tunnel) ?? (fresh ? agents.tlsFresh : agents.tls),
          ...target(url),
          ...(identity ? identified(identity) : {}),
        };
      }
      if (direct || !proxyUrl) return { agent: fresh ? agents.plainFresh : agents.plain, ...target(url) };
      const viaTls = proxyUrl.protocol === 'https:';
      return {
        ...target(proxyUrl),
        protocol: proxyUrl.protocol,
        agent: viaTls ? (fresh ? agents.tlsFresh : agents.tls) : fresh ? agents.plainFresh : agents.plain,
        path: `${url.origin}${url.pathname}${url.search}`,
        headers: { host: url.host, ...proxyAuthorization(proxyUrl) },
      };
    },
    negotiationWith(url, fresh, identity) {
      if (url.protocol !== 'https:' || !isDirect(url)) return undefined;
      const { hostname, port } = target(url) as { hostname: string; port: string | number };
      const options = {
        host: hostname,
        port: Number(port),
        lookup,
        rejectUnauthorized: true,
        ALPNProtocols: ['h2', 'http/1.1'],
        ...(isIP(hostname) ? {} : { servername: hostname }),
      };
      return {
        connect: (signal) => handshake({ ...options, ...identified(identity) } as ConnectionOptions, signal),
        keep: (socket) => (fresh ? agents.tlsFresh : agents.tls).keep(hostname, options.port, identity, socket),
      };
    },
    close() {
      for (const agent of [...Object.values(agents), ...Object.values(tunnels ?? {})]) agent.destroy();
    },
  };
}

function target(url: URL): RequestOptions {
  return {
    protocol: url.protocol,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port || (url.protocol === 'https:' ? 443 : 80),
    path: `${url.pathname}${url.search}`,
  };
}

function bypassed(hostname: string, bypass: readonly string[]): boolean {
  const host = hostname.toLowerCase();
  return bypass.some((entry) =>
    entry.startsWith('.') ? host.endsWith(entry.toLowerCase()) : host === entry.toLowerCase(),
  );
}

function proxyAuthorization(proxy: URL): Record<string, string> {
  if (!proxy.username) return {};
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

type Connected = (error: Error | null, socket: Duplex) => void;

/** Opens a TLS connection; `signal` ends it at any point with its reason as the error. */
function handshake(options: ConnectionOptions, signal: AbortSignal): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const socket = connectTls(options);
    const stop = () => socket.destroy(signal.reason);
    const settle = (act: () => void) => {
      signal.removeEventListener('abort', stop);
      act();
    };
    signal.addEventListener('abort', stop, { once: true });
    socket.once('error', (error) => settle(() => reject(error)));
    socket.once('close', () =>
      settle(() => reject(new HttpFailure('reset', 'the connection closed during the TLS handshake'))),
    );
    socket.once('secureConnect', () => settle(() => resolve(socket)));
  });
}

function contextOf(options: Parameters<typeof createSecureContext>[0]): SecureContext {
  try {
    return createSecureContext(options);
  } catch (error) {
    throw new HttpFailure('tls', `the client certificate cannot be used (${(error as Error).message})`);
  }
}

/** A pool that takes in connections whose handshake was made to find out that they speak HTTP/1.1. */
class NegotiatedAgent extends SecureAgent {
  readonly #ready = new Map<string, TLSSocket[]>();

  keep(host: string, port: number, identity: ClientCertificate | undefined, socket: TLSSocket): void {
    const name = readyName(host, port, identity?.cert);
    socket.on('error', () => undefined);
    this.#ready.set(name, [...(this.#ready.get(name) ?? []), socket]);
  }

  override createConnection(options: SecureRequestOptions, callback?: Connected): Duplex | null | undefined {
    const ready = this.#ready.get(readyName(String(options.host), Number(options.port), options.cert as string));
    for (let socket = ready?.pop(); socket; socket = ready?.pop()) if (!socket.destroyed) return socket;
    return super.createConnection(options, callback);
  }

  override destroy(): void {
    for (const sockets of this.#ready.values()) for (const socket of sockets) socket.destroy();
    super.destroy();
  }
}

function readyName(host: string, port: number, cert: string | undefined): string {
  return JSON.stringify([host, port, cert]);
}

/** TLS to the target inside a CONNECT tunnel of the proxy. */
class TunnelAgent extends SecureAgent {
  readonly #proxy: URL;
  readonly #opening = new Set<ClientRequest>();

  constructor(proxy: URL, options: SecureAgentOptions) {
    super(options);
    this.#proxy = proxy;
  }

  override createConnection(options: SecureRequestOptions, callback?: Connected): undefined {
    const fail = (message: string) => callback?.(new HttpFailure('refused', message), undefined as never);
    const authority = `${options.host?.includes(':') ? `[${options.host}]` : options.host}:${options.port}`;
    const request = (this.#proxy.protocol === 'https:' ? httpsRequest : httpRequest)({
      ...target(this.#proxy),
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...proxyAuthorization(this.#proxy) },
      agent: false,
      ...(options.lookup ? { lookup: options.lookup } : {}),
    });
    this.#opening.add(request);
    request.once('close', () => this.#opening.delete(request));
    request.once('connect', (response, socket: Socket) => {
      if (response.statusCode === 200) {
        callback?.(null, connectTls({ ...options, socket, path: undefined } as ConnectionOptions));
      } else {
        socket.destroy();
        fail(`the proxy answered CONNECT with status ${response.statusCode}`);
      }
    });
    request.once('error', (error) => fail(`the proxy is not reachable (${error.message})`));
    request.end();
    return undefined;
  }

  override destroy(): void {
    for (const request of this.#opening) request.destroy();
    super.destroy();
  }
}
