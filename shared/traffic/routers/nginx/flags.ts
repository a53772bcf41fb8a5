import type { Call } from '../../../contracts/call.js';
import { allTo, sameWeights, type Observed, type Weights } from '../../router.js';
import type { NginxFlagConfig } from './config.js';
import type { Reading } from '../reading.js';

/** What the flag files of a node mean, or why they mean nothing. `present` are the colours whose file exists. */
export function readFlags(config: NginxFlagConfig, present: readonly string[]): Reading {
  const colours = Object.keys(config.flags);
  const paths = Object.values(config.flags).join(' and ');
  const [colour, second] = present;
  if (colour === undefined)
    return { ok: false, why: `neither ${paths} exists; create the one of the colour that is live` };
  if (second !== undefined)
    return { ok: false, why: `${paths} both exist; remove the one of the colour that is not live` };
  return { ok: true, weights: allTo(colour, colours) };
}

/** What the probe of a node said: a colour's name. */
export function readProbe(config: NginxFlagConfig, message: string): Weights | undefined {
  const colours = Object.keys(config.flags);
  return colours.includes(message) ? allTo(message, colours) : undefined;
}

/** One rename a node, which is atomic. */
export function planFlags(config: NginxFlagConfig, observed: Observed, target: Weights): Call[] {
  const colour = Object.keys(target).find((name) => target[name] === 100);
  const to = colour === undefined ? undefined : config.flags[colour];
  if (colour === undefined || to === undefined)
    throw new RangeError(
      'nginx in mode "flag" gives all traffic to one colour; choose mode "include" for weighted steps',
    );
  const others = Object.values(config.flags).filter((path) => path !== to);
  return Object.entries(observed.nodes)
    .filter(([node, weights]) => {
      const onDisk = observed.saved ? observed.saved[node] : weights;
      return !sameWeights(weights, target) || !sameWeights(onDisk ?? {}, target);
    })
    .map(([node]) => ({
      node,
      say: `rename ${others.join(', ')} to ${to}`,
      action: { do: 'set-flag', colour },
    }));
}
