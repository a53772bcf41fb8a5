import { createServer, type AddressInfo, type Socket } from 'node:net';

export interface TestTcpServer {
  /** `127.0.0.1:port`. */
  address: string;
  port: number;
  close(): Promise<void>;
}

/** Accepts connections on 127.0.0.1 at a free port. */
export async function serveTcp(onSocket: (socket: Socket) => void): Promise<TestTcpServer> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        open.forEach((socket) => socket.destroy());
      }),
  };
}

/** An address on loopback that nobody listens on. */
export async function closedAddress(): Promise<string> {
  const server = await serveTcp(() => undefined);
  await server.close();
  return server.address;
}
