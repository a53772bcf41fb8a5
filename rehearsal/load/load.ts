import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import * as http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from './request.js';
import { Shopper } from './shopper.js';
import { Tally, type LoadReport } from './tally.js';

export type { LoadFailure, LoadReport } from './tally.js';

export interface LoadOptions {
  url: string;
  /** Requests a second over all clients; 0 = as fast as the answers come. */
  rps?: number;
  /** Clients that keep one connection each. */
  keepalive?: number;
  /** Clients that open a new connection for each request. */
  fresh?: number;
  /** Tenant the customers belong to. */
  tenant?: string;
  /** Milliseconds until a request without a complete answer counts as failed. */
  timeoutMs?: number;
}

export interface Load {
  snapshot: () => LoadReport;
  /** Waits for the requests in flight, then reports. */
  stop: () => Promise<LoadReport>;
}

/** How far a client slowed by slow answers may catch up with its schedule afterwards. */
const MAX_BACKLOG_MS = 1_000;

/** Starts a steady load of shop calls: each client keeps to its own schedule, however slow the answers are. */
export function startLoad(options: LoadOptions): Load {
  const { rps = 200, keepalive = 8, fresh = 4, tenant = 'main', timeoutMs = 10_000 } = options;
  const base = new URL(options.url);
  const clients = keepalive + fresh;
  const spacingMs = rps > 0 ? (1000 * clients) / rps : 0;
  const tally = new Tally(Date.now());
  const stopping = new AbortController();
  setMaxListeners(clients, stopping.signal);
  const run = randomUUID().slice(0, 8);

  async function client(index: number): Promise<void> {
    const agent = index < keepalive ? new http.Agent({ keepAlive: true, maxSockets: 1 }) : false;
    const shopper = new Shopper(`${run}-${index}`, tenant);
    let due = performance.now() + (spacingMs * index) / clients;
    while (!stopping.signal.aborted) {
      const wait = due - performance.now();
      if (wait > 0) await sleep(wait, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) break;
      await call(shopper, agent);
      due = Math.max(due + spacingMs, performance.now() - MAX_BACKLOG_MS);
    }
    if (agent) agent.destroy();
  }

  async function call(shopper: Shopper, agent: http.Agent | false): Promise<void> {
    const { ask, took } = shopper.next();
    const began = performance.now();
    tally.begin();
    const { outcome, connection, text } = await request(base, ask, agent, timeoutMs);
    tally.end({
      outcome,
      connection,
      call: `${ask.method} ${ask.path}`,
      at: Date.now(),
      latencyMs: performance.now() - began,
    });
    took(outcome.kind === 'answer' && outcome.status < 400 ? parsed(text) : undefined);
  }

  const running = Array.from({ length: clients }, (_, index) => client(index));
  return {
    snapshot: () => tally.report(Date.now()),
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
      return tally.report(Date.now());
    },
  };
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
