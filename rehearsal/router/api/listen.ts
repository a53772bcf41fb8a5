import { existsSync, renameSync, rmSync } from 'node:fs';
import * as net from 'node:net';
import { splitAddress } from '../config.js';
import type { Runtime } from './command.js';
import { serveSession, type ApiFaults } from './session.js';

export interface RuntimeApi {
  /** Connections open now. */
  connections: () => number;
  /** Port of the TCP address, if one was asked for. */
  tcpPort: number | undefined;
  /** true: connections are refused as by a dead process (the socket file stays); false: serves again. */
  refuse: (refused: boolean) => Promise<void>;
  close: () => Promise<void>;
}

export interface ListenOptions {
  socket: string;
  tcp?: string | undefined;
  idleMs: number;
  faults: ApiFaults;
}

/** Serves the runtime API on a unix socket and, if asked, on a TCP address. */
export async function listenRuntimeApi(runtime: Runtime, options: ListenOptions): Promise<RuntimeApi> {
  const open = new Set<net.Socket>();
  const createServer = (): net.Server =>
    net.createServer({ allowHalfOpen: true }, (socket) => {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      serveSession(socket, runtime, options.faults, options.idleMs);
    });
  let servers: net.Server[] = [];
  let tcpPort: number | undefined;

  const start = async (): Promise<void> => {
    await removeDeadSocket(options.socket);
    servers = [await listening(createServer(), { path: options.socket })];
    if (options.tcp === undefined) return;
    const { host, port } = splitAddress(options.tcp);
    const server = await listening(createServer(), { host, port: tcpPort ?? port });
    servers.push(server);
    tcpPort = (server.address() as net.AddressInfo).port;
  };
  const stop = async (): Promise<void> => {
    const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
    servers = [];
    for (const socket of open) socket.destroy();
    await Promise.all(closed);
  };

  await start();
  return {
    connections: () => open.size,
    get tcpPort() {
      return tcpPort;
    },
    refuse: async (refused) => {
      if (refused === (servers.length === 0)) return;
      if (!refused) return start();
      // Node removes the file of a server it closes; a dead HAProxy leaves it behind.
      const aside = `${options.socket}.aside`;
      renameSync(options.socket, aside);
      await stop();
      renameSync(aside, options.socket);
    },
    close: async () => {
      await stop();
      rmSync(options.socket, { force: true });
    },
  };
}

function listening(server: net.Server, where: net.ListenOptions): Promise<net.Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => resolve(server));
  });
}

/** A socket file nobody answers on is left from a killed router; one that is answered on belongs to somebody. */
function removeDeadSocket(path: string): Promise<void> {
  if (!existsSync(path)) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const probe = net.connect(path);
    probe.once('connect', () => {
      probe.destroy();
      reject(
        new Error(`${path}: another router is serving this socket; stop it or configure another "socket"`),
      );
    });
    probe.once('error', () => {
      rmSync(path, { force: true });
      resolve();
    });
  });
}
