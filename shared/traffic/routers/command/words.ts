import * as z from 'zod';
import type { Call } from '../../../contracts/call.js';
import { describeWeights, sameWeights, type Observed, type Weights } from '../../router.js';
import type { CommandConfig } from './config.js';
import {
  journaledWeights,
  jsonOf,
  quoteAnswer,
  sharesByColour,
  wholeShares,
  type Reading,
} from '../reading.js';

type Named = Pick<CommandConfig, 'backends'>;

const answerSchema = z.strictObject({ weights: z.record(z.string(), z.number().min(0)) });

/** What a call orders: these weights, if those are still the ones there. */
export interface Orders {
  to: Weights;
  from: Weights;
}

/** Reads what the `read` command printed: every backend of the traffic file, and no other, with its weight. */
export function readAnswer({ backends }: Named, text: string): Reading {
  const words = Object.values(backends);
  const form = JSON.stringify({
    weights: Object.fromEntries(words.map((word, index) => [word, index === 0 ? 100 : 0])),
  });
  const parsed = answerSchema.safeParse(jsonOf(text));
  const message = parsed.success ? Object.keys(parsed.data.weights) : [];
  if (!parsed.success || message.length !== words.length || !words.every((word) => message.includes(word)))
    return {
      ok: false,
      why: `must print one JSON document such as ${form}, and printed ${quoteAnswer(text.trim())}`,
    };
  return { ok: true, weights: sharesByColour(backends, new Map(Object.entries(parsed.data.weights))) };
}

/**
 * One `set` for each node that is not there yet; throws RangeError when the commands cannot share traffic and the
 * target asks for it.
 */
export function planCommands(
  config: Named & Pick<CommandConfig, 'nodes' | 'weighted'>,
  observed: Observed,
  target: Weights,
): Call[] {
  const to = wholeShares(config.backends, target);
  if (!config.weighted && !Object.values(to).includes(100))
    throw new RangeError(
      `the commands give all traffic to one colour, so not ${describeWeights(to)}; if they can share it, say "weighted: true" under router`,
    );
  return Object.entries(observed.nodes)
    .filter(([, weights]) => !sameWeights(weights, to))
    .map(([node, weights]) => ({
      node,
      say: `${config.nodes.find(({ name }) => name === node)?.set.join(' ')} ${setDocument(config, { to, from: weights })}`,
      action: { do: 'set', to: JSON.stringify(to), from: JSON.stringify(weights) },
    }));
}

/** What the `set` command is given: weights in percent, by the words of the traffic file. */
export function setDocument({ backends }: Named, { to, from }: Orders): string {
  const worded = (weights: Weights) =>
    Object.fromEntries(Object.entries(backends).map(([colour, word]) => [word, weights[colour] ?? 0]));
  return JSON.stringify({ weights: worded(to), from: worded(from) });
}

/** What a journaled call orders; undefined when it is not one of this configuration. */
export function ordersOf({ backends }: Named, { action }: Call): Orders | undefined {
  const to = journaledWeights(backends, action['to']);
  const from = journaledWeights(backends, action['from']);
  return action['do'] === 'set' && to && from ? { to, from } : undefined;
}
