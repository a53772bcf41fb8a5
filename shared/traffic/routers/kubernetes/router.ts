import { formatDuration } from '../../../time/duration.js';
import { understood, type KubeTarget } from '../kube/client.js';
import {
  countPods,
  foreignEndpoints,
  listPods,
  listReadyEndpoints,
  missingPods,
  servingOf,
} from '../kube/endpoints.js';
import type { Call } from '../../../contracts/call.js';
import { defineRouter, observeStates, RouterError, type Router } from '../../router.js';
import { patchFromRead } from '../kube/patch.js';
import { servingOnNodes } from '../nodes.js';
import type { KubernetesConfig } from './config.js';
import {
  compareSelector,
  describeSelector,
  planSelectors,
  readSelector,
  serviceSchema,
  type Selector,
  type ServiceObserved,
} from './selector.js';
import { kubePace, openNodes, type ClusterTools } from '../kube/nodes.js';

/** Kubernetes Services: their selector is the switch, their EndpointSlices show that it was followed. */
export function kubernetesRouter(config: KubernetesConfig, tools: ClusterTools, pace = kubePace): Router {
  const { clock } = tools;
  const nodes = openNodes('kubernetes-service', config.nodes, tools, pace);
  const nodeOf = (name: string) => {
    const node = nodes.of(name);
    const target: KubeTarget = {
      group: '',
      version: 'v1',
      resource: 'services',
      namespace: node.namespace,
      name: node.service,
    };
    return { ...node, target, says: `Node "${name}": service ${node.namespace}/${node.service}` };
  };

  async function readService(name: string) {
    const { api, target, says } = nodeOf(name);
    const service = understood(serviceSchema, await api.get(target), says, name);
    const reading = readSelector(config, service);
    if (!reading.ok) throw new RouterError(`${says} ${reading.why}.`, name);
    return reading;
  }

  async function endpointsOf(name: string, selector: Selector) {
    const { api, namespace, service } = nodeOf(name);
    const [pods, endpoints] = await Promise.all([
      listPods(api, name, namespace, selector),
      listReadyEndpoints(api, name, namespace, service),
    ]);
    return { pods, endpoints, foreign: foreignEndpoints(endpoints, pods) };
  }

  async function select(name: string, action: Call['action']): Promise<Selector> {
    const { api, target, says, namespace } = nodeOf(name);
    const value = action['value'] ?? '';
    let chosen: Selector = {};
    await patchFromRead({ name, api, target, says }, async () => {
      const { selector, resourceVersion } = await readService(name);
      chosen = { ...selector, [config.label]: value };
      const found = compareSelector(config.label, selector, action);
      if (found === 'done') return undefined;
      if (found === 'changed')
        throw new RouterError(
          `${says} was changed by somebody else: it selects ${describeSelector(selector)} now; nothing was done to it.`,
          name,
        );
      const pods = await listPods(api, name, namespace, chosen);
      const ready = pods.filter((pod) => pod.ready).length;
      if (ready < config['min-ready'])
        throw new RouterError(
          `${says} stays as it is: ${ready} of ${pods.length} pods with ${describeSelector(chosen)} are ready, and min-ready is ${config['min-ready']}.`,
          name,
        );
      const body = { metadata: { resourceVersion }, spec: { selector: { [config.label]: value } } };
      return { type: 'merge-patch', body };
    });
    return chosen;
  }

  /** Until every ready endpoint is a pod of the selector and every ready pod an endpoint. */
  async function followed(name: string, selector: Selector): Promise<void> {
    const until = clock.now() + config.within;
    for (;;) {
      const { pods, endpoints, foreign } = await endpointsOf(name, selector);
      const missing = missingPods(endpoints, pods);
      if (foreign.length === 0 && missing.length === 0 && countPods(endpoints) > 0) return;
      if (clock.now() >= until) {
        const why = [
          ...(endpoints.length === 0 ? ['there is no ready endpoint at all'] : []),
          ...(foreign.length > 0
            ? [`${foreign.length} still lead elsewhere (${foreign[0]!.address}, …)`]
            : []),
          ...(missing.length > 0
            ? [`${missing.length} ready pods are not in them (${missing[0]!.name}, …)`]
            : []),
        ];
        throw new RouterError(
          `${nodeOf(name).says} selects ${describeSelector(selector)}, but its EndpointSlices did not follow within ${formatDuration(config.within)}: ${why.join('; ')}.`,
          name,
        );
      }
      await clock.sleep(pace.pollEvery);
    }
  }

  return defineRouter({
    kind: 'kubernetes-service',
    nodes: nodes.names,
    can: { atomic: true, weighted: false },
    async readNode(name) {
      const { selector, weights } = await readService(name);
      const { foreign } = await endpointsOf(name, selector);
      return { weights, selector, followed: foreign.length === 0 };
    },
    together: (services): ServiceObserved => ({ ...observeStates(services), services }),
    plan: (observed, target) => planSelectors(config, observed, target),
    serving: (colour) =>
      servingOnNodes('kubernetes-service', nodes.names, async (name) => {
        const { selector } = await readService(name);
        const wanted = { ...selector, [config.label]: config.values[colour] ?? '' };
        const pods = await listPods(nodeOf(name).api, name, nodeOf(name).namespace, wanted);
        const ready = pods.filter((pod) => pod.ready).length;
        return servingOf(ready, config['min-ready'], `the selector ${describeSelector(wanted)}`);
      }),
    async apply({ node: name, action, say }) {
      if (action['do'] !== 'select' || !Object.values(config.values).includes(action['value'] ?? ''))
        throw new RouterError(
          `The journaled call "${say}" does not fit the router configuration (kubernetes-service).`,
          name,
        );
      await followed(name, await select(name, action));
    },
  });
}
