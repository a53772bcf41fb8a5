import * as z from 'zod';
import type { Call } from '../../../contracts/call.js';
import { sameWeights, type Observed, type Weights } from '../../router.js';
import type { GatewayConfig } from './config.js';
import { parentRefSchema, parentStatusSchema } from './status.js';
import { sharesByColour, wholeShares } from '../reading.js';

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

/** A rule that shares its requests among the colours: where its refs stand, and the share of each. */
export interface WeighedRule {
  index: number;
  /** Index of each colour's backendRef. */
  refs: Readonly<Record<string, number>>;
  weights: Weights;
}

export type RouteReading = { ok: true; rules: WeighedRule[]; weights: Weights } | { ok: false; why: string };

/** Finds the rules that name every colour; one that names only some (a preview by header, say) is left alone. */
export function readRoute(config: GatewayConfig, route: Route): RouteReading {
  const colours = Object.entries(config.backends);
  const rules: WeighedRule[] = [];
  for (const [index, { backendRefs }] of (route.spec.rules ?? []).entries()) {
    const all = backendRefs ?? [];
    const places = colours.map(([colour, service]) => {
      const at = all.flatMap((ref, place) => (isService(ref, service, route) ? [place] : []));
      return { colour, service, at };
    });
    if (places.some(({ at }) => at.length === 0)) continue;
    const double = places.find(({ at }) => at.length > 1);
    if (double)
      return no(
        `rule ${index + 1} names the Service "${double.service}" more than once; keep one backendRef of it`,
      );
    const refs = Object.fromEntries(places.map(({ colour, at }) => [colour, at[0]!]));
    const stranger = all.find((ref, place) => !Object.values(refs).includes(place) && (ref.weight ?? 1) > 0);
    if (stranger)
      return no(
        `rule ${index + 1} also sends requests to "${stranger.name}", which is no colour; give it weight 0 or take it out`,
      );
    const raw = new Map(places.map(({ service, at }) => [service, all[at[0]!]!.weight ?? 1]));
    rules.push({ index, refs, weights: sharesByColour(config.backends, raw) });
  }
  if (rules.length === 0)
    return no(
      `has no rule whose backendRefs name all of ${Object.values(config.backends).join(', ')} (kind Service, namespace of the route); add both, one with weight 0`,
    );
  const mean = (colour: string) =>
    rules.reduce((sum, { weights }) => sum + weights[colour]!, 0) / rules.length;
  return { ok: true, rules, weights: Object.fromEntries(colours.map(([colour]) => [colour, mean(colour)])) };
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

/** An HTTPRoute as a plan needs it. */
export interface RouteState {
  generation: number;
  rules: readonly WeighedRule[];
  accepted: boolean;
}

export interface RouteObserved extends Observed {
  /** Left out where a state is only assumed: then nothing is planned. */
  routes?: Readonly<Record<string, RouteState>>;
}

/** One PATCH for every route of which a rule has other shares, or which its controllers have not taken yet. */
export function planRoutes(config: GatewayConfig, observed: RouteObserved, target: Weights): Call[] {
  const shares = wholeShares(config.backends, target);
  const words = Object.entries(config.backends).map(([colour, service]) => `${service} ${shares[colour]}`);
  return config.nodes.flatMap(({ name: node, namespace, route }) => {
    const state = observed.routes?.[node];
    if (!state || (state.accepted && weighed(state.rules, shares))) return [];
    const rules = state.rules.map(({ index }) => index + 1).join(', ');
    return [
      {
        node,
        say: `patch httproute ${namespace}/${route}: weights ${words.join(', ')} in rule ${rules}`,
        action: { do: 'weigh', weights: JSON.stringify(shares), generation: String(state.generation) },
      },
    ];
  });
}

/** Whether every rule has these shares. */
export function weighed(rules: readonly WeighedRule[], shares: Weights): boolean {
  return rules.every(({ weights }) => sameWeights(weights, shares));
}

/** The weights of all rules in one JSON patch; it fits only the version of the route it was made from. */
export function weightPatch(
  rules: readonly WeighedRule[],
  shares: Weights,
  resourceVersion: string,
): unknown[] {
  return [
    { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    ...rules.flatMap(({ index, refs }) =>
      Object.entries(refs).map(([colour, place]) => ({
        op: 'add',
        path: `/spec/rules/${index}/backendRefs/${place}/weight`,
        value: shares[colour] ?? 0,
      })),
    ),
  ];
}

function no(why: string): RouteReading {
  return { ok: false, why };
}
