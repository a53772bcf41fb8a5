import type { Call } from '../../../contracts/call.js';
import type { Observed, Weights } from '../../router.js';
import { allTo, sameWeights } from '../../router.js';
import type { HaproxyMapConfig } from './config.js';
import { quoteAnswer, type Reading } from '../reading.js';

/** Reads `show map FILE` (lines of pointer, key, value): the key's backend is the live colour. */
export function readMap(config: HaproxyMapConfig, answer: string): Reading {
  const entries = answer
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([pointer, key]) => pointer?.startsWith('0x') && key === config.key);
  if (answer.startsWith('Unknown map identifier'))
    return {
      ok: false,
      why: `HAProxy has loaded no map ${config.map} (answer: ${quoteAnswer(answer)}). Fix: make router.map the very path that use_backend names in haproxy.cfg, as in map(${config.map}), and reload`,
    };
  const [entry, second] = entries;
  if (!entry)
    return {
      ok: false,
      why: `the map ${config.map} has no key "${config.key}" (answer: ${quoteAnswer(answer)}); add a line "${config.key} <backend>" and reload`,
    };
  if (second)
    return {
      ok: false,
      why: `the map ${config.map} has the key "${config.key}" twice; remove one line and reload`,
    };
  return mapWeights(config, entry[2] ?? '');
}

/** Reads the map file: what a reload would bring. */
export function readMapFile(config: HaproxyMapConfig, text: string): Reading {
  const line = text
    .split('\n')
    .map((candidate) => candidate.trim().split(/\s+/))
    .find(([key]) => key === config.key);
  return line
    ? mapWeights(config, line[1] ?? '')
    : { ok: false, why: `the file ${config.map} has no key "${config.key}"` };
}

function mapWeights(config: HaproxyMapConfig, backend: string): Reading {
  const colour = Object.entries(config.backends).find(([, name]) => name === backend)?.[0];
  if (!colour) {
    return {
      ok: false,
      why: `the map sends "${config.key}" to backend ${quoteAnswer(backend)}, which is none of ${Object.values(config.backends).join(', ')}`,
    };
  }
  return {
    ok: true,
    weights: allTo(colour, Object.keys(config.backends)),
  };
}

/** Map mode: one `set map`, which is atomic, then the file for the next reload. */
export function planMap(config: HaproxyMapConfig, observed: Observed, target: Weights): Call[] {
  const colour = Object.keys(target).find((name) => target[name] === 100);
  const backend = colour === undefined ? undefined : config.backends[colour];
  if (!backend)
    throw new RangeError(
      'HAProxy in map mode gives all traffic to one colour; choose mode "servers" for weighted steps',
    );
  return Object.entries(observed.nodes).flatMap(([node, weights]) => {
    const calls: Call[] = [];
    if (!sameWeights(weights, target)) {
      calls.push({
        node,
        say: `set map ${config.map} ${config.key} ${backend}`,
        action: { do: 'set-map', backend },
      });
    }
    if (config.persist && !sameWeights(observed.saved?.[node] ?? {}, target)) {
      calls.push({
        node,
        say: `write ${config.key} ${backend} to ${config.map}`,
        action: { do: 'write-map', backend },
      });
    }
    return calls;
  });
}

/** The map file with the key's line set to the backend; everything else, comments included, stays as it was. */
export function editMapFile(text: string, key: string, backend: string): string {
  const lines = text.split('\n');
  const at = lines.findIndex((line) => line.trim().split(/\s+/)[0] === key);
  if (at >= 0) lines[at] = `${key} ${backend}`;
  else lines.splice(lines.at(-1) === '' ? lines.length - 1 : lines.length, 0, `${key} ${backend}`);
  const edited = lines.join('\n');
  return edited.endsWith('\n') ? edited : `${edited}\n`;
}
