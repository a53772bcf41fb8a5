import { formatDuration } from '../../../time/duration.js';
import {
  defineRouter,
  everywhere,
  observeStates,
  RouterError,
  type Router,
  type Serving,
  type Weights,
} from '../../router.js';
import { understood, type KubeTarget } from '../kube/client.js';
import { countPods, listPods, listReadyEndpoints, serviceServing, servingOf } from '../kube/endpoints.js';
import { kubePace, openNodes, type ClusterTools } from '../kube/nodes.js';
import { patchFromRead, requireServing } from '../kube/patch.js';
import { reachedRules, weighed, weightPatch, type RulesObserved } from '../kube/rules.js';
import { foreignCall, servingOnNodes } from '../nodes.js';
import { journaledWeights } from '../reading.js';
import type { IstioConfig } from './config.js';
import {
  destinationRuleSchema,
  planVirtualServices,
  readVirtualService,
  routePath,
  serviceOf,
  virtualServiceSchema,
} from './virtual-service.js';

const group = { group: 'networking.istio.io', version: 'v1' };

/**
 * Istio: the weights of a VirtualService are the switch. Its proxies do not report back, so the entry check proves that
 * they follow.
 */
export function istioRouter(config: IstioConfig, tools: ClusterTools, pace = kubePace): Router {
  const { clock } = tools;
  const nodes = openNodes('istio', config.nodes, tools, pace);
  const nodeOf = (name: string) => {
    const node = nodes.of(name);
    const { namespace, 'virtual-service': object } = node;
    const target: KubeTarget = { ...group, resource: 'virtualservices', namespace, name: object };
    return { ...node, target, says: `Node "${name}": virtualservice ${namespace}/${object}` };
  };

  async function readNode(name: string) {
    const { api, target, says } = nodeOf(name);
    const { metadata, spec } = understood(virtualServiceSchema, await api.get(target), says, name);
    const reading = readVirtualService(config, { metadata, spec });
    if (!reading.ok) throw new RouterError(`${says} ${reading.why}.`, name);
    return { ...reading, metadata };
  }

  /** The labels of the pods of a subset, as the DestinationRule defines it. */
  async function labelsOf(name: string, subset: string): Promise<Readonly<Record<string, string>>> {
    const { api, namespace, 'destination-rule': rule } = nodeOf(name);
    if (rule === undefined)
      throw new RouterError(
        `Node "${name}": backends name the subset "${subset}". Fix: set nodes[].destination-rule to the DestinationRule that defines it.`,
        name,
      );
    const says = `Node "${name}": destinationrule ${namespace}/${rule}`;
    const document = await api.get({ ...group, resource: 'destinationrules', namespace, name: rule });
    const { spec } = understood(destinationRuleSchema, document, says, name);
    const found = (spec.subsets ?? []).find((candidate) => candidate.name === subset);
    if (found) return found.labels;
    throw new RouterError(`${says} has no subset "${subset}"; requests to it would get 503.`, name);
  }

  async function servingOn(name: string, colour: string): Promise<Serving> {
    const { api, ...node } = nodeOf(name);
    const { service, namespace, subset } = serviceOf(config.backends[colour] ?? '', node.namespace);
    const minReady = config['min-ready'];
    if (subset === undefined) return serviceServing(api, name, { namespace, service, colour, minReady });
    const labels = await labelsOf(name, subset);
    const [endpoints, pods] = await Promise.all([
      listReadyEndpoints(api, name, namespace, service),
      listPods(api, name, namespace, labels),
    ]);
    const uids = new Set(pods.map(({ uid }) => uid));
    const ready = countPods(endpoints.filter(({ uid }) => uid !== undefined && uids.has(uid)));
    return servingOf(ready, minReady, `subset "${subset}" of service "${service}" (${colour})`);
  }

  const weigh = (name: string, shares: Weights, generation: string | undefined) => {
    const node = nodeOf(name);
    return patchFromRead(node, async () => {
      const { rules, metadata } = await readNode(name);
      if (weighed(rules, shares)) return undefined;
      if (String(metadata.generation) !== generation)
        throw new RouterError(
          `${node.says} was changed by somebody else: it is of generation ${metadata.generation}, planned from ${generation}; nothing was done to it.`,
          name,
        );
      await requireServing(node, shares, (colour) => servingOn(name, colour));
      return { type: 'json-patch', body: weightPatch(rules, shares, metadata.resourceVersion, routePath) };
    });
  };

  /** A webhook may answer well and store something else, so the object is read back. */
  async function shown(name: string, shares: Weights): Promise<void> {
    const until = clock.now() + config.within;
    while (!weighed((await readNode(name)).rules, shares)) {
      if (clock.now() >= until)
        throw new RouterError(
          `${nodeOf(name).says} does not show its new weights ${formatDuration(config.within)} after the patch; something else sets them too (Argo CD, Flux, Flagger?).`,
          name,
        );
      await clock.sleep(pace.pollEvery);
    }
  }

  return defineRouter({
    kind: 'istio',
    nodes: nodes.names,
    can: { atomic: true, weighted: true },
    warning:
      'Istio does not report when its proxies follow a VirtualService: only new connections through the entry prove it, so give entry.within the time they need.',
    async readNode(name) {
      const { rules, weights, metadata } = await readNode(name);
      return { weights, rules, generation: metadata.generation, accepted: true };
    },
    together: (routes): RulesObserved => ({ ...observeStates(routes), routes }),
    plan: (observed, target) => planVirtualServices(config, observed, target),
    reached: (observed, target): RulesObserved => ({
      ...everywhere(observed, target),
      routes: reachedRules(observed.routes, target),
    }),
    serving: (colour) => servingOnNodes('istio', nodes.names, (name) => servingOn(name, colour)),
    async apply(call) {
      const shares = journaledWeights(config.backends, call.action['weights']);
      if (call.action['do'] !== 'weigh' || !shares) throw foreignCall('istio', call);
      await weigh(call.node, shares, call.action['generation']);
      await shown(call.node, shares);
    },
  });
}
