import type { Call } from '../../../contracts/call.js';
import { allTo, liveColour, sameWeights, type Observed, type Weights } from '../../router.js';
import type { CaddyFileConfig } from './config.js';
import { quoteAnswer, type Reading } from '../reading.js';

/** What the file says; Caddy drops a last line break too. */
export function readValue(config: CaddyFileConfig, text: string | undefined): Reading {
  const value = text?.trim();
  const colour = Object.keys(config.values).find((name) => config.values[name] === value);
  if (colour !== undefined) return { ok: true, weights: allTo(colour, Object.keys(config.values)) };
  const wanted = Object.values(config.values).join(' or ');
  const found = value === undefined ? 'does not exist' : `says ${quoteAnswer(value)}`;
  return { ok: false, why: `${config.file} ${found}; write ${wanted} there, whichever is live` };
}

/** One rename a node, which is atomic. */
export function planValue(config: CaddyFileConfig, observed: Observed, target: Weights): Call[] {
  const colour = Object.keys(target).find((name) => target[name] === 100);
  if (colour === undefined || !Object.hasOwn(config.values, colour))
    throw new RangeError('Caddy gives all traffic to one colour; weighted steps need another router');
  return Object.entries(observed.nodes)
    .filter(([node, weights]) => {
      const saved = observed.saved?.[node];
      return !sameWeights(weights, target) || !sameWeights(saved ?? {}, target);
    })
    .map(([node]): Call => {
      const live = liveColour(observed.saved?.[node] ?? {});
      const from: Record<string, string> = live === undefined ? {} : { from: config.values[live]! };
      return {
        node,
        say: `write ${config.values[colour]} to ${config.file}`,
        action: { do: 'write-value', colour, ...from },
      };
    });
}
