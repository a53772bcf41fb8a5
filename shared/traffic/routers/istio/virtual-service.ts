import * as z from 'zod';
import type { Weights } from '../../router.js';
import { planRules, weighRules, type RulesObserved, type RulesReading } from '../kube/rules.js';
import type { IstioConfig } from './config.js';

/** What of a VirtualService decides where its HTTP requests go. */
export const virtualServiceSchema = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string().min(1), generation: z.int() }),
  spec: z.looseObject({
    http: z
      .array(
        z.looseObject({
          route: z
            .array(
              z.looseObject({
                destination: z.looseObject({ host: z.string(), subset: z.string().optional() }),
                weight: z.int().min(0).optional(),
              }),
            )
            .nullish(),
        }),
      )
      .nullish(),
  }),
});

export type VirtualService = z.output<typeof virtualServiceSchema>;

/** The subsets of a DestinationRule and the labels of their pods. */
export const destinationRuleSchema = z.looseObject({
  spec: z.looseObject({
    host: z.string(),
    subsets: z
      .array(z.looseObject({ name: z.string(), labels: z.record(z.string(), z.string()).default({}) }))
      .nullish(),
  }),
});

/**
 * Finds the HTTP routes that name every colour. A single destination without weight has everything; of several, one
 * without weight has nothing.
 */
export function readVirtualService({ backends }: IstioConfig, { spec }: VirtualService): RulesReading {
  const known = Object.values(backends);
  const refs = (spec.http ?? []).map(({ route }) =>
    (route ?? []).map(({ destination: { host, subset }, weight }) => {
      const name = subset === undefined ? host : `${host}/${subset}`;
      return {
        backend: known.find((backend) => backend === name),
        name,
        weight: weight ?? (route?.length === 1 ? 100 : 0),
      };
    }),
  );
  return weighRules(backends, refs, {
    backend: 'destination',
    ref: 'route',
    needs: ' (under spec.http, written as in the traffic file)',
  });
}

/** One PATCH for every VirtualService of which a route has other shares. */
export function planVirtualServices(
  { backends, nodes }: IstioConfig,
  observed: RulesObserved,
  target: Weights,
) {
  const objects = nodes.map((node) => ({
    name: node.name,
    object: `virtualservice ${node.namespace}/${node['virtual-service']}`,
  }));
  return planRules(backends, objects, observed, target);
}

/** Where a destination stands in a VirtualService. */
export const routePath = (rule: number, place: number) => `/spec/http/${rule}/route/${place}`;

/**
 * A destination taken apart: its Service in which namespace (a short host is of the VirtualService's own), and its
 * subset.
 */
export function serviceOf(
  backend: string,
  namespace: string,
): { service: string; namespace: string; subset: string | undefined } {
  const [host = '', subset] = backend.split('/');
  const [service = '', other] = host.split('.');
  return { service, namespace: other ?? namespace, subset };
}
