import { defineRouter, observeStates, RouterError, type Router, type Weights } from '../../router.js';
import { parseAddress } from '../../transports/machine.js';
import type { OpenMachine } from '../../transports/open.js';
import type { CaddyAdminConfig } from './config.js';
import { askCaddy } from './health.js';
import { planUpstreams, readUpstreams, stateOf, upstreamsOf } from './upstreams.js';
import { exchangeOn, type NodeAnswer, type NodeRequest } from '../http-exchange.js';
import { foreignCall, nodeFinder, servingOnNodes } from '../nodes.js';
import { quoteAnswer } from '../reading.js';

const kind = 'caddy (admin)';

/**
 * Longest wait for an answer, in milliseconds: Caddy answers a change only when the new configuration runs, and ssh
 * logs in first.
 */
const answerWithin = 20_000;

/** Caddy's administration API: the upstreams of one handler, replaced on condition that nobody else changed them. */
export function caddyAdminRouter(config: CaddyAdminConfig, open: OpenMachine): Router {
  const { nodes } = config;
  const names = nodes.map(({ name }) => name);
  const reach = nodeFinder('Caddy', nodes, open);
  const path = `/id/${config.id}/upstreams`;

  async function ask(
    name: string,
    request: Pick<NodeRequest, 'method' | 'headers' | 'body'>,
  ): Promise<NodeAnswer> {
    const { node, machine } = reach(name);
    const endpoint = parseAddress(node.admin);
    return exchangeOn(name, machine, endpoint, { ...request, path, host: node.admin }, answerWithin);
  }
  const fail = (name: string, why: string): never => {
    throw new RouterError(`Caddy node "${name}": ${why}`, name);
  };

  async function readNode(name: string): Promise<{ weights: Weights; etag: string | undefined }> {
    const { status, text, fields } = await ask(name, { method: 'GET' });
    const id = `"@id": "${config.id}"`;
    if (status === 404 || (status === 200 && text.trim() === 'null'))
      return fail(
        name,
        `no handler with ${id} and upstreams is running; add ${id} to the reverse_proxy handler.`,
      );
    if (status !== 200) return fail(name, `GET ${path} answers ${status}: ${quoteAnswer(text.trim())}`);
    const reading = readUpstreams(config, text);
    if (!reading.ok) return fail(name, `${reading.why}.`);
    return { weights: reading.weights, etag: fields['etag'] };
  }

  async function patch(name: string, colour: string, from: string): Promise<void> {
    const { weights, etag } = await readNode(name);
    if (weights[colour] === 100 && Object.values(weights).filter((weight) => weight > 0).length === 1) return;
    const lost = 'was changed by someone else since it was read; nothing was changed here. Run this again.';
    if (stateOf(weights) !== from) return fail(name, `${path} ${lost}`);
    if (etag === undefined)
      return fail(
        name,
        `GET ${path} gives no ETag, so a change cannot be made on condition; use Caddy 2.6 or later.`,
      );
    const { status, text } = await ask(name, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', 'if-match': etag },
      body: upstreamsOf(config, colour),
    });
    if (status === 412) return fail(name, `${path} ${lost}`);
    if (status !== 200) return fail(name, `PATCH ${path} answers ${status}: ${quoteAnswer(text.trim())}`);
  }

  return defineRouter({
    kind,
    nodes: names,
    can: { atomic: true, weighted: false },
    warning:
      'Caddy in mode "admin" restarts its servers at each change: 133 of 16,546 requests on keep-alive connections and 42 of 7,005 on new ones failed over 40 switches (Caddy 2.11.9), where mode "file" failed none. And Caddy forgets the change when it restarts, unless it runs with --resume.',
    readNode,
    serving: (colour) =>
      servingOnNodes('Caddy', names, async (name) => {
        const { machine, node } = reach(name);
        return askCaddy(name, machine, node.admin, config.servers[colour] ?? []);
      }),
    together: observeStates,
    plan: (observed, target) => planUpstreams(config, observed, target),
    async apply(call) {
      const { do: what, colour = '', from } = call.action;
      if (what !== 'patch-upstreams' || from === undefined || !Object.hasOwn(config.servers, colour))
        throw foreignCall(kind, call);
      return patch(call.node, colour, from);
    },
  });
}
