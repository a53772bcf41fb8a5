import {
  defineRouter,
  everywhere,
  observeStates,
  RouterError,
  type NodeState,
  type Observed,
  type Router,
  type Serving,
} from '../../router.js';
import type { HaproxyConfig, HaproxyServersConfig } from './config.js';
import { editMapFile, planMap, readMap, readMapFile } from './map.js';
import { planServers, readServers, readStates, servingOf, type Counts } from './servers.js';
import { editFile, parseAddress } from '../../transports/machine.js';
import { openTransport, type OpenMachine } from '../../transports/open.js';
import { askHaproxy } from './socket.js';
import { foreignCall, nodeFinder, observeFiles, servingOnNodes } from '../nodes.js';
import { quoteAnswer } from '../reading.js';
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

  async function readNode(name: string): Promise<HaproxyState> {
    const reading =
      config.mode === 'map'
        ? { ...readMap(config, await ask(name, `show map ${config.map}`)), inService: noCounts }
        : readServers(config, await ask(name, `show servers state ${config.backend}`));
    if (!reading.ok) throw new RouterError(`HAProxy node "${name}": ${reading.why}.`, name);
    const { weights, inService } = reading;
    if (config.mode !== 'map' || !config.persist) return { weights, inService };
    const file = readMapFile(config, (await reach(name).machine.readFile(config.map)) ?? '');
    return { weights, inService, saved: file.ok ? file.weights : null };
  }

  /** A change that worked is answered with nothing at all. */
  async function change(name: string, command: string): Promise<void> {
    const answer = await ask(name, command);
    if (answer !== '')
      throw new RouterError(`HAProxy node "${name}" refused "${command}": ${quoteAnswer(answer)}.`, name);
  }

  /** Backends with a static algorithm know no shares: a server has its initial weight there, or nothing. */
  async function changeWeight(name: string, server: string, weight: string): Promise<void> {
    const set = `set server ${server} weight`;
    const answer = await ask(name, `${set} ${weight}`);
    if (answer === '') return;
    const fail = (why: string): never => {
      throw new RouterError(`HAProxy node "${name}" refused "${set} ${weight}": ${why}.`, name);
    };
    if (!answer.includes('static LB algorithm')) return fail(quoteAnswer(answer));
    if (weight !== '0' && weight !== '100')
      return fail(
        `${quoteAnswer(answer)}. Fix: leave "strategy" at instant, or give the backend a dynamic balance, such as roundrobin or a hash with hash-type consistent`,
      );
    await change(name, `${set} ${weight}%`);
    if (weight !== '0' && (await ask(name, `get weight ${server}`)).startsWith('0 '))
      return fail(
        `100 % of its initial weight is 0. Fix: give ${server} a weight above 0 in haproxy.cfg, since the backend's balance is static`,
      );
  }

  async function servingOn(name: string, colour: string): Promise<Serving> {
    const [backend, names] =
      config.mode === 'map'
        ? [config.backends[colour], undefined]
        : [config.backend, config.servers[colour] ?? []];
    if (backend === undefined) return { is: 'unknown', why: `${kind} knows no colour "${colour}"` };
    const states = readStates(backend, await ask(name, `show servers state ${backend}`));
    return states.ok ? servingOf(backend, states.servers, names) : { is: 'down', why: states.why };
  }

  return defineRouter({
    kind,
    nodes: config.nodes.map(({ name }) => name),
    can: { atomic: config.mode === 'map', weighted: config.mode === 'servers' && sharesAreTrue(config) },
    readNode,
    reached: (observed: HaproxySeen, target): HaproxySeen => ({
      ...everywhere(observed, target),
      inService: observed.inService,
    }),
    together: (states): HaproxySeen => ({
      // A file that the process has not read yet is what a restart brings: a change of it alone must be seen.
      ...(config.mode === 'map' && config.persist ? observeFiles(states) : observeStates(states)),
      inService: Object.fromEntries(
        Object.entries(states).map(([name, { inService }]) => [name, inService] as const),
      ),
    }),
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
          return editFile(name, machine, config.map, (text) => editMapFile(text, config.key, backend));
        }
      }
      const ours = config.mode === 'servers' && Object.values(config.servers).flat().includes(server);
      if (ours && what === 'set-weight' && /^\d{1,3}$/.test(weight))
        return changeWeight(name, `${config.backend}/${server}`, weight);
      throw foreignCall(kind, call);
    },
    serving: (colour) =>
      servingOnNodes(
        'HAProxy',
        config.nodes.map(({ name }) => name),
        (name) => servingOn(name, colour),
      ),
  });
}

const noCounts: Counts = {};

interface HaproxyState extends NodeState {
  inService: Counts;
}

interface HaproxySeen extends Observed {
  inService: Readonly<Record<string, Counts>>;
}

/** Weights are given by server, so that of two colours the one with more servers would have more than its share. */
function sharesAreTrue({ servers }: HaproxyServersConfig): boolean {
  return new Set(Object.values(servers).map(({ length }) => length)).size === 1;
}
