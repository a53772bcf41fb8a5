import {
  createSecureServer,
  createServer,
  type Http2Server,
  type ServerHttp2Stream,
  type IncomingHttpHeaders,
  type SecureServerOptions,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Identity } from './certificates.js';

export interface TestHttp2Server {
  url: string;
  port: number;
  /** Connections seen so far. */
  connections(): number;
  /** Ends all sessions, as a restart would. */
  hangUp(): void;
  close(): Promise<void>;
}

/** Serves HTTP/2 streams on 127.0.0.1 at a free port, with TLS when an identity is given. */
export async function serveHttp2(
  onStream: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void,
  identity?: Identity,
  options: SecureServerOptions = {},
): Promise<TestHttp2Server> {
  const server: Http2Server = identity ? createSecureServer({ ...identity, ...options }) : createServer();
  const sessions = new Set<{ destroy(): void }>();
  let connections = 0;
  server.on('session', (session) => {
    connections++;
    sessions.add(session);
    session.on('error', () => undefined);
    session.on('close', () => sessions.delete(session));
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    onStream(stream, headers);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const hangUp = () => sessions.forEach((session) => session.destroy());
  return {
    url: `${identity ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    connections: () => connections,
    hangUp,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        hangUp();
      }),
  };
}
