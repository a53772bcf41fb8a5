import { afterAll, beforeAll } from '@jest/globals';
import { example, startCluster, startKubernetes, type Cluster } from './cluster.js';
import { playReleases } from './play.js';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
}, 1_800_000);
afterAll(() => cluster.stop());

for (const router of ['kubernetes-service', 'gateway-api'] as const)
  playReleases(`${example} behind ${router}, as its page says`, () => startKubernetes(cluster, router));
