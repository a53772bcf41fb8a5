import { splitAddress, type RouterConfig } from './config.js';

export type AdminState = 'ready' | 'drain' | 'maint';

export interface Counters {
  requests: number;
  /** Most requests in flight at once. */
  peak: number;
  bytesIn: number;
  bytesOut: number;
  connectErrors: number;
  responseErrors: number;
  retries: number;
  redispatches: number;
  clientAborts: number;
  /** Answers by hundreds: [1xx, 2xx, 3xx, 4xx, 5xx]. */
  answers: [number, number, number, number, number];
}

export function newCounters(): Counters {
  return {
    requests: 0,
    peak: 0,
    bytesIn: 0,
    bytesOut: 0,
    connectErrors: 0,
    responseErrors: 0,
    retries: 0,
    redispatches: 0,
    clientAborts: 0,
    answers: [0, 0, 0, 0, 0],
  };
}

/** Counts an answer under its class; a status out of 100..599 is counted nowhere. */
export function countAnswer(counters: Counters, status: number): void {
  const index = Math.floor(status / 100) - 1;
  if (index >= 0 && index <= 4) counters.answers[index as 0] += 1;
}

export interface Server {
  id: number;
  name: string;
  host: string;
  port: number;
  initialWeight: number;
  weight: number;
  state: AdminState;
  /**
   * Consecutive checks: from `rise` on a server is up. Without checks HAProxy reports 2 until a server first leaves
   * maintenance, 0 afterwards.
   */
  health: number;
  /** Milliseconds between two health checks; undefined for a server that is not checked and so counts as up. */
  checkEvery: number | undefined;
  lastCheck: 'none' | 'failed' | 'passed';
  /** Epoch milliseconds of the last change of state. */
  changedAt: number;
  inFlight: number;
  /** Running score of the smooth weighted round robin. */
  score: number;
  counters: Counters;
}

export interface Backend {
  id: number;
  name: string;
  servers: Server[];
  inFlight: number;
  changedAt: number;
  counters: Counters;
}

/** HAProxy numbers its own proxy 1 and our single frontend 2. */
export const FRONTEND_ID = 2;

export function createBackends(config: RouterConfig, now: number): Backend[] {
  return Object.entries(config.backends).map(([name, backend], index) => ({
    id: FRONTEND_ID + 1 + index,
    name,
    inFlight: 0,
    changedAt: now,
    counters: newCounters(),
    servers: Object.entries(backend.servers).map(([serverName, server], serverIndex) => ({
      id: serverIndex + 1,
      name: serverName,
      ...splitAddress(server.address),
      initialWeight: server.weight ?? 1,
      weight: server.weight ?? 1,
      state: 'ready',
      health: rise,
      checkEvery: server.check,
      lastCheck: 'none',
      changedAt: now,
      inFlight: 0,
      score: 0,
      counters: newCounters(),
    })),
  }));
}

/** HAProxy's own defaults: so many checks in a row bring a server up, and take it down. */
const rise = 2;
const fall = 3;

/** A server that is not checked is taken for up, and so is one before its first check. */
export function isUp(server: Server): boolean {
  return server.checkEvery === undefined || server.health >= rise;
}

/** A server takes new requests when it is ready, up and has weight. */
export function usable(server: Server): boolean {
  return server.state === 'ready' && server.weight > 0 && isUp(server);
}

/** Counts one health check. */
export function countCheck(backend: Backend, server: Server, passed: boolean, now: number): void {
  const wasUp = isUp(server);
  changeUsability(backend, server, now, () => {
    const most = rise + fall - 1;
    if (passed)
      server.health = !wasUp && server.health + 1 >= rise ? most : Math.min(most, server.health + 1);
    else server.health = !wasUp || server.health - 1 < rise ? 0 : server.health - 1;
    server.lastCheck = passed ? 'passed' : 'failed';
  });
  if (isUp(server) !== wasUp) server.changedAt = now;
}

/**
 * Smooth weighted round robin: a heavy server's turns are spread between the others', not bunched.
 * Servers in `tried` come last; undefined when none is usable.
 */
export function pickServer(backend: Backend, tried: ReadonlySet<Server> = new Set()): Server | undefined {
  const candidates = backend.servers.filter(usable);
  const untried = candidates.filter((server) => !tried.has(server));
  const pool = untried.length > 0 ? untried : candidates;
  let total = 0;
  let best: Server | undefined;
  for (const server of pool) {
    total += server.weight;
    server.score += server.weight;
    if (!best || server.score > best.score) best = server;
  }
  if (best) best.score -= total;
  return best;
}

/** Sets the operator's state; requests in flight are left to finish. */
export function setState(backend: Backend, server: Server, state: AdminState, now: number): void {
  if (server.state === state) return;
  changeUsability(backend, server, now, () => {
    if (state === 'maint') server.health = 0;
    server.state = state;
    server.changedAt = now;
  });
}

export function setWeight(backend: Backend, server: Server, weight: number, now: number): void {
  changeUsability(backend, server, now, () => {
    server.weight = weight;
  });
}

function changeUsability(backend: Backend, server: Server, now: number, change: () => void): void {
  const wasUp = backend.servers.some(usable);
  change();
  if (!usable(server)) server.score = 0;
  if (backend.servers.some(usable) !== wasUp) backend.changedAt = now;
}
