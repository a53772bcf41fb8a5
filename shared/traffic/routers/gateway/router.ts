import { formatDuration } from '../../../time/duration.js';
import { understood, type KubeTarget } from '../kube/client.js';
import { serviceServing } from '../kube/endpoints.js';
import { patchFromRead, requireServing } from '../kube/patch.js';
import { reachedRules, weighed, weightPatch, type RulesObserved } from '../kube/rules.js';
import {
  defineRouter,
  everywhere,
  observeStates,
  RouterError,
  type Router,
  type Weights,
} from '../../router.js';
import type { GatewayConfig } from './config.js';
import { planRoutes, readRoute, refPath, routeSchema, type Route } from './route.js';
import { acceptance } from './status.js';
import { servingOnNodes } from '../nodes.js';
import { journaledWeights } from '../reading.js';
import { kubePace, openNodes, type ClusterTools } from '../kube/nodes.js';

/**
 * HTTPRoutes of the Gateway API: backendRefs' weights are the switch, their parents' conditions show that it was taken.
 */
export function gatewayRouter(config: GatewayConfig, tools: ClusterTools, pace = kubePace): Router {
  const { clock } = tools;
  const nodes = openNodes('gateway-api', config.nodes, tools, pace);
  const nodeOf = (name: string) => {
    const node = nodes.of(name);
    const target: KubeTarget = {
      group: 'gateway.networking.k8s.io',
      version: 'v1',
      resource: 'httproutes',
      namespace: node.namespace,
      name: node.route,
    };
    return { ...node, target, says: `Node "${name}": httproute ${node.namespace}/${node.route}` };
  };

  async function get(name: string): Promise<Route> {
    const { api, target, says } = nodeOf(name);
    return understood(routeSchema, await api.get(target), says, name);
  }

  async function readNode(name: string) {
    const route = await get(name);
    const reading = readRoute(config, route);
    if (!reading.ok) throw new RouterError(`${nodeOf(name).says} ${reading.why}.`, name);
    return { route, ...reading };
  }

  const servingOn = (name: string, colour: string) => {
    const { api, namespace } = nodeOf(name);
    const service = config.backends[colour] ?? '';
    return serviceServing(api, name, { namespace, service, colour, minReady: config['min-ready'] });
  };

  const weigh = (name: string, shares: Weights, generation: string | undefined) => {
    const node = nodeOf(name);
    return patchFromRead(node, async () => {
      const { route, rules } = await readNode(name);
      if (weighed(rules, shares)) return undefined;
      if (String(route.metadata.generation) !== generation)
        throw new RouterError(
          `${node.says} was changed by somebody else: it is of generation ${route.metadata.generation}, planned from ${generation}; nothing was done to it.`,
          name,
        );
      await requireServing(node, shares, (colour) => servingOn(name, colour));
      const body = weightPatch(rules, shares, route.metadata.resourceVersion, refPath);
      return { type: 'json-patch', body };
    });
  };

  async function accepted(name: string): Promise<void> {
    const until = clock.now() + config.within;
    for (;;) {
      const found = acceptance(await get(name));
      if (found.is === 'accepted') return;
      if (found.is === 'refused' || clock.now() >= until) {
        const late = found.is === 'refused' ? '' : ` within ${formatDuration(config.within)}`;
        throw new RouterError(
          `${nodeOf(name).says} has its new weights, but they were not taken${late}: ${found.why}.`,
          name,
        );
      }
      await clock.sleep(pace.pollEvery);
    }
  }

  return defineRouter({
    kind: 'gateway-api',
    nodes: nodes.names,
    can: { atomic: true, weighted: true },
    async readNode(name) {
      const { route, rules, weights } = await readNode(name);
      const { generation } = route.metadata;
      return { weights, generation, rules, accepted: acceptance(route).is === 'accepted' };
    },
    together: (routes): RulesObserved => ({ ...observeStates(routes), routes }),
    plan: (observed, target) => planRoutes(config, observed, target),
    serving: (colour) => servingOnNodes('gateway-api', nodes.names, (name) => servingOn(name, colour)),
    reached: (observed, target): RulesObserved => ({
      ...everywhere(observed, target),
      routes: reachedRules(observed.routes, target),
    }),
    async apply({ node: name, action, say }) {
      const shares = journaledWeights(config.backends, action['weights']);
      if (action['do'] !== 'weigh' || !shares)
        throw new RouterError(
          `The journaled call "${say}" does not fit the router configuration (gateway-api).`,
          name,
        );
      await weigh(name, shares, action['generation']);
      await accepted(name);
    },
  });
}
