import { Agent, type AgentOptions } from 'node:http';
import type { LookupFunction } from 'node:net';
import type { SecureConnections } from './secure-connections.js';
import type { Route } from './route.js';
import { proxyAuthorization, target } from './target.js';
import type { ClientCertificate } from '../types.js';

/** A proxy for all requests but those to the hosts in `bypass` (exact names, or suffixes that start with a dot). */
export interface ProxyOptions {
  url: string;
  bypass?: readonly string[];
}

/** Where connections come from: pooled and one-use ones, direct or through the proxy. */
export interface Connections {
  routeTo(url: URL, fresh: boolean, identity?: ClientCertificate): Route | Promise<Route>;
  close(): void;
}

/**
 * Idle pooled connections are dropped after this many milliseconds, before common servers (5 s and more) drop them
 * under us.
 */
const idleMs = 4_000;

/**
 * Opens the pools; those with TLS, which costs a process milliseconds to load, when a URL first needs one. `ca` are PEM
 * certificates trusted besides node's own roots.
 */
export function openConnections(
  lookup: LookupFunction,
  proxy: ProxyOptions | undefined,
  ca: readonly string[] | undefined,
): Connections {
  const pooled = { keepAlive: true, timeout: idleMs, lookup } as AgentOptions;
  const single = { keepAlive: false, lookup } as AgentOptions;
  const proxyUrl = proxy && new URL(proxy.url);
  const agents = { pooled: new Agent(pooled), fresh: new Agent(single) };
  let closed = false;
  let opened: SecureConnections | undefined;
  const secure = async (): Promise<SecureConnections> => {
    const { openSecureConnections } = await import('./secure-connections.js');
    opened ??= openSecureConnections(pooled, single, proxyUrl, ca);
    if (closed) opened.close();
    return opened;
  };
  const viaProxy = (url: URL) =>
    proxyUrl && !bypassed(url.hostname, proxy?.bypass ?? []) ? proxyUrl : undefined;
  return {
    routeTo(url, fresh, identity) {
      const through = viaProxy(url);
      if (url.protocol === 'https:')
        return secure().then((connections) =>
          connections.routeTo(url, fresh, identity, through !== undefined),
        );
      const agent = fresh ? agents.fresh : agents.pooled;
      if (!through) return { options: { agent, ...target(url) } };
      const options = {
        ...target(through),
        path: `${url.origin}${url.pathname}${url.search}`,
        headers: { host: url.host, ...proxyAuthorization(through) },
      };
      return through.protocol === 'https:'
        ? secure().then((connections) => ({ options: { ...options, agent: connections.agent(fresh) } }))
        : { options: { ...options, agent } };
    },
    close() {
      closed = true;
      agents.pooled.destroy();
      agents.fresh.destroy();
      opened?.close();
    },
  };
}

function bypassed(hostname: string, bypass: readonly string[]): boolean {
  const host = hostname.toLowerCase();
  return bypass.some((entry) =>
    entry.startsWith('.') ? host.endsWith(entry.toLowerCase()) : host === entry.toLowerCase(),
  );
}
