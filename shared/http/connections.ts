import { Agent, type AgentOptions, type RequestOptions } from 'node:http';
import { isIP, type LookupFunction } from 'node:net';
import { createSecureContext, rootCertificates, type ConnectionOptions, type SecureContext } from 'node:tls';
import { contextOf, handshake, NegotiatedAgent, proxyAuthorization, target, TunnelAgent } from './agents.js';
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
        keep: (socket) =>
          (fresh ? agents.tlsFresh : agents.tls).keep(hostname, options.port, identity, socket),
      };
    },
    close() {
      for (const agent of [...Object.values(agents), ...Object.values(tunnels ?? {})]) agent.destroy();
    },
  };
}

function bypassed(hostname: string, bypass: readonly string[]): boolean {
  const host = hostname.toLowerCase();
  return bypass.some((entry) =>
    entry.startsWith('.') ? host.endsWith(entry.toLowerCase()) : host === entry.toLowerCase(),
  );
}
