import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Identity } from './certificates.js';

/** A server on loopback: its address, how many connections it saw, and how to end it with all its connections. */
export interface TestServer {
  url: string;
  port: number;
  connections(): number;
  close(): Promise<void>;
}

/** Serves requests on 127.0.0.1 at a free port, with TLS when an identity is given. */
export async function serve(listener: RequestListener, identity?: Identity): Promise<TestServer> {
  const server: Server = identity ? createSecureServer(identity, listener) : createServer(listener);
  let connections = 0;
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${identity ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
