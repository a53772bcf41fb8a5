import * as z from 'zod';
import type { Call } from '../../../contracts/call.js';
import type { Weights } from '../../router.js';
import { planRules, weighRules, type RulesObserved, type RulesReading } from '../kube/rules.js';
import type { GatewayConfig } from './config.js';
import { parentRefSchema, parentStatusSchema } from './status.js';

/** What of an HTTPRoute decides where its requests go, and what its controllers say of it. */
export const routeSchema = z.looseObject({
  metadata: z.looseObject({
    resourceVersion: z.string().min(1),
    generation: z.int(),
    namespace: z.string(),
  }),
  spec: z.looseObject({
    parentRefs: z.array(parentRefSchema).nullish(),
    rules: z
      .array(
        z.looseObject({
          name: z.string().optional(),
          backendRefs: z
            .array(
              z.looseObject({
                group: z.string().optional(),
                kind: z.string().optional(),
                namespace: z.string().optional(),
                name: z.string(),
                weight: z.int().min(0).optional(),
              }),
            )
            .nullish(),
        }),
      )
      .nullish(),
  }),
  status: z
    .looseObject({
      parents: z.array(parentStatusSchema).nullish(),
    })
    .nullish(),
});

export type Route = z.output<typeof routeSchema>;

/** Finds the rules that name every colour; one that names only some (a preview by header, say) is left alone. */
export function readRoute({ backends }: GatewayConfig, route: Route): RulesReading {
  const services = Object.values(backends);
  const refs = (route.spec.rules ?? []).map(({ backendRefs }) =>
    (backendRefs ?? []).map((ref) => ({
      backend: services.find((service) => isService(ref, service, route)),
      name: ref.name,
      weight: ref.weight ?? 1,
    })),
  );
  return weighRules(backends, refs, {
    backend: 'Service',
    ref: 'backendRef',
    needs: ' (kind Service, namespace of the route)',
  });
}

type BackendRef = {
  group?: string | undefined;
  kind?: string | undefined;
  namespace?: string | undefined;
  name: string;
};

function isService(ref: BackendRef, service: string, route: Route): boolean {
  return (
    ref.name === service &&
    (ref.group ?? '') === '' &&
    (ref.kind ?? 'Service') === 'Service' &&
    (ref.namespace ?? route.metadata.namespace) === route.metadata.namespace
  );
}

/** One PATCH for every route of which a rule has other shares, or which its controllers have not taken yet. */
export function planRoutes(
  { backends, nodes }: GatewayConfig,
  observed: RulesObserved,
  target: Weights,
): Call[] {
  const objects = nodes.map(({ name, namespace, route }) => ({
    name,
    object: `httproute ${namespace}/${route}`,
  }));
  return planRules(backends, objects, observed, target);
}

/** Where a backendRef stands in an HTTPRoute. */
export const refPath = (rule: number, place: number) => `/spec/rules/${rule}/backendRefs/${place}`;
