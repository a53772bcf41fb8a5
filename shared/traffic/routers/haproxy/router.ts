import { defineRouter, observeStates, RouterError, type NodeState, type Router } from '../../router.js';
import { editMapFile, planMap, planServers, readMap, readMapFile, readServers } from './answers.js';
import type { HaproxyConfig, HaproxyServersConfig } from './config.js';
import { parseAddress } from '../../transports/machine.js';
import { openTransport, type OpenMachine } from '../../transports/open.js';
import { askHaproxy } from './socket.js';
import { foreignCall, nodeFinder } from '../nodes.js';
import type { RouterTools } from '../tools.js';

/** Longest wait for an answer of the stats socket, in milliseconds. */
const answerWithin = 3_000;

/** Longest wait where ssh logs in first, in milliseconds. */
const answerWithinOverSsh = 15_000;

/** HAProxy through its runtime API. */
export function haproxyRouter(
  config: HaproxyConfig,
  tools: RouterTools,
  open: OpenMachine = (node) => openTransport(node, tools.workspace),
): Router {
  const kind = `haproxy (${config.mode})`;
  const reach = nodeFinder('HAProxy', config.nodes, open);
  const ask = (name: string, command: string) => {
    const { node, machine } = reach(name);
    const endpoint = node.socket === undefined ? parseAddress(node.address!) : { socket: node.socket };
    return askHaproxy(name, machine, endpoint, command, node.ssh ? answerWithinOverSsh : answerWithin);
  };

  async function readNode(name: string): Promise<NodeState> {
    const reading =
      config.mode === 'map'
        ? readMap(config, await ask(name, `show map ${config.map}`))
        : readServers(config, await ask(name, `show servers state ${config.backend}`));
    if (!reading.ok) throw new RouterError(`HAProxy node "${name}": ${reading.why}.`, name);
    const { weights } = reading;
    if (config.mode !== 'map' || !config.persist) return { weights };
    const file = readMapFile(config, (await reach(name).machine.readFile(config.map)) ?? '');
    return { weights, saved: file.ok ? file.weights : null };
  }

  /** A change that worked is answered with nothing at all. */
  async function change(name: string, command: string): Promise<void> {
    const answer = await ask(name, command);
    if (answer !== '') throw new RouterError(`HAProxy node "${name}" refused "${command}": ${answer}`, name);
  }

  return defineRouter({
    kind,
    nodes: config.nodes.map(({ name }) => name),
    can: { atomic: config.mode === 'map', weighted: config.mode === 'servers' && sharesAreTrue(config) },
    readNode,
    together: observeStates,
    plan: (observed, target) =>
      config.mode === 'map' ? planMap(config, observed, target) : planServers(config, observed, target),
    async apply(call) {
      const { node: name, action } = call;
      const { do: what, backend = '', server = '', weight = '' } = action;
      // A journal is text that others can write: only words of the configuration go into a command.
      if (config.mode === 'map' && Object.values(config.backends).includes(backend)) {
        if (what === 'set-map') return change(name, `set map ${config.map} ${config.key} ${backend}`);
        if (what === 'write-map') {
          const { machine } = reach(name);
          const text = (await machine.readFile(config.map)) ?? '';
          return machine.replaceFile(config.map, editMapFile(text, config.key, backend));
        }
      }
      const ours = config.mode === 'servers' && Object.values(config.servers).flat().includes(server);
      if (ours && what === 'set-weight' && /^\d{1,3}$/.test(weight))
        return change(name, `set server ${config.backend}/${server} weight ${weight}`);
      throw foreignCall(kind, call);
    },
  });
}

/** Weights are given by server, so that of two colours the one with more servers would have more than its share. */
function sharesAreTrue({ servers }: HaproxyServersConfig): boolean {
  return new Set(Object.values(servers).map(({ length }) => length)).size === 1;
}
