import { request } from 'node:http';
import { RouterError } from '../router.js';
import { describeEndpoint, parseAddress, type Endpoint, type Machine } from '../transports/machine.js';

/** A request to something that listens on a node. */
export interface NodeRequest {
  method: 'GET' | 'PATCH';
  path: string;
  /** Value of the Host header. */
  host: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
}

export interface NodeAnswer {
  status: number;
  /** Headers and trailers by lower-case name; a trailer stands for the header of its name. */
  fields: Readonly<Record<string, string | undefined>>;
  text: string;
}

/** What a router's own status page answered. */
export type StatusAnswer = Pick<NodeAnswer, 'status' | 'text'>;

/**
 * Longest answer that is one of those asked for here, in characters: Envoy's dump of a large route table is the
 * largest.
 */
const maxAnswer = 4 * 1024 * 1024;

/**
 * One plain HTTP exchange on a connection of its own that a node's machine opens (so it also goes through ssh), with
 * the trailers that Caddy puts its ETag into. Throws RouterError when there is no complete answer within `timeoutMs`.
 */
export function exchangeOn(
  node: string,
  machine: Machine,
  endpoint: Endpoint,
  { method, path, host, headers = {}, body }: NodeRequest,
  timeoutMs: number,
): Promise<NodeAnswer> {
  return new Promise((resolve, reject) => {
    const stream = machine.connect(endpoint);
    const fail = (why: string) => {
      clearTimeout(timer);
      stream.destroy();
      reject(
        new RouterError(`Node "${node}": ${method} ${path} on ${describeEndpoint(endpoint)} ${why}.`, node),
      );
    };
    const timer = setTimeout(() => fail(`gave no complete answer within ${timeoutMs} ms`), timeoutMs);
    const lost = (error: NodeJS.ErrnoException) => fail(`gave no answer (${error.code ?? error.message})`);
    const sending = request({
      createConnection: () => stream,
      method,
      path,
      headers: { host, connection: 'close', ...headers, ...(body === undefined ? {} : lengthOf(body)) },
    });
    sending.on('error', lost);
    sending.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (text.length > maxAnswer) fail('gave an endless answer');
      });
      response.on('error', lost);
      response.on('end', () => {
        clearTimeout(timer);
        stream.destroy();
        const fields = { ...response.headers, ...response.trailers } as NodeAnswer['fields'];
        resolve({ status: response.statusCode ?? 0, fields, text });
      });
    });
    sending.end(body);
  });
}

/**
 * GETs an http address as the node itself sees it, so that an administration port may stay on the node's loopback
 * interface.
 */
export function getOn(node: string, machine: Machine, url: string, timeoutMs: number): Promise<StatusAnswer> {
  const { host, hostname, port, pathname, search } = new URL(url);
  const endpoint = parseAddress(`${hostname}:${port || '80'}`);
  return exchangeOn(node, machine, endpoint, { method: 'GET', path: pathname + search, host }, timeoutMs);
}

function lengthOf(body: string): Record<string, string> {
  return { 'content-length': String(Buffer.byteLength(body)) };
}
