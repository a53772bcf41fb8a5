import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { startRouter, type Router } from '../../../rehearsal/router/router.js';
import type { TrafficStage } from './stage.js';

/**
 * Gives the router of a stage (mode map) further nodes, edge-2 and so on, that know the same backends; none of them
 * keeps its map file. `seats` are where they find a colour elsewhere than the stage, and how often they check it (ms).
 */
export async function moreNodes(
  at: TrafficStage,
  count: number,
  seats: Partial<Record<'blue' | 'green', { address: string; check: number }>> = {},
): Promise<Router[]> {
  const nodes = [at.router];
  for (let index = 2; index < count + 2; index++)
    nodes.push(
      await startRouter({
        listen: '127.0.0.1:0',
        socket: join(at.workspace, `edge-${index}.sock`),
        map: { file: at.mapFile, key: 'shop', default: 'shop_blue' },
        backends: {
          shop_blue: { servers: { blue1: seats.blue ?? { address: at.blue.address } } },
          shop_green: { servers: { green1: seats.green ?? { address: at.green.address } } },
        },
      }),
    );
  const file = join(at.workspace, 'traffic.yml');
  const traffic = parse(readFileSync(file, 'utf8')) as { router: object };
  const listed = nodes.map(({ socket }, index) => ({ name: `edge-${index + 1}`, socket }));
  writeFileSync(
    file,
    stringify({
      ...traffic,
      router: { ...traffic.router, nodes: listed, persist: false, 'healthy-within': '1s' },
    }),
  );
  return nodes;
}
