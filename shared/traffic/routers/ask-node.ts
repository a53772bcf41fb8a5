import type { HttpClient } from '../../http/types.js';
import { RouterError } from '../router.js';
import type { NodeConfig } from '../transports/config.js';
import type { Machine } from '../transports/machine.js';
import { exchangeOn, type NodeAnswer } from './http-exchange.js';

/** Longest answer read from here, in bytes: Envoy's dump of a large route table is the largest. */
const maxAnswer = 4 * 1024 * 1024;

export type StatusAnswer = Pick<NodeAnswer, 'status' | 'text'>;

/**
 * GETs an http address as the node itself sees it: from here for a local node, through the ssh connection for another, so that an administration port
 * may stay on the node's loopback interface. Throws RouterError when there is no complete answer within `timeoutMs`.
 */
export async function askNode(
  { node, machine }: { node: NodeConfig; machine: Machine },
  http: HttpClient,
  url: string,
  timeoutMs: number,
): Promise<StatusAnswer> {
  if (node.ssh) {
    const { hostname, port, pathname, search, host } = new URL(url);
    const endpoint = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80) };
    return exchangeOn(
      node.name,
      machine,
      endpoint,
      { method: 'GET', path: pathname + search, host },
      timeoutMs,
    );
  }
  const result = await http.send({ url, timeoutMs, maxBodyBytes: maxAnswer });
  if (!result.ok) throw new RouterError(`Node "${node.name}": ${result.fault.message}.`, node.name);
  return { status: result.response.status, text: new TextDecoder().decode(result.response.body) };
}
