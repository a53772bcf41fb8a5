import { guardedLookup } from '../../http/connect/addresses.js';
import type { HttpClient } from '../../http/types.js';
import { grpcProbe } from '../../probes/network/grpc.js';
import { tcpProbe } from '../../probes/network/tcp.js';
import type { TrafficConfig } from '../config/schema.js';

/** One look at a machine: what it answered, if anything, and why that is not well; no reason means it is. */
export interface HealthLook {
  answer?: number | string;
  why?: string;
}

/**
 * Asks one machine for its health on a new connection, over HTTP, with a TCP connection alone, or by gRPC's health
 * service.
 */
export function lookAtHealth(
  http: HttpClient,
  health: TrafficConfig['health'],
  machine: { url: string; headers: Readonly<Record<string, string>> },
): Promise<HealthLook> {
  const url = new URL(machine.url);
  if (health.port !== undefined) url.port = String(health.port);
  const headers = together(machine.headers, health.headers);
  switch (health.type) {
    case 'http':
      return overHttp(http, health, url, headers);
    case 'tcp':
      return overTcp(health, url);
    case 'grpc':
      return overGrpc(health, url, headers);
  }
}

async function overHttp(
  http: HttpClient,
  { path, status, timeout }: TrafficConfig['health'],
  url: URL,
  headers: Readonly<Record<string, string>>,
): Promise<HealthLook> {
  const href = new URL(path, url).href;
  const result = await http.send({ url: href, timeoutMs: timeout, freshConnection: true, headers });
  if (!result.ok) return { why: result.fault.message };
  const answer = result.response.status;
  return answer === status ? { answer } : { answer, why: `${path} answers ${answer} instead of ${status}` };
}

async function overTcp({ timeout }: TrafficConfig['health'], url: URL): Promise<HealthLook> {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const step = { address: `${url.hostname}:${port}`, read: 'none' as const, maxBytes: 0 };
  const probed = await tcpProbe(guardedLookup()).observe(step, { timeoutMs: timeout });
  if (!probed.ok) return { why: probed.fault.message };
  const { connected, detail } = probed.observation;
  return connected ? { answer: detail } : { why: detail };
}

async function overGrpc(
  { timeout, service }: TrafficConfig['health'],
  url: URL,
  headers: Readonly<Record<string, string>>,
): Promise<HealthLook> {
  const { host: _host, ...metadata } = headers;
  const probed = await grpcProbe(guardedLookup(), undefined).observe(
    { url: url.origin, service, metadata },
    { timeoutMs: timeout },
  );
  if (!probed.ok) return { why: probed.fault.message };
  const { serving } = probed.observation;
  const about = service === '' ? 'the server' : `service ${service}`;
  return serving === 'SERVING'
    ? { answer: serving }
    : { answer: serving, why: `gRPC health says ${serving} of ${about} instead of SERVING` };
}

/** Headers by lower-case name, the later ones over the earlier ones. */
export const together = (...all: (Readonly<Record<string, string>> | undefined)[]): Record<string, string> =>
  Object.fromEntries(
    all.flatMap((headers) =>
      Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
    ),
  );
