import * as z from 'zod';
import type { Serving } from '../../router.js';
import { understood, type KubeApi, type KubeTarget } from './client.js';

const podListSchema = z.looseObject({
  items: z.array(
    z.looseObject({
      metadata: z.looseObject({
        name: z.string(),
        uid: z.string(),
        deletionTimestamp: z.string().optional(),
      }),
      status: z
        .looseObject({
          conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).nullish(),
        })
        .optional(),
    }),
  ),
});

const sliceListSchema = z.looseObject({
  items: z.array(
    z.looseObject({
      endpoints: z
        .array(
          z.looseObject({
            addresses: z.array(z.string()),
            conditions: z.looseObject({ ready: z.boolean().nullish() }).nullish(),
            targetRef: z.looseObject({ uid: z.string().optional() }).nullish(),
          }),
        )
        .nullish(),
    }),
  ),
});

export interface Pod {
  name: string;
  uid: string;
  ready: boolean;
}

export interface Endpoint {
  address: string;
  /** Of the pod behind it, where the slice says. */
  uid: string | undefined;
}

/** The pods with these labels. One that is being deleted is not ready, whatever it says. */
export async function listPods(
  api: KubeApi,
  node: string,
  namespace: string,
  labels: Readonly<Record<string, string>>,
): Promise<Pod[]> {
  const target: KubeTarget = { group: '', version: 'v1', resource: 'pods', namespace, labels };
  const { items } = understood(podListSchema, await api.get(target), 'the list of pods', node);
  return items.map(({ metadata, status }) => ({
    name: metadata.name,
    uid: metadata.uid,
    ready:
      metadata.deletionTimestamp === undefined &&
      (status?.conditions ?? []).some(({ type, status: is }) => type === 'Ready' && is === 'True'),
  }));
}

/**
 * The endpoints to which a Service sends traffic: the ready ones of all its slices. A missing condition means ready, as
 * the API defines it.
 */
export async function listReadyEndpoints(
  api: KubeApi,
  node: string,
  namespace: string,
  service: string,
): Promise<Endpoint[]> {
  const labels = { 'kubernetes.io/service-name': service };
  const target: KubeTarget = {
    group: 'discovery.k8s.io',
    version: 'v1',
    resource: 'endpointslices',
    namespace,
    labels,
  };
  const { items } = understood(sliceListSchema, await api.get(target), 'the list of EndpointSlices', node);
  return items
    .flatMap(({ endpoints }) => endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready !== false)
    .map(({ addresses, targetRef }) => ({ address: addresses[0] ?? '?', uid: targetRef?.uid }));
}

/** Endpoints that are none of the pods: traffic that does not go where the selector says. */
export function foreignEndpoints(endpoints: readonly Endpoint[], pods: readonly Pod[]): Endpoint[] {
  const uids = new Set(pods.map(({ uid }) => uid));
  return endpoints.filter(({ uid }) => uid === undefined || !uids.has(uid));
}

/** Ready pods that no endpoint leads to yet. */
export function missingPods(endpoints: readonly Endpoint[], pods: readonly Pod[]): Pod[] {
  const uids = new Set(endpoints.map(({ uid }) => uid));
  return pods.filter(({ ready, uid }) => ready && !uids.has(uid));
}

/** Pods behind the endpoints: one with an address of each family counts once. */
export function countPods(endpoints: readonly Endpoint[]): number {
  return new Set(endpoints.map(({ uid, address }) => uid ?? address)).size;
}

/** Whether a colour whose Service has the same namespace can get traffic. */
export async function serviceServing(
  api: KubeApi,
  node: string,
  {
    namespace,
    service,
    colour,
    minReady,
  }: { namespace: string; service: string; colour: string; minReady: number },
): Promise<Serving> {
  const ready = countPods(await listReadyEndpoints(api, node, namespace, service));
  return servingOf(ready, minReady, `service "${service}" (${colour})`);
}

/** Whether so many ready endpoints are enough for a colour to get traffic; `of` names what they belong to. */
export function servingOf(ready: number, minReady: number, of: string): Serving {
  if (ready >= minReady) return { is: 'up', servers: ready };
  return { is: 'down', why: `${of} has ${ready} ready endpoints, and min-ready is ${minReady}` };
}
