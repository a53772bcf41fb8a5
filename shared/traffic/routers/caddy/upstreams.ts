import * as z from 'zod';
import type { Call } from '../../../contracts/call.js';
import { allTo, observe, sameWeights, type Observed, type Weights } from '../../router.js';
import type { CaddyAdminConfig } from './config.js';
import { jsonOf, quoteAnswer, type Reading } from '../reading.js';

const upstreamsSchema = z.array(z.looseObject({ dial: z.string() }));

/**
 * Reads the upstreams of the handler: a colour's weight is its share of the dial addresses, which Caddy chooses among
 * at random.
 */
export function readUpstreams(config: CaddyAdminConfig, text: string): Reading {
  const parsed = upstreamsSchema.safeParse(jsonOf(text));
  if (!parsed.success) return { ok: false, why: `the upstreams are not understood: ${quoteAnswer(text)}` };
  const colourOf = new Map(
    Object.entries(config.servers).flatMap(([colour, dials]) => dials.map((dial) => [dial, colour] as const)),
  );
  const known = [...colourOf.keys()].join(', ');
  for (const { dial, ...more } of parsed.data) {
    if (!colourOf.has(dial))
      return { ok: false, why: `the upstream ${quoteAnswer(dial)} belongs to no colour (known: ${known})` };
    if (Object.keys(more).length > 0)
      return {
        ok: false,
        why: `the upstream ${dial} also sets ${Object.keys(more).join(', ')}, which a switch would lose; set it on the handler`,
      };
  }
  const share = (colour: string) =>
    (100 * parsed.data.filter(({ dial }) => colourOf.get(dial) === colour).length) / parsed.data.length;
  const colours = Object.keys(config.servers);
  return {
    ok: true,
    weights: Object.fromEntries(
      colours.map((colour) => [colour, parsed.data.length === 0 ? 0 : share(colour)]),
    ),
  };
}

/** The upstreams with which a colour has all traffic, as Caddy's JSON. */
export function upstreamsOf(config: CaddyAdminConfig, colour: string): string {
  return JSON.stringify(config.servers[colour]!.map((dial) => ({ dial })));
}

/** One conditional change a node. */
export function planUpstreams(config: CaddyAdminConfig, observed: Observed, target: Weights): Call[] {
  const colour = Object.keys(target).find((name) => target[name] === 100);
  if (colour === undefined || !Object.hasOwn(config.servers, colour))
    throw new RangeError('Caddy gives all traffic to one colour; weighted steps need another router');
  const reached = allTo(colour, Object.keys(config.servers));
  return Object.entries(observed.nodes)
    .filter(([, weights]) => !sameWeights(weights, reached))
    .map(([node, weights]) => ({
      node,
      say: `PATCH /id/${config.id}/upstreams ${config.servers[colour]!.join(' ')}`,
      action: { do: 'patch-upstreams', colour, from: stateOf(weights) },
    }));
}

/** Weights as a text to compare, for the condition of a call. */
export function stateOf(weights: Weights): string {
  return observe({ upstreams: weights }).version;
}
