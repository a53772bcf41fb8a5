import { observe, RouterError, type Call, type Router, type Weights } from '../router.js';
import { editMapFile, planMap, planServers, readMap, readMapFile, readServers } from './haproxy-answers.js';
import type { HaproxyConfig, HaproxyMapConfig } from './haproxy-config.js';
import { localTransport } from '../transports/local.js';
import { askHaproxy } from './haproxy-socket.js';

/** Longest wait for an answer of the stats socket, in milliseconds. */
const answerWithin = 3_000;

/** HAProxy through its runtime API. */
export function haproxyRouter(config: HaproxyConfig): Router {
  const node = (name: string) => {
    const found = config.nodes.find((candidate) => candidate.name === name);
    if (!found)
      throw new RouterError(
        `There is no HAProxy node "${name}" (known: ${config.nodes.map((n) => n.name).join(', ')}).`,
        name,
      );
    return found;
  };
  const ask = (name: string, command: string) => askHaproxy(name, node(name).socket, command, answerWithin);

  async function readNode(name: string): Promise<Weights> {
    const reading =
      config.mode === 'map'
        ? readMap(config, await ask(name, `show map ${config.map}`))
        : readServers(config, await ask(name, `show servers state ${config.backend}`));
    if (!reading.ok) throw new RouterError(`HAProxy node "${name}": ${reading.why}.`, name);
    return reading.weights;
  }

  /** A change that worked is answered with nothing at all. */
  async function change(name: string, command: string): Promise<void> {
    const answer = await ask(name, command);
    if (answer !== '') throw new RouterError(`HAProxy node "${name}" refused "${command}": ${answer}`, name);
  }

  return {
    kind: `haproxy (${config.mode})`,
    nodes: config.nodes.map(({ name }) => name),
    can: { atomic: config.mode === 'map', weighted: config.mode === 'servers' },
    async read() {
      const names = config.nodes.map(({ name }) => name);
      const weights = await Promise.all(names.map(readNode));
      const nodes = Object.fromEntries(names.map((name, index) => [name, weights[index]!]));
      return config.mode === 'map' && config.persist
        ? observe(nodes, await readSaved(config, names))
        : observe(nodes);
    },
    plan: (observed, target) =>
      config.mode === 'map' ? planMap(config, observed, target) : planServers(config, observed, target),
    async apply({ node: name, action, say }: Call) {
      if (config.mode === 'map' && action['do'] === 'set-map') {
        return change(name, `set map ${config.map} ${config.key} ${action['backend']}`);
      }
      if (config.mode === 'map' && action['do'] === 'write-map') {
        const text = (await localTransport(name).readFile(config.map)) ?? '';
        return localTransport(name).replaceFile(
          config.map,
          editMapFile(text, config.key, action['backend'] ?? ''),
        );
      }
      if (config.mode === 'servers' && action['do'] === 'set-weight') {
        return change(name, `set server ${config.backend}/${action['server']} weight ${action['weight']}`);
      }
      throw new RouterError(
        `The journaled call "${say}" does not fit the router configuration (haproxy, mode ${config.mode}).`,
        name,
      );
    },
  };
}

/** Nodes whose file cannot be understood are left out: the plan then writes it. */
async function readSaved(config: HaproxyMapConfig, names: readonly string[]): Promise<Record<string, Weights>> {
  const saved: Record<string, Weights> = {};
  for (const name of names) {
    const reading = readMapFile(config, (await localTransport(name).readFile(config.map)) ?? '');
    if (reading.ok) saved[name] = reading.weights;
  }
  return saved;
}
