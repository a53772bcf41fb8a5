import type { AddressInfo } from 'node:net';
import { closeGracefully } from '../shop/close-gracefully.js';
import { createBackends, isUp, newCounters, type AdminState } from './backends.js';
import type { Runtime } from './api/command.js';
import { listenRuntimeApi } from './api/listen.js';
import type { ApiFaults } from './api/session.js';
import { splitAddress, type RouterConfig } from './config.js';
import { startChecks } from './checks.js';
import { RuntimeMap } from './map-file.js';
import { createProxy } from './proxy.js';

export interface ServerStats {
  weight: number;
  state: AdminState;
  /** By its health checks; a server without checks counts as up. */
  up: boolean;
  inFlight: number;
  requests: number;
  retries: number;
  connectErrors: number;
  responseErrors: number;
}

export interface RouterStats {
  /** Requests taken from clients. */
  requests: number;
  /** Name of the backend that new requests go to. */
  live: string;
  backends: Record<string, Record<string, ServerStats>>;
}

export interface Router {
  url: string;
  port: number;
  /** Path of the runtime API's unix socket. */
  socket: string;
  /** Port of the runtime API on TCP, where configured. */
  tcpPort: number | undefined;
  stats: () => RouterStats;
  /** Crash tests: milliseconds between carrying out a command and answering it; 0 stops it. */
  delayAnswers: (ms: number) => void;
  /** Crash tests: carry commands out, but answer bytes that mean nothing. */
  answerGarbage: (on: boolean) => void;
  /** Crash tests: refuse runtime API connections while traffic goes on. */
  refuse: (on: boolean) => Promise<void>;
  /** Lets requests in flight finish, for 5 s at most, then closes everything. */
  close: () => Promise<void>;
}

const CLOSE_GRACE_MS = 5_000;

/** Starts the reverse proxy and its runtime API; throws if an address, the socket or the map file cannot be used. */
export async function startRouter(
  config: RouterConfig,
  initialFaults: Partial<ApiFaults> = {},
): Promise<Router> {
  const now = Date.now;
  const backends = createBackends(config, now());
  const map = new RuntimeMap(config.map.file);
  const liveName = (): string => map.lookUp(config.map.key) ?? config.map.default;
  const counters = newCounters();
  let closing = false;
  const proxy = createProxy({
    timeouts: { connect: config.timeouts?.connect ?? 2_000, server: config.timeouts?.server ?? 30_000 },
    route: () => backends.find(({ name }) => name === liveName()),
    counters,
    closing: () => closing,
  });
  let connections = 0;
  proxy.server.on('connection', (socket) => {
    connections += 1;
    socket.once('close', () => (connections -= 1));
  });

  const { host, port: wantedPort } = splitAddress(config.listen);
  await new Promise<void>((resolve, reject) => {
    proxy.server.once('error', reject);
    proxy.server.listen({ host, port: wantedPort }, resolve);
  });
  const { port } = proxy.server.address() as AddressInfo;

  const runtime: Runtime = {
    map,
    backends,
    frontend: { name: 'entry', counters, connections: () => connections },
    startedAt: now(),
    now,
    apiConnections: () => api.connections(),
  };
  const faults: ApiFaults = { answerDelayMs: 0, answerGarbage: false, ...initialFaults };
  const api = await listenRuntimeApi(runtime, {
    socket: config.socket,
    tcp: config.tcp,
    idleMs: config.timeouts?.session ?? 30_000,
    faults,
  }).catch((error: unknown) => {
    proxy.server.close();
    throw error;
  });

  const endChecks = startChecks(backends, config.timeouts?.connect ?? 2_000, now);

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    socket: config.socket,
    tcpPort: api.tcpPort,
    stats: () => ({
      requests: counters.requests,
      live: liveName(),
      backends: Object.fromEntries(
        backends.map(({ name, servers }) => [
          name,
          Object.fromEntries(
            servers.map((server) => {
              const {
                name: serverName,
                weight,
                state,
                inFlight,
                counters: { requests, ...other },
              } = server;
              return [
                serverName,
                {
                  weight,
                  state,
                  up: isUp(server),
                  inFlight,
                  requests,
                  retries: other.retries,
                  connectErrors: other.connectErrors,
                  responseErrors: other.responseErrors,
                },
              ];
            }),
          ),
        ]),
      ),
    }),
    delayAnswers: (ms) => void (faults.answerDelayMs = ms),
    answerGarbage: (on) => void (faults.answerGarbage = on),
    refuse: api.refuse,
    close: async () => {
      closing = true;
      endChecks();
      await api.close();
      await closeGracefully(proxy.server, CLOSE_GRACE_MS);
      proxy.closePools();
    },
  };
}
