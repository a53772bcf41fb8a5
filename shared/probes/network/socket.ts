import { connect, isIP, type LookupFunction, type Socket } from 'node:net';
import { ForbiddenAddressError, isMetadataHost } from '../../http/connect/addresses.js';
import { HttpFailure } from '../../http/faults.js';

/** Where a connection goes. */
export interface Address {
  host: string;
  port: number;
}

/** Reads `host:port`, `[::1]:port` or, with a default port, a host alone; throws a fault for anything else. */
export function parseAddress(text: string, defaultPort?: number): Address {
  const [, bracketed, plain, written] =
    /^(?:\[([^\]]+)\]|([^:/@\s]+))(?::(\d{1,5}))?$/.exec(text.trim()) ?? [];
  const host = bracketed ?? plain;
  const port = written === undefined ? defaultPort : Number(written);
  if (host === undefined || port === undefined || port < 1 || port > 65_535)
    throw new HttpFailure(
      'protocol',
      `the address is not ${defaultPort === undefined ? 'host:port' : 'host or host:port'}`,
    );
  if (isMetadataHost(host)) throw new ForbiddenAddressError(host);
  return { host, port };
}

/** The name TLS asks for: an address of digits has none. */
export function serverName(host: string): { servername?: string } {
  return isIP(host) ? {} : { servername: host };
}

/** Opens a TCP connection; `signal` ends it at any time with its reason as the error, also later. */
export function openSocket(address: Address, lookup: LookupFunction, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const socket = connect({ ...address, lookup });
    const stop = () => socket.destroy(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    socket.once('close', () => signal.removeEventListener('abort', stop));
    socket.on('error', reject);
    socket.once('connect', () => resolve(socket));
  });
}

/**
 * Reads a stream until `isEnough` or its end, at most `maxBytes`; a cut connection is an error, a closed one the end.
 */
export function readUntil(
  socket: NodeJS.ReadableStream & { destroy(error?: Error): unknown },
  maxBytes: number,
  isEnough: (bytes: Buffer) => boolean,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      chunks.push(chunk);
      if (length > maxBytes) reject(new HttpFailure('too-large', `more than ${maxBytes} bytes came`));
      else if (isEnough(chunk)) resolve(Buffer.concat(chunks, length));
    };
    socket.on('data', onData);
    socket.once('error', reject);
    socket.once('end', () => resolve(Buffer.concat(chunks, length)));
    socket.once('close', () => reject(new HttpFailure('reset', 'the connection was cut')));
  });
}
