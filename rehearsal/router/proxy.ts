import * as http from 'node:http';
import { countAnswer, pickServer, type Backend, type Counters, type Server } from './backends.js';
import { endToEnd, hasBody, repeatable, towardsServer } from './headers.js';
import { routerAnswer, type RouterStatus } from './router-answer.js';

export interface ProxyTimeouts {
  /** Milliseconds. */
  connect: number;
  server: number;
}

export interface ProxyOptions {
  timeouts: ProxyTimeouts;
  /** Where a new request goes; asked once per request, so a switch never moves one in flight. */
  route: () => Backend | undefined;
  /** The frontend's own counters. */
  counters: Counters;
  /** While true, answers end their client connections. */
  closing: () => boolean;
}

const MAX_RETRIES = 3;
/** Shorter than Node's own 5 s server default, so that our side of an idle connection closes first. */
const IDLE_POOLED_MS = 4_000;
/** Longer than clients commonly keep an idle connection, so that we do not close it under their next request. */
const IDLE_CLIENT_MS = 75_000;

interface Exchange {
  request: http.IncomingMessage;
  response: http.ServerResponse;
  backend: Backend;
  tried: Set<Server>;
  retries: number;
  /** Set after a pooled connection turned out stale: the next attempt opens its own. */
  ownConnection: boolean;
}

/** A streaming reverse proxy; `close` ends its pooled connections. */
export function createProxy(options: ProxyOptions): { server: http.Server; closePools: () => void } {
  const pools = new Map<Server, http.Agent>();
  const poolOf = (server: Server): http.Agent => {
    const known = pools.get(server);
    if (known) return known;
    const pool = new http.Agent({ keepAlive: true, timeout: IDLE_POOLED_MS, scheduling: 'lifo' });
    pools.set(server, pool);
    return pool;
  };

  const server = http.createServer({ keepAliveTimeout: IDLE_CLIENT_MS }, (request, response) => {
    options.counters.requests += 1;
    response.once('finish', () => countAnswer(options.counters, response.statusCode));
    const backend = options.route();
    if (!backend) return routerAnswer(response, 503);
    enter(backend);
    response.once('close', () => {
      backend.inFlight -= 1;
      if (!response.writableFinished) backend.counters.clientAborts += 1;
    });
    attempt({ request, response, backend, tried: new Set(), retries: 0, ownConnection: false });
  });

  function attempt(exchange: Exchange): void {
    const { request, response, backend } = exchange;
    const target = pickServer(backend, exchange.tried);
    if (!target) return fail(exchange, 503);
    enter(target);
    const upstream = http.request({
      host: target.host,
      port: target.port,
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      headers: towardsServer(request),
      agent: exchange.ownConnection ? false : poolOf(target),
    });
    let connected = false;
    let answered = false;
    let timedOut = false;
    let countBytes = (): void => undefined;
    const abandon = (): void => {
      if (!response.writableFinished) upstream.destroy();
    };
    response.once('close', abandon);

    upstream.once('socket', (socket) => {
      const [read, written] = [socket.bytesRead, socket.bytesWritten];
      countBytes = () => {
        for (const counters of [target.counters, backend.counters, options.counters]) {
          counters.bytesIn += socket.bytesWritten - written;
          counters.bytesOut += socket.bytesRead - read;
        }
      };
      const start = (): void => {
        connected = true;
        upstream.setTimeout(options.timeouts.server);
        // The body is touched only once there is a connection, so a refused one can be tried elsewhere.
        if (hasBody(request)) request.pipe(upstream);
        else upstream.end();
      };
      if (!socket.connecting) return start();
      const slowConnect = setTimeout(
        () => upstream.destroy(new Error('no connection')),
        options.timeouts.connect,
      );
      upstream.once('close', () => clearTimeout(slowConnect));
      socket.once('connect', () => {
        clearTimeout(slowConnect);
        start();
      });
    });
    upstream.once('timeout', () => {
      timedOut = true;
      upstream.destroy(new Error('the server took too long'));
    });
    upstream.once('response', (answer) => {
      answered = true;
      passOn(answer, response, options.closing());
      for (const counters of [target.counters, backend.counters])
        countAnswer(counters, answer.statusCode ?? 0);
    });
    upstream.once('close', () => {
      countBytes();
      target.inFlight -= 1;
      response.off('close', abandon);
    });
    upstream.once('error', () => {
      if (answered || response.destroyed) return void response.destroy();
      const stale = connected && upstream.reusedSocket && !timedOut && repeatable(request);
      if (!connected) {
        target.counters.connectErrors += 1;
        exchange.tried.add(target);
      } else target.counters.responseErrors += 1;
      if ((stale || !connected) && exchange.retries < MAX_RETRIES) return retry(exchange, target, stale);
      fail(exchange, !connected ? 503 : timedOut ? 504 : 502);
    });
  }

  function retry(exchange: Exchange, target: Server, stale: boolean): void {
    exchange.retries += 1;
    exchange.ownConnection = stale;
    target.counters.retries += 1;
    exchange.backend.counters.retries += 1;
    if (!stale) target.counters.redispatches += 1;
    attempt(exchange);
  }

  return { server, closePools: () => pools.forEach((pool) => pool.destroy()) };
}

function fail(exchange: Exchange, status: RouterStatus): void {
  const counters = exchange.backend.counters;
  if (status === 503) counters.connectErrors += 1;
  else counters.responseErrors += 1;
  countAnswer(counters, status);
  exchange.request.unpipe();
  exchange.request.resume();
  routerAnswer(exchange.response, status);
}

function enter(place: Server | Backend): void {
  place.inFlight += 1;
  place.counters.requests += 1;
  place.counters.peak = Math.max(place.counters.peak, place.inFlight);
}

function passOn(answer: http.IncomingMessage, response: http.ServerResponse, last: boolean): void {
  response.sendDate = false;
  const lines = endToEnd(answer);
  if (last) lines.push('connection', 'close');
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? '', lines);
  // An answer of unknown length may be a slow stream: its header must not wait for the first piece.
  if (answer.headers['content-length'] === undefined) response.flushHeaders();
  answer.once('error', () => response.destroy());
  answer.pipe(response);
}
