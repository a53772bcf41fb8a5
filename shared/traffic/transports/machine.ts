import type { Duplex } from 'node:stream';
import { RouterError } from '../router.js';
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

/**
 * Where a file's new text stands until it is renamed over it: a folder of its own, whose name ends in random letters.
 */
export const besideIt = (path: string): string => `${path}.devops-actions.`;

/** A folder that exists while a file that several services share is changed. */
export const lockOf = (path: string): string => `${path}.devops-actions.lock`;

/** As often as others may change a file between a look and the change made of it. */
const mostTries = 50;

/**
 * Changes a file that others change as well: what they wrote meanwhile is kept. Throws RouterError, also when they
 * never stop.
 */
export async function editFile(
  node: string,
  machine: Pick<Transport, 'readFile' | 'replaceFile'>,
  path: string,
  edit: (text: string) => string,
): Promise<void> {
  for (let tries = 0; tries < mostTries; tries++) {
    const text = await machine.readFile(path);
    const wanted = edit(text ?? '');
    if (text === wanted) return;
    // What was written is read again: somebody who knows no lock may have put another file in its place.
    await machine.replaceFile(path, wanted, text ?? '');
  }
  throw new RouterError(
    `Node "${node}": ${path} was changed by others ${mostTries} times while it was edited. Find out what writes it.`,
    node,
  );
}
