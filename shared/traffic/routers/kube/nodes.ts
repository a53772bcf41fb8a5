import type { KubeApi } from './client.js';
import type { ClusterConfig } from './config.js';
import { RouterError } from '../../router.js';
import { openCluster } from './cluster.js';
import type { RouterTools } from '../tools.js';

/** What routers of clusters use of the world. */
export type ClusterTools = Pick<RouterTools, 'clock' | 'workspace' | 'variable'>;

/** Longest wait for one answer of an API server, and time between two looks at what follows a change (milliseconds). */
export const kubePace = { answerWithin: 10_000, pollEvery: 500 };

/**
 * The nodes of a router of clusters, each with the API of its cluster; asked for a name it does not know, it throws
 * RouterError.
 */
export function openNodes<Node extends { name: string; cluster: ClusterConfig }>(
  kind: string,
  nodes: readonly Node[],
  tools: ClusterTools,
  pace: typeof kubePace,
): { names: string[]; of(name: string): Node & { api: KubeApi } } {
  const opened = new Map(
    nodes.map((node) => [
      node.name,
      { ...node, api: openCluster(node.name, node.cluster, tools, pace.answerWithin) },
    ]),
  );
  const names = [...opened.keys()];
  return {
    names,
    of(name) {
      const node = opened.get(name);
      if (!node)
        throw new RouterError(`There is no ${kind} node "${name}" (known: ${names.join(', ')}).`, name);
      return node;
    },
  };
}
