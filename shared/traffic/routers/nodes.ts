import { observe, RouterError, type Call, type Observed, type Weights } from '../router.js';
import type { NodeConfig } from '../transports/config.js';
import type { Machine } from '../transports/machine.js';
import type { OpenMachine } from '../transports/open.js';

/** The configured node of a name with its machine; throws RouterError for a name that a journal has and the configuration has not. */
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

/** What one node serves, and what its file says (undefined where that is nothing known). */
export interface NodeReading {
  name: string;
  running: Weights;
  saved: Weights | undefined;
}

/**
 * Puts together nodes whose files decide what they serve. The files are part of the version: one that was written and is not served yet is a change
 * that a recovery must see.
 */
export function observeFiles(readings: readonly NodeReading[]): Observed {
  const running = Object.fromEntries(readings.map((node) => [node.name, node.running]));
  const saved = Object.fromEntries(readings.flatMap(({ name, saved }) => (saved ? [[name, saved]] : [])));
  const observed = observe(running, saved);
  const files = readings.map(({ name, saved }) =>
    saved ? observe({ [name]: saved }).version : `${name}: ?`,
  );
  return { ...observed, version: `${observed.version} (files: ${files.join('; ')})` };
}
