import type { Call } from '../../../contracts/call.js';
import { allTo, sameWeights, type Weights } from '../../router.js';
import type { HaproxyMapRoute } from './routes.js';
import { quoteAnswer, type Reading } from '../reading.js';

/** Reads `show map FILE` (lines of pointer, key, value): the key's backend is the live colour. */
export function readMap(route: HaproxyMapRoute, answer: string): Reading {
  const entries = answer
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([pointer, key]) => pointer?.startsWith('0x') && key === route.key);
  if (answer.startsWith('Unknown map identifier'))
    return {
      ok: false,
      why: `HAProxy has loaded no map ${route.map} (answer: ${quoteAnswer(answer)}). Fix: make router.map the very path that use_backend names in haproxy.cfg, as in map(${route.map}), and reload`,
    };
  const [entry, second] = entries;
  if (!entry)
    return {
      ok: false,
      why: `the map ${route.map} has no key "${route.key}" (answer: ${quoteAnswer(answer)}); add a line "${route.key} <backend>" and reload`,
    };
  if (second)
    return {
      ok: false,
      why: `the map ${route.map} has the key "${route.key}" twice; remove one line and reload`,
    };
  return mapWeights(route, entry[2] ?? '');
}

/** Reads the map file: what a reload would bring. */
export function readMapFile(route: HaproxyMapRoute, text: string): Reading {
  const line = text
    .split('\n')
    .map((candidate) => candidate.trim().split(/\s+/))
    .find(([key]) => key === route.key);
  return line
    ? mapWeights(route, line[1] ?? '')
    : { ok: false, why: `the file ${route.file} has no key "${route.key}"` };
}

function mapWeights(route: HaproxyMapRoute, backend: string): Reading {
  const colour = Object.entries(route.backends).find(([, name]) => name === backend)?.[0];
  if (!colour) {
    return {
      ok: false,
      why: `the map sends "${route.key}" to backend ${quoteAnswer(backend)}, which is none of ${Object.values(route.backends).join(', ')}`,
    };
  }
  return {
    ok: true,
    weights: allTo(colour, Object.keys(route.backends)),
  };
}

/** Map mode: one `set map`, which is atomic, then the file for the next reload. */
export function planMap(
  route: HaproxyMapRoute,
  node: string,
  { weights, saved }: { weights: Weights; saved: Weights | undefined },
  target: Weights,
): Call[] {
  const colour = Object.keys(target).find((name) => target[name] === 100);
  const backend = colour === undefined ? undefined : route.backends[colour];
  if (!backend)
    throw new RangeError(
      'HAProxy in map mode gives all traffic to one colour; choose mode "servers" for weighted steps',
    );
  const calls: Call[] = [];
  if (!sameWeights(weights, target)) {
    calls.push({
      node,
      say: `set map ${route.map} ${route.key} ${backend}`,
      action: { do: 'set-map', backend },
    });
  }
  if (route.persist && !sameWeights(saved ?? {}, target)) {
    calls.push({
      node,
      say: `write ${route.key} ${backend} to ${route.file}`,
      action: { do: 'write-map', backend },
    });
  }
  return calls;
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
