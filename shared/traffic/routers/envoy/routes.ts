import * as z from 'zod';
import type { Weights } from '../../router.js';
import type { StatusAnswer } from '../http-exchange.js';
import type { EnvoyConfig } from './config.js';
import { jsonOf, quoteAnswer, sharesByColour, type Reading } from '../reading.js';

type Named = Pick<EnvoyConfig, 'route-config' | 'backends'>;
type Json = Record<string, unknown>;

const dumpSchema = z.object({
  configs: z.array(z.object({ route_config: z.record(z.string(), z.unknown()).optional() })).default([]),
});

const fileSchema = z.looseObject({ resources: z.array(z.record(z.string(), z.unknown())) });

const splitSchema = z.looseObject({
  clusters: z.array(z.looseObject({ name: z.string(), weight: z.number().min(0).default(0) })),
});

/** One weighted split of a route configuration; `clusters` are the objects of the document itself. */
interface Split {
  weights: Map<string, number>;
  clusters: Json[];
}

type Splits = { ok: true; splits: Split[] } | { ok: false; why: string };

/** Reads `/config_dump?resource=dynamic_route_configs`: what this Envoy works with now. */
export function readDump(config: Named, { status, text }: StatusAnswer): Reading {
  const name = config['route-config'];
  if (status !== 200)
    return { ok: false, why: `its admin port answers ${status} to config_dump: ${quoteAnswer(text)}` };
  const dump = dumpSchema.safeParse(jsonOf(text));
  if (!dump.success) return { ok: false, why: `its config_dump is not understood: ${quoteAnswer(text)}` };
  const found = dump.data.configs.flatMap(({ route_config }) => (route_config ? [route_config] : []));
  const routes = found.find((candidate) => candidate['name'] === name);
  if (!routes) {
    const known = found.map((candidate) => String(candidate['name'])).join(', ') || 'none';
    return {
      ok: false,
      why: `it has no dynamic route configuration "${name}" (it has ${known}); the listener must take it by rds with route_config_name: ${name}`,
    };
  }
  return shares(config, splitsOf(config, routes));
}

/** Reads the file: what a restart would bring. */
export function readRouteFile(config: Named, text: string): Reading {
  const file = parseFile(config, text);
  return file.ok ? shares(config, splitsOf(config, file.routes)) : file;
}

/** The file with these weights in every split between the colours' clusters; all else in it stays. */
export function editRouteFile(
  config: Named,
  text: string | undefined,
  weights: Weights,
): { ok: true; text: string } | { ok: false; why: string } {
  if (text === undefined)
    return {
      ok: false,
      why: `there is no such file; it must hold a DiscoveryResponse with ${example(config)}`,
    };
  const file = parseFile(config, text);
  if (!file.ok) return file;
  const found = splitsOf(config, file.routes);
  if (!found.ok) return found;
  for (const cluster of found.splits.flatMap(({ clusters }) => clusters)) {
    const colour = Object.keys(config.backends).find((name) => config.backends[name] === cluster['name'])!;
    cluster['weight'] = weights[colour] ?? 0;
  }
  const words = Object.keys(config.backends).map((colour) => `${colour}=${weights[colour] ?? 0}`);
  file.document['version_info'] = words.join(' ');
  return { ok: true, text: `${JSON.stringify(file.document, undefined, 2)}\n` };
}

function parseFile(
  config: Named,
  text: string,
): { ok: true; document: Json; routes: Json } | { ok: false; why: string } {
  const name = config['route-config'];
  const parsed = fileSchema.safeParse(jsonOf(text));
  if (!parsed.success) return { ok: false, why: `it is not a DiscoveryResponse in JSON with "resources"` };
  const document: Json = parsed.data;
  const resources = parsed.data.resources;
  if (resources.length !== 1 || resources[0]!['name'] !== name) {
    const names = resources.map((resource) => String(resource['name'])).join(', ') || 'nothing';
    return { ok: false, why: `it must hold the one route configuration "${name}", and holds ${names}` };
  }
  return { ok: true, document, routes: resources[0]! };
}

function splitsOf(config: Named, routes: Json): Splits {
  const wanted = Object.values(config.backends);
  const splits: Split[] = [];
  for (const value of valuesOf(routes, 'weighted_clusters')) {
    const parsed = splitSchema.safeParse(value);
    const names = parsed.success ? parsed.data.clusters.map(({ name }) => name) : [];
    if (!parsed.success || !names.some((name) => wanted.includes(name))) continue;
    if (names.length !== wanted.length || !wanted.every((name) => names.includes(name)))
      return {
        ok: false,
        why: `a weighted_clusters shares between ${names.join(', ')}; it must share between ${wanted.join(' and ')}, once each`,
      };
    for (const field of ['runtime_key_prefix', 'total_weight']) {
      if (parsed.data[field] !== undefined)
        return {
          ok: false,
          why: `a weighted_clusters of ${wanted.join(', ')} has ${field}, which would overrule its weights; remove it`,
        };
    }
    splits.push({
      weights: new Map(parsed.data.clusters.map(({ name, weight }) => [name, weight])),
      clusters: (value as { clusters: Json[] }).clusters,
    });
  }
  return splits.length > 0
    ? { ok: true, splits }
    : { ok: false, why: `no route shares between ${wanted.join(' and ')}; it needs ${example(config)}` };
}

/** The mean over the splits: one that differs from the others shows as mixed traffic. */
function shares({ backends }: Named, found: Splits): Reading {
  if (!found.ok) return found;
  const each = found.splits.map(({ weights }) => sharesByColour(backends, weights));
  const mean = (colour: string) => each.reduce((sum, split) => sum + split[colour]!, 0) / each.length;
  return {
    ok: true,
    weights: Object.fromEntries(Object.keys(backends).map((colour) => [colour, mean(colour)])),
  };
}

function* valuesOf(value: unknown, key: string): Generator<unknown> {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    if (name === key) yield inner;
    else yield* valuesOf(inner, key);
  }
}

function example({ backends }: Named): string {
  const clusters = Object.values(backends).map((name, index) => ({ name, weight: index === 0 ? 100 : 0 }));
  return `"route": ${JSON.stringify({ weighted_clusters: { clusters } })}`;
}
