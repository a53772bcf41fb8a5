import { defineRouter, everywhere, observeStates, type Observed, type Router } from '../../router.js';
import { parseAddress } from '../../transports/machine.js';
import { openTransport, type OpenMachine } from '../../transports/open.js';
import { nodeFinder, observeFiles, servingOnNodes } from '../nodes.js';
import { inspectNodes } from '../preflight.js';
import type { RouterTools } from '../tools.js';
import type { HaproxyConfig } from './config.js';
import { openPlace, type Place, type PlaceState } from './place.js';
import { routesOf, type HaproxyRoute } from './routes.js';
import type { Counts } from './servers.js';
import { askHaproxy } from './socket.js';

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
  const routes = routesOf(config);
  const nodes = config.nodes.flatMap((node) =>
    routes.map((route) => ({ ...node, name: nameOf(node.name, route, routes), route })),
  );
  const names = nodes.map(({ name }) => name);
  const reach = nodeFinder('HAProxy', nodes, open);
  const place = (name: string): Place => {
    const { node, machine } = reach(name);
    const endpoint = node.socket === undefined ? parseAddress(node.address!) : { socket: node.socket };
    const within = node.ssh ? answerWithinOverSsh : answerWithin;
    return openPlace(name, kind, node.route, machine, (command) =>
      askHaproxy(name, machine, endpoint, command, within),
    );
  };

  return defineRouter<PlaceState, HaproxySeen>({
    kind,
    nodes: names,
    can: { atomic: config.mode === 'map', weighted: routes.every(sharesAreTrue) },
    readNode: (name) => place(name).read(),
    reached: (observed, target) => ({ ...everywhere(observed, target), inService: observed.inService }),
    together: (states) => ({
      // A file that the process has not read yet is what a restart brings: a change of it alone must be seen.
      ...(config.mode === 'map' && config.persist ? observeFiles(states) : observeStates(states)),
      inService: Object.fromEntries(
        Object.entries(states).map(([name, { inService }]) => [name, inService] as const),
      ),
    }),
    plan: ({ nodes: seen, saved, inService }, target) =>
      Object.entries(seen).flatMap(([name, weights]) =>
        place(name).plan({ weights, saved: saved?.[name], inService: inService?.[name] ?? {} }, target),
      ),
    apply: async (call) => place(call.node).apply(call),
    serving: (colour) => servingOnNodes('HAProxy', names, (name) => place(name).serving(colour)),
    inspect: inspectNodes(names, (name) => place(name).inspect()),
  });
}

interface HaproxySeen extends Observed {
  /** Left out of what is only assumed of nodes that cannot be read. */
  inService?: Readonly<Record<string, Counts>> | undefined;
}

/** A node's name; where several routes of it are switched, each is told apart by what it is. */
function nameOf(node: string, route: HaproxyRoute, routes: readonly HaproxyRoute[]): string {
  if (routes.length === 1) return node;
  if (route.mode === 'servers') return `${node} ${route.backend}`;
  const twins = routes.filter((other) => other.mode === 'map' && other.key === route.key);
  return twins.length === 1 ? `${node} ${route.key}` : `${node} ${route.map} ${route.key}`;
}

/** Steps are refused where one colour has more servers: the weights of few servers could not give every share. */
function sharesAreTrue(route: HaproxyRoute): boolean {
  return (
    route.mode === 'servers' && new Set(Object.values(route.servers).map(({ length }) => length)).size === 1
  );
}
