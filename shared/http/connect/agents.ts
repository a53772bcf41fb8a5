import { request as httpRequest, type ClientRequest } from 'node:http';
import {
  Agent as SecureAgent,
  request as httpsRequest,
  type AgentOptions as SecureAgentOptions,
  type RequestOptions as SecureRequestOptions,
} from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  connect as connectTls,
  createSecureContext,
  type ConnectionOptions,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import { HttpFailure } from '../faults.js';
import { proxyAuthorization, target } from './target.js';
import type { ClientCertificate } from '../types.js';

type Connected = (error: Error | null, socket: Duplex) => void;

/** Opens a TLS connection; `signal` ends it at any point with its reason as the error. */
export function handshake(options: ConnectionOptions, signal: AbortSignal): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const socket = connectTls(options);
    const stop = () => socket.destroy(signal.reason);
    const settle = (act: () => void) => {
      signal.removeEventListener('abort', stop);
      act();
    };
    signal.addEventListener('abort', stop, { once: true });
    socket.once('error', (error) => settle(() => reject(error)));
    socket.once('close', () =>
      settle(() => reject(new HttpFailure('reset', 'the connection closed during the TLS handshake'))),
    );
    socket.once('secureConnect', () => settle(() => resolve(socket)));
  });
}

/** A client certificate made ready, with the certificates to trust; one that cannot be read is a fault. */
export function contextOf(options: Parameters<typeof createSecureContext>[0]): SecureContext {
  try {
    return createSecureContext(options);
  } catch (error) {
    throw new HttpFailure('tls', `the client certificate cannot be used (${(error as Error).message})`);
  }
}

/** A pool that takes in connections whose handshake was made to find out that they speak HTTP/1.1. */
export class NegotiatedAgent extends SecureAgent {
  readonly #ready = new Map<string, TLSSocket[]>();

  keep(host: string, port: number, identity: ClientCertificate | undefined, socket: TLSSocket): void {
    const name = readyName(host, port, identity?.cert);
    socket.on('error', () => undefined);
    this.#ready.set(name, [...(this.#ready.get(name) ?? []), socket]);
  }

  override createConnection(options: SecureRequestOptions, callback?: Connected): Duplex | null | undefined {
    const ready = this.#ready.get(
      readyName(String(options.host), Number(options.port), options.cert as string),
    );
    for (let socket = ready?.pop(); socket; socket = ready?.pop()) if (!socket.destroyed) return socket;
    return super.createConnection(options, callback);
  }

  override destroy(): void {
    for (const sockets of this.#ready.values()) for (const socket of sockets) socket.destroy();
    super.destroy();
  }
}

function readyName(host: string, port: number, cert: string | undefined): string {
  return JSON.stringify([host, port, cert]);
}

/** TLS to the target inside a CONNECT tunnel of the proxy. */
export class TunnelAgent extends SecureAgent {
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
