import { readFile, rename, writeFile } from 'node:fs/promises';
import { observe, RouterError, type Call, type Router, type Weights } from '../router.js';
import { editMapFile, planMap, planServers, readMap, readMapFile, readServers } from './haproxy-answers.js';
import type { HaproxyConfig, HaproxyMapConfig } from './haproxy-config.js';
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
        return writeMapFile(name, config.map, config.key, action['backend'] ?? '');
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

/** Nodes whose file cannot be read or understood are left out: the plan then writes it. */
async function readSaved(
  config: HaproxyMapConfig,
  names: readonly string[],
): Promise<Record<string, Weights>> {
  const text = await readFile(config.map, 'utf8').catch(() => '');
  const reading = readMapFile(config, text);
  return reading.ok ? Object.fromEntries(names.map((name) => [name, reading.weights])) : {};
}

async function writeMapFile(node: string, file: string, key: string, backend: string): Promise<void> {
  const temporary = `${file}.devops-actions`;
  try {
    await writeFile(temporary, editMapFile(await readFile(file, 'utf8'), key, backend), { mode: 0o644 });
    await rename(temporary, file);
  } catch (error) {
    throw new RouterError(
      `HAProxy node "${node}": the map file ${file} could not be written (${(error as NodeJS.ErrnoException).code ?? String(error)}), so a reload would bring the old backend back. ` +
        `Let this user write its folder, or set "persist: false" in the traffic file and keep the map elsewhere.`,
      node,
    );
  }
}
