import {
  defineRouter,
  describeWeights,
  observeStates,
  RouterError,
  sameWeights,
  type Router,
  type Weights,
} from '../../router.js';
import { understood, type KubeTarget } from '../kube/client.js';
import { serviceServing } from '../kube/endpoints.js';
import { kubePace, openNodes, type ClusterTools } from '../kube/nodes.js';
import { patchFromRead, requireServing } from '../kube/patch.js';
import { foreignCall, servingOnNodes } from '../nodes.js';
import { journaledWeights } from '../reading.js';
import { ingressSchema, planCanaries, readCanary, weightAnnotation } from './canary.js';
import type { IngressNginxConfig } from './config.js';

/**
 * Ingress-NGINX: the weight of a canary Ingress is the switch. The controller does not report back, so the entry check
 * proves that it follows.
 */
export function ingressNginxRouter(config: IngressNginxConfig, tools: ClusterTools, pace = kubePace): Router {
  const nodes = openNodes('ingress-nginx', config.nodes, tools, pace);
  const nodeOf = (name: string) => {
    const node = nodes.of(name);
    const { namespace, canary } = node;
    const target: KubeTarget = {
      group: 'networking.k8s.io',
      version: 'v1',
      resource: 'ingresses',
      namespace,
      name: canary,
    };
    return { ...node, target, says: `Node "${name}": ingress ${namespace}/${canary}` };
  };

  async function readNode(name: string) {
    const { api, target, ingress, says } = nodeOf(name);
    const [main, canary] = await Promise.all(
      [ingress, target.name].map(async (object) =>
        understood(ingressSchema, await api.get({ ...target, name: object! }), says, name),
      ),
    );
    const reading = readCanary(config, main!, canary!);
    if (reading.ok) return { ...reading, resourceVersion: canary!.metadata.resourceVersion };
    throw new RouterError(`${says} (main: ${ingress}) is not understood: ${reading.why}.`, name);
  }

  const servingOn = (name: string, colour: string) => {
    const { api, namespace } = nodeOf(name);
    const service = config.backends[colour] ?? '';
    return serviceServing(api, name, { namespace, service, colour, minReady: config['min-ready'] });
  };

  const weigh = (name: string, shares: Weights, before: Weights) => {
    const node = nodeOf(name);
    return patchFromRead(node, async () => {
      const { weights, canary, total, resourceVersion } = await readNode(name);
      if (sameWeights(weights, shares)) return undefined;
      if (!sameWeights(weights, before))
        throw new RouterError(
          `${node.says} was changed by somebody else: it gives ${describeWeights(weights)} now; nothing was done to it.`,
          name,
        );
      await requireServing(node, shares, (colour) => servingOn(name, colour));
      const weight = String(((shares[canary] ?? 0) * total) / 100);
      const body = { metadata: { resourceVersion, annotations: { [weightAnnotation]: weight } } };
      return { type: 'merge-patch', body };
    });
  };

  return defineRouter({
    kind: 'ingress-nginx',
    nodes: nodes.names,
    can: { atomic: true, weighted: true },
    warning:
      'Ingress-NGINX does not report when its controllers follow an annotation: only new connections through the entry prove it, so give entry.within the time they need.',
    readNode,
    together: observeStates,
    plan: (observed, target) => planCanaries(config, observed, target),
    serving: (colour) => servingOnNodes('ingress-nginx', nodes.names, (name) => servingOn(name, colour)),
    async apply(call) {
      const shares = journaledWeights(config.backends, call.action['weights']);
      const before = journaledWeights(config.backends, call.action['before']);
      if (call.action['do'] !== 'weigh' || !shares || !before) throw foreignCall('ingress-nginx', call);
      await weigh(call.node, shares, before);
      const { weights } = await readNode(call.node);
      if (sameWeights(weights, shares)) return;
      throw new RouterError(
        `${nodeOf(call.node).says} gives ${describeWeights(weights)} right after its patch; something else sets the weight too (Argo CD, Flux, Helm?).`,
        call.node,
      );
    },
  });
}
