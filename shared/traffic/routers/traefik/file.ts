import { stringify } from 'yaml';
import * as z from 'zod';
import { parseConfig } from '../../../config/parse.js';
import type { Weights } from '../../router.js';
import type { StatusAnswer } from '../http-exchange.js';
import { jsonOf, quoteAnswer, sharesByColour, type Reading } from '../reading.js';
import type { TraefikConfig } from './config.js';

type Named = Pick<TraefikConfig, 'service' | 'backends'>;

const listed = z.object({ name: z.string(), weight: z.number().min(0).default(1) });

/** What Traefik's API says of one service, as far as it is needed here. */
const statusSchema = z.object({
  status: z.string(),
  error: z.array(z.string()).optional(),
  weighted: z.object({ services: z.array(listed) }).optional(),
});

/** The file: one weighted service. How clients stick and whether children report their health is the team's to say. */
const fileSchema = (service: string) =>
  z.strictObject({
    http: z.strictObject({
      services: z.strictObject({
        [service]: z.strictObject({
          weighted: z.strictObject({
            services: z.array(listed.strict()),
            sticky: z.unknown().optional(),
            healthCheck: z.unknown().optional(),
          }),
        }),
      }),
    }),
  });

/** Reads the answer of `/api/http/services/SERVICE@file`: what this Traefik works with now. */
export function readService(config: Named, { status, text }: StatusAnswer): Reading {
  const name = `${config.service}@file`;
  if (status === 404)
    return {
      ok: false,
      why: `it has no service "${name}" (answer: ${quoteAnswer(text)}); put this into its file:\n${newFile(config, firstWeights(config))}`,
    };
  if (status !== 200)
    return { ok: false, why: `its API answers ${status} for ${name}: ${quoteAnswer(text)}` };
  const parsed = statusSchema.safeParse(jsonOf(text));
  if (!parsed.success)
    return { ok: false, why: `its API's answer for ${name} is not understood: ${quoteAnswer(text)}` };
  const service = parsed.data;
  if (service.status === 'disabled')
    return {
      ok: false,
      why: `it has disabled ${name}: ${(service.error ?? []).map(quoteAnswer).join(', ') || 'no reason given'}`,
    };
  if (!service.weighted) return { ok: false, why: `${name} is not a weighted service` };
  return weightsOf(config, service.weighted.services, `${name} in its API`);
}

/** Reads the file: what a restart would bring. */
export function readServiceFile(config: Named, text: string): Reading {
  const parsed = parseFile(config, text);
  return parsed.ok
    ? weightsOf(
        config,
        parsed.value.http.services[config.service]!.weighted.services,
        `service ${config.service}`,
      )
    : parsed;
}

/**
 * The file with these weights. What it says of sticky sessions and health stays; a file with anything else in it is
 * refused, since others write it too.
 */
export function editServiceFile(
  config: Named,
  text: string | undefined,
  weights: Weights,
): { ok: true; text: string } | { ok: false; why: string } {
  if (text === undefined || text.trim() === '') return { ok: true, text: newFile(config, weights) };
  const parsed = parseFile(config, text);
  if (!parsed.ok) return parsed;
  const { sticky, healthCheck } = parsed.value.http.services[config.service]!.weighted;
  return {
    ok: true,
    text: newFile(config, weights, {
      ...(sticky === undefined ? {} : { sticky }),
      ...(healthCheck === undefined ? {} : { healthCheck }),
    }),
  };
}

function newFile(config: Named, weights: Weights, rest: object = {}): string {
  const services = Object.entries(config.backends).map(([colour, name]) => ({
    name,
    weight: weights[colour] ?? 0,
  }));
  const head = '# Rewritten at each switch of traffic; holds this one service and nothing else.\n';
  return head + stringify({ http: { services: { [config.service]: { weighted: { services, ...rest } } } } });
}

function firstWeights({ backends }: Named): Weights {
  return Object.fromEntries(Object.keys(backends).map((colour, index) => [colour, index === 0 ? 100 : 0]));
}

function parseFile(config: Named, text: string) {
  const parsed = parseConfig(text, 'the file', fileSchema(config.service));
  if (parsed.ok) return parsed;
  const message = parsed.problems.map(
    ({ path, line, got, allowed }) =>
      `${path || 'it'}${line === undefined ? '' : ` (line ${line})`} is ${got}, allowed is ${allowed}`,
  );
  return {
    ok: false as const,
    why: `it must hold the weighted service "${config.service}" and nothing else: ${message.join('; ')}`,
  };
}

function weightsOf(
  { backends }: Named,
  services: readonly z.output<typeof listed>[],
  where: string,
): Reading {
  const known = Object.values(backends);
  const bare = (name: string) =>
    known.find((backend) => backend === name || `${backend}@file` === name) ?? name;
  const names = services.map(({ name }) => bare(name));
  const strangers = names.filter((name) => !known.includes(name));
  const missing = known.filter((name) => !names.includes(name));
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  const wrong = [
    ...strangers.map((name) => `"${name}" belongs to no colour`),
    ...missing.map((name) => `"${name}" is missing`),
    ...twice.map((name) => `"${name}" stands twice`),
  ];
  if (wrong.length > 0)
    return { ok: false, why: `${where} must share between ${known.join(' and ')}: ${wrong.join(', ')}` };
  const weights = sharesByColour(backends, new Map(services.map(({ name, weight }) => [bare(name), weight])));
  return { ok: true, weights };
}
