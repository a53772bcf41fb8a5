import * as z from 'zod';
import type { Serving } from '../../router.js';
import type { StatusAnswer } from '../http-exchange.js';
import { jsonOf, quoteAnswer } from '../reading.js';

const clustersSchema = z.object({
  cluster_statuses: z
    .array(
      z.object({
        name: z.string(),
        host_statuses: z
          .array(z.object({ health_status: z.record(z.string(), z.unknown()).optional() }))
          .optional(),
      }),
    )
    .default([]),
});

/** Endpoint states in which Envoy sends requests to a host (the API's HealthStatus); left out means healthy. */
const serves = new Set<unknown>([undefined, 'UNKNOWN', 'HEALTHY', 'DEGRADED']);

/**
 * Reads the answer of `/clusters?format=json`: the hosts of a cluster to which Envoy would send requests by its health
 * checks and outlier detection.
 */
export function readClusters(cluster: string, { status, text }: StatusAnswer): Serving {
  const parsed = clustersSchema.safeParse(jsonOf(text));
  if (status !== 200 || !parsed.success)
    return { is: 'unknown', why: `/clusters answers ${status}: ${quoteAnswer(text)}` };
  const found = parsed.data.cluster_statuses.find(({ name }) => name === cluster);
  if (!found) return { is: 'down', why: `Envoy has no cluster "${cluster}"` };
  const hosts = (found.host_statuses ?? []).map(({ health_status: flags = {} }) => {
    const { eds_health_status: state, ...checks } = flags;
    // "degraded" is still sent requests; every other flag takes the host out.
    const failed = Object.keys(checks).filter(
      (flag) => checks[flag] === true && flag !== 'failed_active_degraded_check',
    );
    return serves.has(state) ? failed : [...failed, `eds_health_status ${String(state)}`];
  });
  const up = hosts.filter((failed) => failed.length === 0).length;
  if (up > 0) return { is: 'up', servers: up };
  const why = hosts.length === 0 ? 'it has no hosts' : [...new Set(hosts.flat())].map(quoteAnswer).join(', ');
  return { is: 'down', why: `none of the ${hosts.length} hosts of cluster "${cluster}" can serve: ${why}` };
}
