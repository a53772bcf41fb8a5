import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { closeGracefully } from './close-gracefully.js';
import { FaultPlan, parseFault, type Fault } from './faults.js';
import { Metrics } from './metrics.js';
import { findRoute, type Reply, type Shop } from './routes.js';
import { Store } from './store.js';
import { signingKey } from './tokens.js';

export interface ShopOptions {
  /** 0 takes a free one. */
  port: number;
  adminPort?: number;
  version: string;
  digest: string;
  colour: string;
  /** Folder shared with the other versions; undefined keeps everything in this process. */
  data?: string | undefined;
  fault?: Fault;
}

export interface RunningShop {
  url: string;
  port: number;
  /** Separate loopback address that takes `POST /_fault`: the router must not be able to reach it. */
  adminUrl: string;
  /** Replaces the fault; {} heals. */
  setFault: (fault: Fault) => void;
  /** Finishes requests in flight, for 10 s at most. */
  close: () => Promise<void>;
}

const CLOSE_GRACE_MS = 10_000;
const MAX_BODY_BYTES = 65_536;
/** Longer than any router in front keeps an idle connection, so that the router closes first. */
const IDLE_MS = 75_000;

/** Starts one version of the shop on 127.0.0.1. */
export async function startShop(options: ShopOptions): Promise<RunningShop> {
  const startedAt = Date.now();
  const { version, digest, colour } = options;
  const store = new Store(options.data);
  const shop: Shop = { store, key: signingKey(options.data), version };
  const metrics = new Metrics(version, startedAt / 1000);
  let plan = new FaultPlan(options.fault ?? {}, startedAt);
  const healthyAt = startedAt + (options.fault?.slowStartMs ?? 0);
  let closing = false;

  const reply = (response: http.ServerResponse, made: Reply): void => {
    if (closing) response.setHeader('connection', 'close');
    send(response, made);
  };

  const health = (): Reply => {
    const starting = Date.now() < healthyAt;
    return {
      status: starting || plan.fault.unhealthy ? 503 : 200,
      body: {
        status: starting ? 'starting' : plan.fault.unhealthy ? 'unhealthy' : 'ok',
        version: plan.fault.wrongVersion ?? version,
        digest,
        colour,
        startedAt: new Date(startedAt).toISOString(),
      },
    };
  };

  async function answer(
    request: http.IncomingMessage,
    target: Target,
    found: ReturnType<typeof findRoute>,
  ): Promise<Reply> {
    const body = await readBody(request);
    if (body === undefined) return { status: 413, body: { error: `at most ${MAX_BODY_BYTES} bytes` } };
    if (Date.now() < healthyAt) return { status: 503, body: { error: 'starting' } };
    const effects = plan.next(Date.now(), found.route);
    if (effects.latencyMs > 0) await sleep(effects.latencyMs);
    if (effects.fail) return { status: 500, body: { error: 'injected fault' } };
    const call = {
      method: request.method ?? 'GET',
      ...target,
      body: parseJson(body),
      authorization: request.headers.authorization,
      tenant: `${request.headers['x-tenant'] ?? 'main'}`,
      tenantLeak: effects.tenantLeak,
    };
    return found.answer(call, shop);
  }

  const server = http.createServer({ keepAliveTimeout: IDLE_MS }, (request, response) => {
    const began = performance.now();
    const method = request.method ?? 'GET';
    response.setHeader('x-app-version', version);
    const target = splitTarget(request.url ?? '/');
    const observe = (route: string): void => {
      response.once('finish', () =>
        metrics.observe(method, route, response.statusCode, (performance.now() - began) / 1000),
      );
    };
    if (target.path === '/health') {
      observe('/health');
      return reply(response, health());
    }
    if (target.path === '/metrics') {
      observe('/metrics');
      response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
      return void response.end(metrics.render());
    }
    const found = findRoute(method, target.path);
    observe(found.route);
    answer(request, target, found).then(
      (made) => reply(response, made),
      (error: unknown) => {
        console.error(error);
        if (!response.headersSent) reply(response, { status: 500, body: { error: 'internal error' } });
      },
    );
  });

  const setFault = (fault: Fault): void => {
    plan = new FaultPlan(fault, Date.now());
  };
  const admin = http.createServer((request, response) => {
    if (request.method !== 'POST' || request.url !== '/_fault') {
      return send(response, { status: 404, body: { error: 'only POST /_fault is served here' } });
    }
    readBody(request)
      .then((body) => {
        setFault(parseFault(body ?? ''));
        send(response, { status: 200, body: plan.fault });
      })
      .catch((error: Error) => send(response, { status: 400, body: { error: error.message } }));
  });

  const port = await listen(server, options.port);
  const adminPort = await listen(admin, options.adminPort ?? 0);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    adminUrl: `http://127.0.0.1:${adminPort}`,
    setFault,
    close: async () => {
      closing = true;
      admin.closeAllConnections();
      await Promise.all([server, admin].map((one) => closeGracefully(one, CLOSE_GRACE_MS)));
      store.close();
    },
  };
}

interface Target {
  path: string;
  query: URLSearchParams;
}

function splitTarget(target: string): Target {
  const [path = '/', query = ''] = target.split('?', 2);
  return { path, query: new URLSearchParams(query) };
}

function listen(server: http.Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function send(response: http.ServerResponse, { status, body }: Reply): void {
  const html = typeof body === 'string';
  const text = html ? body : JSON.stringify(body);
  response.writeHead(status, {
    'content-type': html ? 'text/html; charset=utf-8' : 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

/** The whole body as text; undefined if it is too long. */
async function readBody(request: http.IncomingMessage): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length <= MAX_BODY_BYTES) pieces.push(piece);
  }
  return length > MAX_BODY_BYTES ? undefined : Buffer.concat(pieces).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
