import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Control } from './control/control.js';
import { answerControl, controlPrefix } from './control/http.js';
import { faultBody, Faults, type FaultSpec } from './faults.js';
import { GraphqlApi } from './graphql/execute.js';
import { Journal } from './journal.js';
import { type LimitOptions, RateLimits } from './limits.js';
import { openApi } from './openapi/openapi.js';
import { type HttpRequest, RestApi } from './rest.js';
import type { Answer } from './route.js';
import { GitHubState } from './state.js';

export interface GitHubOptions {
  /** 0, the default, takes a free one. */
  port?: number;
  /** Milliseconds since the epoch. */
  now?: () => number;
  limits?: LimitOptions;
}

export interface GitHubServer {
  /** REST base, `http://127.0.0.1:PORT`. */
  url: string;
  graphqlUrl: string;
  control: Control;
  close: () => Promise<void>;
}

interface Handled {
  answer: Answer;
  actor: string | null;
  operation: string | null;
}

/** Starts the stand-in on loopback; rejects when the port is taken. */
export async function startGitHub(options: GitHubOptions = {}): Promise<GitHubServer> {
  const state = new GitHubState(options.now ?? Date.now);
  const journal = new Journal();
  const faults = new Faults();
  const limits = new RateLimits(state, options.limits ?? {});
  const rest = new RestApi(state, limits, openApi(), journal);
  const graphql = new GraphqlApi(state, limits, journal);
  const control = new Control(state, journal, faults);

  const handle = async (request: HttpRequest): Promise<Handled> => {
    const isGraphql = request.path === '/graphql' && request.method === 'POST';
    const { answer, token, operation } = await (isGraphql ? graphql : rest).answer(request);
    return { answer, actor: token?.actor.login ?? null, operation };
  };

  // 0: the client closes idle connections first. A close from here could meet a request that is on its way.
  const server = createServer({ keepAliveTimeout: 0 }, (incoming, outgoing) => {
    void serve(incoming, outgoing).catch((error: unknown) => {
      // A client that went away in the middle of its request is no fault of ours.
      if (!incoming.complete) return;
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      journal.violation('response', `${incoming.method} ${incoming.url}`, [text]);
      if (!outgoing.headersSent) send(outgoing, { status: 500, body: { message: text } });
    });
  });

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const request = await readRequest(incoming);
    if (request.path.startsWith(`${controlPrefix}/`))
      return send(outgoing, await answerControl(control, request));
    const began = performance.now();
    const path = incoming.url ?? '/';
    const fault = faults.take({ method: request.method, path, graphql: graphql.describe(request) });
    const spoiled = fault !== null && fault.after !== true;
    const handled: Handled = spoiled
      ? { answer: { status: 0 }, actor: null, operation: null }
      : await handle(request);
    const status = fault === null ? handled.answer.status : (fault.status ?? 0);
    const { actor, operation } = handled;
    journal.requests.push({
      method: request.method,
      path,
      status,
      actor,
      operation,
      ms: performance.now() - began,
    });
    outgoing.setHeader('date', new Date(state.now()).toUTCString());
    if (fault === null) send(outgoing, handled.answer);
    else await spoil(outgoing, fault);
  };

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  state.baseUrl = url;
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
    state.close();
  };
  return { url, graphqlUrl: `${url}/graphql`, control, close };
}

async function readRequest(incoming: IncomingMessage): Promise<HttpRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const url = incoming.url ?? '/';
  const mark = url.indexOf('?');
  return {
    method: incoming.method ?? 'GET',
    path: mark < 0 ? url : url.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)),
    headers: incoming.headers,
    body: Buffer.concat(chunks),
  };
}

/** Plays a fault: waits, then answers its status, or drops the connection when it has none. */
async function spoil(outgoing: ServerResponse, fault: FaultSpec): Promise<void> {
  if (fault.hangMs !== undefined) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, fault.hangMs);
      outgoing.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
  if (fault.status === undefined) outgoing.destroy();
  else send(outgoing, { status: fault.status, body: faultBody(fault), headers: fault.headers ?? {} });
}

function send(outgoing: ServerResponse, answer: Answer): void {
  const headers: Record<string, string> = {
    ...answer.headers,
    'x-github-media-type': 'github.v3; format=json',
  };
  if (answer.body === undefined) {
    outgoing.writeHead(answer.status, headers).end();
    return;
  }
  const raw = answer.contentType !== undefined;
  const body = raw ? (answer.body as string | Buffer) : JSON.stringify(answer.body);
  headers['content-type'] = answer.contentType ?? 'application/json; charset=utf-8';
  outgoing.writeHead(answer.status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
}
