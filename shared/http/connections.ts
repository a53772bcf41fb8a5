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
import type { LookupFunction, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  connect as connectTls,
  createSecureContext,
  rootCertificates,
  type ConnectionOptions,
} from 'node:tls';
import { HttpFailure } from './faults.js';

/** A proxy for all requests but those to the hosts in `bypass` (exact names, or suffixes that start with a dot). */
export interface ProxyOptions {
  url: string;
  bypass?: readonly string[];
}

/** Where connections come from: pooled and one-use ones, direct or through the proxy. */
export interface Connections {
  /** Options of node's `request` that lead to this URL. */
  routeTo(url: URL, fresh: boolean): RequestOptions;
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
  const trust = ca ? { secureContext: createSecureContext({ ca: [...rootCertificates, ...ca] }) } : {};
  const pooled = { keepAlive: true, timeout: idleMs, lookup } as AgentOptions;
  const single = { keepAlive: false, lookup } as AgentOptions;
  const secure = { ...trust, rejectUnauthorized: true };
  const proxyUrl = proxy && new URL(proxy.url);
  const agents = {
    plain: new Agent(pooled),
    plainFresh: new Agent(single),
    tls: new SecureAgent({ ...pooled, ...secure }),
    tlsFresh: new SecureAgent({ ...single, ...secure, maxCachedSessions: 0 }),
  };
  const tunnels = proxyUrl && {
    pooled: new TunnelAgent(proxyUrl, { ...pooled, ...secure }),
    fresh: new TunnelAgent(proxyUrl, { ...single, ...secure, maxCachedSessions: 0 }),
  };
  return {
    routeTo(url, fresh) {
      const direct = !proxyUrl || bypassed(url.hostname, proxy.bypass ?? []);
      if (url.protocol === 'https:') {
        const tunnel = fresh ? tunnels?.fresh : tunnels?.pooled;
        return {
          agent: (direct ? undefined : tunnel) ?? (fresh ? agents.tlsFresh : agents.tls),
          ...target(url),
        };
      }
      if (direct) return { agent: fresh ? agents.plainFresh : agents.plain, ...target(url) };
      const viaTls = proxyUrl.protocol === 'https:';
      return {
        ...target(proxyUrl),
        protocol: proxyUrl.protocol,
        agent: viaTls ? (fresh ? agents.tlsFresh : agents.tls) : fresh ? agents.plainFresh : agents.plain,
        path: `${url.origin}${url.pathname}${url.search}`,
        headers: { host: url.host, ...proxyAuthorization(proxyUrl) },
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
