import type { LookupFunction } from 'node:net';
import type { HttpClient } from '../http/types.js';
import { httpProbe } from './http.js';
import type { Probe } from './probe.js';

/** What probes look through: connections, names, and where commands run. */
export interface ProbeTools {
  client: HttpClient;
  /** Name resolution of everything but http and dns; it must refuse metadata addresses. */
  lookup: LookupFunction;
  /** PEM certificates trusted besides node's own roots. */
  ca?: readonly string[];
  /** Folder in which commands run. */
  cwd?: string;
}

/** Every probe by the key its steps have in a suite, loaded when first used; one line each. */
const probes = {
  http: async ({ client }: ProbeTools) => httpProbe(client),
  tcp: async ({ lookup }: ProbeTools) => (await import('./network/tcp.js')).tcpProbe(lookup),
  tls: async ({ lookup, ca }: ProbeTools) => (await import('./network/tls.js')).tlsProbe(lookup, ca),
  dns: async () => (await import('./network/dns.js')).dnsProbe(),
  sql: async ({ lookup, ca }: ProbeTools) => (await import('./sql.js')).sqlProbe(lookup, ca),
  grpc: async ({ lookup, ca }: ProbeTools) => (await import('./network/grpc.js')).grpcProbe(lookup, ca),
  websocket: async ({ lookup, ca }: ProbeTools) =>
    (await import('./streams/websocket.js')).websocketProbe(lookup, ca),
  sse: async ({ lookup, ca }: ProbeTools) => (await import('./streams/sse.js')).sseProbe(lookup, ca),
  browser: async ({ lookup }: ProbeTools) => (await import('./browser/browser.js')).browserProbe(lookup),
  command: async ({ cwd }: ProbeTools) => (await import('./command.js')).commandProbe(cwd),
};

type ProbeName = keyof typeof probes;
type Made<Name extends ProbeName> = Awaited<ReturnType<(typeof probes)[Name]>>;

/** What one step asks, by its probe. */
export type ProbeRequest = {
  [Name in ProbeName]: { probe: Name } & (Made<Name> extends Probe<infer Step, unknown> ? Step : never);
}[ProbeName];

/** What one step saw, by its probe. */
export type Observation = {
  [Name in ProbeName]: Made<Name> extends Probe<never, infer Seen> ? Seen : never;
}[ProbeName];

/** One probe for all kinds of steps. */
export function createProbe(tools: ProbeTools): Probe<ProbeRequest, Observation> {
  const loaded = new Map<ProbeName, Promise<Probe<never, Observation>>>();
  return {
    async observe(request, limits) {
      const loading = loaded.get(request.probe) ?? probes[request.probe](tools);
      loaded.set(request.probe, loading);
      return (await loading).observe(request as never, limits);
    },
  };
}
