import type { Call } from '../../../contracts/call.js';
import { sameWeights, type Observed, type Weights } from '../../router.js';
import { sharesByColour, wholeShares } from '../reading.js';

/**
 * One destination of a rule: which backend of the traffic file it is (undefined: none of them), its name for people,
 * and its weight.
 */
export interface RuleRef {
  backend: string | undefined;
  name: string;
  weight: number;
}

/** A rule that shares its requests among the colours: where its refs stand, and the share of each. */
export interface WeighedRule {
  index: number;
  /** Index of each colour's ref. */
  refs: Readonly<Record<string, number>>;
  weights: Weights;
}

export type RulesReading = { ok: true; rules: WeighedRule[]; weights: Weights } | { ok: false; why: string };

/**
 * The words for one kind of object: what a backend is called, what a rule lists, and what a rule of the colours needs.
 */
export interface RuleWords {
  backend: string;
  ref: string;
  needs: string;
}

/** Finds the rules that name every colour; one that names only some (a preview by header, say) is left alone. */
export function weighRules(
  backends: Readonly<Record<string, string>>,
  refsOfRules: readonly (readonly RuleRef[])[],
  words: RuleWords,
): RulesReading {
  const colours = Object.entries(backends);
  const rules: WeighedRule[] = [];
  for (const [index, all] of refsOfRules.entries()) {
    const places = colours.map(([colour, backend]) => {
      const at = all.flatMap((ref, place) => (ref.backend === backend ? [place] : []));
      return { colour, backend, at };
    });
    if (places.some(({ at }) => at.length === 0)) continue;
    const double = places.find(({ at }) => at.length > 1);
    if (double)
      return no(
        `rule ${index + 1} names the ${words.backend} "${double.backend}" more than once; keep one ${words.ref} of it`,
      );
    const stranger = all.find(({ backend, weight }) => backend === undefined && weight > 0);
    if (stranger)
      return no(
        `rule ${index + 1} also sends requests to "${stranger.name}", which is no colour; give it weight 0 or take it out`,
      );
    const raw = new Map(places.map(({ backend, at }) => [backend, all[at[0]!]!.weight]));
    const refs = Object.fromEntries(places.map(({ colour, at }) => [colour, at[0]!]));
    rules.push({ index, refs, weights: sharesByColour(backends, raw) });
  }
  if (rules.length === 0)
    return no(
      `has no rule whose ${words.ref}s name all of ${Object.values(backends).join(', ')}${words.needs}; add both, one with weight 0`,
    );
  const mean = (colour: string) =>
    rules.reduce((sum, { weights }) => sum + weights[colour]!, 0) / rules.length;
  return { ok: true, rules, weights: Object.fromEntries(colours.map(([colour]) => [colour, mean(colour)])) };
}

/** An object with weighed rules as a plan needs it; `accepted` where its controllers have taken it, or never say so. */
export interface RulesState {
  generation: number;
  rules: readonly WeighedRule[];
  accepted: boolean;
}

export interface RulesObserved extends Observed {
  /** Left out where a state is only assumed: then nothing is planned. */
  routes?: Readonly<Record<string, RulesState>>;
}

/** One PATCH for every object of which a rule has other shares, or which its controllers have not taken yet. */
export function planRules(
  backends: Readonly<Record<string, string>>,
  nodes: readonly { name: string; object: string }[],
  observed: RulesObserved,
  target: Weights,
): Call[] {
  const shares = wholeShares(backends, target);
  const words = Object.entries(backends).map(([colour, backend]) => `${backend} ${shares[colour]}`);
  return nodes.flatMap(({ name: node, object }) => {
    const state = observed.routes?.[node];
    if (!state || (state.accepted && weighed(state.rules, shares))) return [];
    const rules = state.rules.map(({ index }) => index + 1).join(', ');
    return [
      {
        node,
        say: `patch ${object}: weights ${words.join(', ')} in rule ${rules}`,
        action: { do: 'weigh', weights: JSON.stringify(shares), generation: String(state.generation) },
      },
    ];
  });
}

/** What the objects would be once their rules have the target. */
export function reachedRules(
  routes: RulesObserved['routes'],
  target: Weights,
): Required<RulesObserved>['routes'] {
  return Object.fromEntries(
    Object.entries(routes ?? {}).map(([name, route]) => [
      name,
      { ...route, accepted: true, rules: route.rules.map((rule) => ({ ...rule, weights: target })) },
    ]),
  );
}

/** Whether every rule has these shares. */
export function weighed(rules: readonly WeighedRule[], shares: Weights): boolean {
  return rules.every(({ weights }) => sameWeights(weights, shares));
}

/** The weights of all rules in one JSON patch; it fits only the version of the object it was made from. */
export function weightPatch(
  rules: readonly WeighedRule[],
  shares: Weights,
  resourceVersion: string,
  refPath: (rule: number, place: number) => string,
): unknown[] {
  return [
    { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    ...rules.flatMap(({ index, refs }) =>
      Object.entries(refs).map(([colour, place]) => ({
        op: 'add',
        path: `${refPath(index, place)}/weight`,
        value: shares[colour] ?? 0,
      })),
    ),
  ];
}

function no(why: string): RulesReading {
  return { ok: false, why };
}
