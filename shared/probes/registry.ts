import type { LookupFunction } from 'node:net';
import type { HttpClient } from '../http/types.js';
import type { CommandObservation, CommandProbeStep } from './command.js';
import type { DnsObservation, DnsProbeStep } from './dns.js';
import type { GrpcObservation, GrpcProbeStep } from './grpc.js';
import { httpProbe, type HttpObservation, type HttpProbeStep } from './http.js';
import type { Probe } from './probe.js';
import type { SqlObservation, SqlProbeStep } from './sql.js';
import type { TcpObservation, TcpProbeStep } from './tcp.js';
import type { TlsObservation, TlsProbeStep } from './tls.js';

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

/** Every probe but http by the key its steps have in a suite, loaded when first used. */
const probes = {
  tcp: async ({ lookup }: ProbeTools) => (await import('./tcp.js')).tcpProbe(lookup),
  tls: async ({ lookup, ca }: ProbeTools) => (await import('./tls.js')).tlsProbe(lookup, ca),
  dns: async () => (await import('./dns.js')).dnsProbe(),
  sql: async ({ lookup, ca }: ProbeTools) => (await import('./sql.js')).sqlProbe(lookup, ca),
  grpc: async ({ lookup, ca }: ProbeTools) => (await import('./grpc.js')).grpcProbe(lookup, ca),
  command: async ({ cwd }: ProbeTools) => (await import('./command.js')).commandProbe(cwd),
};

/** What one step asks, by its probe. */
export type ProbeRequest =
  | ({ probe: 'http' } & HttpProbeStep)
  | ({ probe: 'tcp' } & TcpProbeStep)
  | ({ probe: 'tls' } & TlsProbeStep)
  | ({ probe: 'dns' } & DnsProbeStep)
  | ({ probe: 'sql' } & SqlProbeStep)
  | ({ probe: 'grpc' } & GrpcProbeStep)
  | ({ probe: 'command' } & CommandProbeStep);

/** What one step saw, by its probe. */
export type Observation =
  | HttpObservation
  | TcpObservation
  | TlsObservation
  | DnsObservation
  | SqlObservation
  | GrpcObservation
  | CommandObservation;

/** One probe for all kinds of steps. */
export function createProbe(tools: ProbeTools): Probe<ProbeRequest, Observation> {
  const http = httpProbe(tools.client);
  const loaded = new Map<string, Promise<Probe<ProbeRequest, Observation>>>();
  return {
    observe(request, limits) {
      if (request.probe === 'http') return http.observe(request, limits);
      const loading = loaded.get(request.probe) ?? load(request.probe, tools);
      loaded.set(request.probe, loading);
      return loading.then((probe) => probe.observe(request, limits));
    },
  };
}

function load(name: keyof typeof probes, tools: ProbeTools): Promise<Probe<ProbeRequest, Observation>> {
  return probes[name](tools) as Promise<Probe<never, Observation>> as Promise<
    Probe<ProbeRequest, Observation>
  >;
}
