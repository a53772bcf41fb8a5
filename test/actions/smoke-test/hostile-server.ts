import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { serve, type TestServer } from '../../support/servers/http.js';
import { runSuite, suiteOf, type SuiteRun } from './run-suite.js';

/** Pages that have fooled smoke tests, by path. */
export const routes: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
  '/ok': (_, response) =>
    response.writeHead(200, { 'x-app-version': '1x2x3', 'x-empty': '' }).end('{"status":"ok","n":1}'),
  '/empty': (_, response) => response.end(),
  '/html': (_, response) => response.end('<h1>Sign in</h1>'),
  '/error': (_, response) => response.writeHead(500).end('broken'),
  '/redirect': (_, response) => response.writeHead(302, { location: '/ok' }).end(),
  '/huge': (_, response) => response.end('x'.repeat(2_000_000)),
  '/bomb': (_, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(20_000_000))),
  '/drip': (_, response) => {
    const timer = setInterval(() => response.write('.'), 10);
    response.on('close', () => clearInterval(timer));
  },
  '/slow': (_, response) => void setTimeout(() => response.end(), 30),
  '/silent': () => undefined,
  '/half': (_, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('ok', () => response.destroy());
  },
  '/aaa': (_, response) => response.end(`${'a'.repeat(40)}!`),
  '/big': (_, response) => response.end('{"id":12345678901234567890}'),
  '/list': (_, response) => response.end('{"items":[{"id":1},{"id":2}],"none":null}'),
  '/deep': (_, response) => response.end('['.repeat(200_000) + ']'.repeat(200_000)),
};

/** A server of those pages, what it was asked, and how to run a suite against it. */
export interface HostileServer extends TestServer {
  asked: string[];
  run(
    suite: string,
    given?: Readonly<Record<string, string>>,
    env?: Readonly<Record<string, string>>,
  ): Promise<SuiteRun>;
}

/** Serves the pages on 127.0.0.1. */
export async function serveHostile(): Promise<HostileServer> {
  const server = await serve((request, response) => {
    hostile.asked.push(request.url!);
    const route = routes[request.url!.split('?')[0]!];
    if (route) route(request, response);
    else response.writeHead(404).end();
  });
  const hostile: HostileServer = {
    ...server,
    asked: [],
    run: (suite, given = {}, env = {}) => runSuite(suite, { 'base-url': server.url, ...given }, env),
  };
  return hostile;
}

/** A suite of one step that asks for `url`; `more` are further keys of the step. */
export function step(url: string, expectations: string, more = ''): string {
  return suiteOf(`- name: step\n  http: { url: '${url}' }\n  expect: ${expectations}\n${more}`);
}
