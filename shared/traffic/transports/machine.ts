import type { Duplex } from 'node:stream';
import type { Transport } from '../transport.js';

/** Something that listens on the node: a unix socket, or host and port as seen from there. */
export type Endpoint = { socket: string } | { host: string; port: number };

/** A node's machine: its files, its commands, and what listens on it. */
export interface Machine extends Transport {
  /** Opens a connection; what goes wrong, now or later, is an `error` of the stream. Destroy it when done. */
  connect(endpoint: Endpoint): Duplex;
}

/** The endpoint for people. */
export function describeEndpoint(endpoint: Endpoint): string {
  return 'socket' in endpoint ? endpoint.socket : `${endpoint.host}:${endpoint.port}`;
}

/** Takes `host:port` apart; the brackets of an IPv6 address go. */
export function parseAddress(address: string): { host: string; port: number } {
  const at = address.lastIndexOf(':');
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(address.slice(at + 1)) };
}

/** Where a file's new text stands until it is renamed over it. */
export function besideIt(path: string): string {
  return `${path}.devops-actions`;
}
