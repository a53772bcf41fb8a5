import { coded } from '../../shared/contracts/refusal-codes.js';
import { beforeIt, isGood, type DeploymentRecord } from '../../shared/ledger/record.js';
import type { TrafficControl } from '../../shared/traffic/control.js';
import {
  allTo,
  describeWeights,
  liveColour,
  readable,
  sameWeights,
  type Observed,
  type Survey,
} from '../../shared/traffic/router.js';

/** So many calls are listed in a sentence for people. */
const mostCalls = 4;

/**
 * What of a router's nodes a person should know: which cannot be read and why, where they differ, and which would
 * change by themselves at a restart.
 */
export function nodeDrift(survey: Pick<Survey, 'nodes'>): string[] {
  return [...unreadable(survey), ...mixedTraffic(survey), ...unsaved(survey)];
}

/** Nodes that cannot be read, each with the reason. */
export const unreadable = (survey: Pick<Survey, 'nodes'>): string[] =>
  readable(survey).lost.map((why) => coded('router-failed', why.replace(/\.$/, '')));

/** Nodes that differ, or that share traffic between colours. */
function mixedTraffic({ nodes }: Pick<Survey, 'nodes'>): string[] {
  const read = nodes.flatMap((node) => (node.ok ? [node] : []));
  const [first] = read;
  if (!first) return [];
  if (read.some(({ weights }) => !sameWeights(weights, first.weights)))
    return [
      `the nodes differ: ${read.map(({ name, weights }) => `${name} ${describeWeights(weights)}`).join('; ')}`,
    ];
  return liveColour(first.weights) ? [] : [`traffic is mixed: ${describeWeights(first.weights)}`];
}

/** Nodes that serve something else than what they would come back with. */
function unsaved({ nodes }: Pick<Survey, 'nodes'>): string[] {
  return nodes.flatMap((node) => {
    if (!node.ok || node.saved === undefined) return [];
    const { name, weights, saved } = node;
    if (saved !== null && sameWeights(saved, weights)) return [];
    const brings = saved === null ? 'what is not understood' : describeWeights(saved);
    return [`${name} serves ${describeWeights(weights)}, and a restart or reload would bring ${brings}`];
  });
}

/** Where router and ledger name different colours; undefined when they agree, or when one of them names none. */
export function ledgerDrift(
  live: string | undefined,
  recorded: DeploymentRecord | undefined,
): string | undefined {
  return live && recorded && recorded.payload.colour !== live
    ? `the ledger says ${recorded.payload.colour} (${recorded.payload.version}, Deployment ${recorded.id}), the router says ${live}`
    : undefined;
}

/**
 * Every disagreement between router, its saved state and the ledger that no run at work explains and no mode ends by
 * itself, each with what a person runs to end it. Nodes that cannot be read are left out.
 */
export function lastingDrift(
  router: TrafficControl['router'],
  survey: Survey,
  recorded: DeploymentRecord | undefined,
  history: readonly DeploymentRecord[],
): string[] {
  const { partial, observed } = survey;
  const live = liveColour(partial.weights);
  const ledger = ledgerDrift(live, recorded);
  return [
    ...mixedTraffic(survey).map((what) =>
      coded('traffic-mixed', `${what}. ${endMixed(router, partial, recorded)}`),
    ),
    ...(ledger && recorded && live && observed
      ? [
          coded(
            'router-differs-from-ledger',
            `${ledger}. ${endMoved(router, partial, live, recorded, history)}`,
          ),
        ]
      : []),
    ...unsaved(survey).map((what) =>
      coded(
        'node-not-saved',
        `${what}. Fix: ${live ? `write ${live} where the node starts from${byHand(router, partial, live)}` : 'end the mixed traffic first'}, then run mode reconcile`,
      ),
    ),
  ];
}

/** What ends mixed traffic, for a person. */
export function endMixed(
  router: TrafficControl['router'],
  observed: Observed,
  recorded: DeploymentRecord | undefined,
): string {
  const lit = Object.entries(observed.weights).filter(([, weight]) => weight > 0);
  const colour = recorded?.payload.colour ?? lit.sort(([, a], [, b]) => b - a)[0]?.[0];
  const because = recorded
    ? `, which the ledger calls live (${recorded.payload.version}, Deployment ${recorded.id})`
    : '; the ledger knows no live release, so any colour that is well will do';
  return `Fix: by hand, give all traffic to ${colour ?? 'one colour'}${because}${colour ? byHand(router, observed, colour) : ''}, then run mode reconcile`;
}

/** What ends a colour that the ledger does not call live: the ledger is told, or traffic given back. */
function endMoved(
  router: TrafficControl['router'],
  observed: Observed,
  live: string,
  recorded: DeploymentRecord,
  history: readonly DeploymentRecord[],
): string {
  const good = beforeIt(history, recorded).find((record) => isGood(record, recorded));
  const keep =
    good?.payload.colour === live
      ? `to stay on ${live}, run mode revert: it moves nothing and records that ${good.payload.version} is live`
      : `to stay on ${live}, release again what it runs`;
  const { colour } = recorded.payload;
  return `Fix: ${keep}. Or, by hand, give all traffic to ${colour}${byHand(router, observed, colour)}, then run mode reconcile`;
}

/** The router's own calls that lead to a colour, in brackets; nothing when there are none. */
function byHand(router: TrafficControl['router'], observed: Observed, colour: string): string {
  const calls = router.plan(observed, allTo(colour, Object.keys(observed.weights)));
  const named = calls.slice(0, mostCalls).map(({ node, say }) => `${node}: ${say}`);
  const more = calls.length - named.length;
  return named.length === 0 ? '' : ` (${named.join('; ')}${more > 0 ? `; ${more} more` : ''})`;
}
