import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startRouter, type Router } from '../../../rehearsal/router/router.js';
import type { StageRouter } from './stage.js';

/** Embedded routers as nodes of one HAProxy, with their faults in reach; the first one is the public entry. */
export function embeddedNodes(count: number): {
  nodes: Router[];
  start(folder: string, colours: { blue: string; green: string }): Promise<StageRouter>;
} {
  const nodes: Router[] = [];
  return {
    nodes,
    async start(folder, { blue, green }) {
      const map = join(folder, 'live.map');
      writeFileSync(map, 'shop shop_blue\n');
      for (let index = 0; index < count; index++)
        nodes.push(
          await startRouter({
            listen: '127.0.0.1:0',
            socket: join(folder, `edge-${index + 1}.sock`),
            map: { file: map, key: 'shop', default: 'shop_blue' },
            backends: {
              shop_blue: { servers: { blue1: { address: blue } } },
              shop_green: { servers: { green1: { address: green } } },
            },
          }),
        );
      return {
        url: nodes[0]!.url,
        section: {
          type: 'haproxy',
          mode: 'map',
          nodes: nodes.map(({ socket }, index) => ({ name: `edge-${index + 1}`, socket })),
          map,
          key: 'shop',
          backends: { blue: 'shop_blue', green: 'shop_green' },
          // The nodes share one file here, so each node is one call.
          persist: false,
        },
        stop: async () => {
          await Promise.all(nodes.map((node) => node.close()));
        },
      };
    },
  };
}

/** Colours that the nodes serve. */
export const served = (nodes: readonly Router[]): string[] =>
  nodes.map((node) => node.stats().live.replace('shop_', ''));
