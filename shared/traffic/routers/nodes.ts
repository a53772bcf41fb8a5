import type { Call } from '../../contracts/call.js';
import {
  observe,
  observeStates,
  RouterError,
  servingEverywhere,
  type NodeState,
  type Observed,
  type Router,
  type Serving,
} from '../router.js';
import type { NodeConfig } from '../transports/config.js';
import type { Machine } from '../transports/machine.js';
import type { OpenMachine } from '../transports/open.js';

/**
 * The configured node of a name with its machine; throws RouterError for a name that a journal has and the
 * configuration has not.
 */
export function nodeFinder<Node extends NodeConfig>(
  product: string,
  nodes: readonly Node[],
  open: OpenMachine,
): (name: string) => { node: Node; machine: Machine } {
  const machines = new Map(nodes.map((node) => [node.name, { node, machine: open(node) }]));
  return (name) => {
    const found = machines.get(name);
    if (found) return found;
    const known = nodes.map((node) => node.name).join(', ');
    throw new RouterError(`There is no ${product} node "${name}" (known: ${known}).`, name);
  };
}

/** A call of a journal that another configuration of the router wrote. */
export function foreignCall(kind: string, { node, say }: Call): RouterError {
  return new RouterError(
    `The journaled call "${say}" does not fit the router configuration (${kind}).`,
    node,
  );
}

/**
 * Puts together nodes whose files decide what they serve. The files are part of the version: one that was written and
 * is not served yet is a change that a recovery must see.
 */
export function observeFiles(states: Readonly<Record<string, NodeState>>): Observed {
  const observed = observeStates(states);
  const files = Object.entries(states).map(([name, { saved }]) =>
    saved ? observe({ [name]: saved }).version : `${name}: ?`,
  );
  return { ...observed, version: `${observed.version} (files: ${files.join('; ')})` };
}

/** What routers have in common that move all traffic at once by a file. */
export const movedByFile = { can: { atomic: true, weighted: false }, together: observeFiles };

/**
 * Asks every node whether it holds a colour up; what is wrong names its node, and one that cannot be read is unknown.
 */
export async function servingOnNodes(
  product: string,
  names: readonly string[],
  ask: (name: string) => Promise<Serving>,
): Promise<Serving> {
  const nodes = names.map(async (name): Promise<Serving & { name: string }> => {
    try {
      const serving = await ask(name);
      return serving.is === 'up'
        ? { ...serving, name }
        : { ...serving, name, why: `on ${product} node "${name}", ${serving.why}` };
    } catch (error) {
      if (!(error instanceof RouterError)) throw error;
      return { name, is: 'unknown', why: error.message.replace(/\.$/, '') };
    }
  });
  return servingEverywhere(await Promise.all(nodes));
}

/** For a router that has no health checks of its own, or does not tell what they found. */
export function cannotKnow(why: string): NonNullable<Router['serving']> {
  return () => Promise.resolve({ is: 'unknown', why });
}
