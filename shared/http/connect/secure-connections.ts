import type { Agent, AgentOptions } from 'node:http';
import { isIP, type LookupFunction } from 'node:net';
import { createSecureContext, rootCertificates, type ConnectionOptions, type SecureContext } from 'node:tls';
import { contextOf, handshake, NegotiatedAgent, TunnelAgent } from './agents.js';
import type { Route } from './route.js';
import type { Negotiation } from './sessions.js';
import { target } from './target.js';
import type { ClientCertificate } from '../types.js';

/** The pools whose connections speak TLS. */
export interface SecureConnections {
  /** The way to an https URL, inside a tunnel of the proxy if asked. */
  routeTo(url: URL, fresh: boolean, identity: ClientCertificate | undefined, tunnelled: boolean): Route;
  /** A pool for requests to a proxy that is itself reached by TLS. */
  agent(fresh: boolean): Agent;
  close(): void;
}

/**
 * Opens the pools with the options of the plain ones. Verification cannot be switched off; certificates that cannot be
 * read throw.
 */
export function openSecureConnections(
  pooled: AgentOptions & { lookup?: LookupFunction },
  single: AgentOptions & { lookup?: LookupFunction },
  proxyUrl: URL | undefined,
  ca: readonly string[] | undefined,
): SecureConnections {
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
  const secure = { ...trust, rejectUnauthorized: true };
  const agents = {
    pooled: new NegotiatedAgent({ ...pooled, ...secure }),
    fresh: new NegotiatedAgent({ ...single, ...secure, maxCachedSessions: 0 }),
  };
  const tunnels = proxyUrl && {
    pooled: new TunnelAgent(proxyUrl, { ...pooled, ...secure }),
    fresh: new TunnelAgent(proxyUrl, { ...single, ...secure, maxCachedSessions: 0 }),
  };
  const direct = (fresh: boolean) => (fresh ? agents.fresh : agents.pooled);
  const negotiationWith = (
    url: URL,
    fresh: boolean,
    identity: ClientCertificate | undefined,
  ): Negotiation => {
    const { hostname, port } = target(url) as { hostname: string; port: string | number };
    const options = {
      host: hostname,
      port: Number(port),
      lookup: pooled.lookup,
      rejectUnauthorized: true,
      ALPNProtocols: ['h2', 'http/1.1'],
      ...(isIP(hostname) ? {} : { servername: hostname }),
    };
    return {
      connect: (signal) => handshake({ ...options, ...identified(identity) } as ConnectionOptions, signal),
      keep: (socket) => direct(fresh).keep(hostname, options.port, identity, socket),
    };
  };
  return {
    agent: direct,
    routeTo(url, fresh, identity, tunnelled) {
      const tunnel = tunnelled ? (fresh ? tunnels?.fresh : tunnels?.pooled) : undefined;
      const options = {
        agent: tunnel ?? direct(fresh),
        ...target(url),
        ...(identity ? identified(identity) : {}),
      };
      return tunnelled ? { options } : { options, negotiation: negotiationWith(url, fresh, identity) };
    },
    close() {
      for (const agent of [...Object.values(agents), ...Object.values(tunnels ?? {})]) agent.destroy();
    },
  };
}
