import * as z from 'zod';
import { duration } from '../../config/fields.js';
import type { Reading } from '../../contracts/reports/analysis-report.js';
import { loadJsonPath, type CompiledPath } from '../../probes/evaluators/json-path.js';
import { hasNoTwoOf, hasSomeOf, withJsonForm } from '../../schema/json-form.js';
import { isoInstant, parseInstant } from '../../time/instant.js';
import {
  fillInWindow,
  placeholderNames,
  placeholdersIn,
  unknownPlaceholders,
  windowNames,
} from '../placeholders.js';
import {
  defineSource,
  inUnitOf,
  units,
  type Gives,
  type MetricSource,
  type SourcePorts,
  type Window,
} from '../source.js';
import { askJson, headersField, resolveHeaders, withoutQuery } from './ask-json.js';
import { considerate } from './considerate.js';
import { clocksApart, sourceType } from './fields.js';

const known: readonly string[] = [...placeholderNames, ...windowNames];

const template = () =>
  z
    .string()
    .min(1)
    .refine(
      (text) => unknownPlaceholders(text, known).length === 0,
      `text whose {{ … }} are among ${known.join(', ')}`,
    );
const jsonPath = (what: string) => z.string().regex(/^\$/, 'a JSONPath, which begins with $').describe(what);

/** Any server that answers numbers as JSON over HTTP. */
const schema = z
  .strictObject({
    type: sourceType('json'),
    url: template()
      .refine((text) => /^https?:\/\/[^\s/?#]/.test(text), 'an http or https address')
      .describe('What is asked, with {{ version }}, {{ from-seconds }}, {{ to-iso }} and the like.'),
    method: z.enum(['GET', 'POST']).default('GET').describe('How it is asked.'),
    headers: headersField(),
    body: template().optional().describe('POST: the body, with {{ … }} inside JSON text.'),
    timeout: duration().prefault('10s').describe('Longest wait for the answer.'),
    every: duration()
      .prefault('0s')
      .describe('Least time between two questions: the resolution of the server.'),
    delay: duration()
      .prefault('0s')
      .describe('How late the server knows its numbers; asked for is the time before.'),
    requests: jsonPath('Requests between from and to.').optional(),
    errors: jsonPath('Those of them that failed.').optional(),
    value: jsonPath('A number, in place of requests and errors.').optional(),
    unit: z.enum(units).default('number').describe('The unit of value.'),
    at: jsonPath('When it was measured: epoch seconds or milliseconds, or ISO 8601.').optional(),
    'max-age': duration().prefault('5m').describe('How old "at" may be.'),
  })
  .refine(
    withJsonForm(
      (source: { value?: unknown; requests?: unknown; errors?: unknown }) =>
        source.value === undefined
          ? source.requests !== undefined && source.errors !== undefined
          : source.requests === undefined && source.errors === undefined,
      () => [
        hasSomeOf(['value', 'requests']),
        ...hasNoTwoOf(['value', 'requests']),
        ...hasNoTwoOf(['value', 'errors']),
      ],
    ),
    'either requests and errors, or value (JSONPaths)',
  );

type Config = z.output<typeof schema>;

const gives = ({ value, unit, every, delay }: Config): Gives =>
  value === undefined
    ? { is: 'counts', by: false }
    : { is: 'numbers', by: false, unit, baseline: false, lagMs: every + delay };

/** Thrown where an answer does not say what is asked. */
export class Unusable extends Error {
  constructor(
    readonly is: 'absent' | 'stale' | 'error',
    message: string,
  ) {
    super(message);
  }
}

function open(config: Config, ports: SourcePorts): MetricSource {
  const { subject, variable = () => undefined } = ports;
  const http = considerate(ports.http, ports.clock);
  const resolved = resolveHeaders(config.headers, variable);
  let last: number | undefined;
  let compile: Promise<(source: string) => CompiledPath> | undefined;

  async function ask(window: Window, signal?: AbortSignal): Promise<Reading> {
    if (!resolved.ok) throw new Unusable('error', resolved.why);
    const url = fillInWindow(config.url, window, subject, encodeURIComponent);
    const { method, body, timeout: timeoutMs } = config;
    const filled = body && fillInWindow(body, window, subject, (text) => JSON.stringify(text).slice(1, -1));
    const json = filled === undefined ? {} : { body: filled };
    const headers = { ...(body ? { 'content-type': 'application/json' } : {}), ...resolved.headers };
    const answer = await askJson(http, { url, method, headers, ...json, timeoutMs }, signal);
    if (!answer.ok) throw new Unusable('error', answer.why);
    if (answer.status !== 200)
      throw new Unusable('error', `${withoutQuery(url)} answers ${answer.status} instead of 200`);
    compile ??= loadJsonPath();
    const find = await compile;
    const one = (path: string) => numberAt(path, find, answer.json);
    if (config.at !== undefined) checkAge(config.at, find, answer.json, window.to, config['max-age']);
    if (config.value !== undefined) {
      const value = inUnitOf(config.unit, one(config.value));
      if (!Number.isFinite(value))
        throw new Unusable('error', `${config.value} finds no number but infinity`);
      return { is: 'data', samples: [], values: [{ ...window, value }] };
    }
    const [requests, errors] = [one(config.requests!), one(config.errors!)];
    if (requests < 0 || errors < 0 || errors > requests || requests > Number.MAX_SAFE_INTEGER)
      throw new Unusable('error', `it counts ${errors} errors of ${requests} requests, which cannot be`);
    return { is: 'data', samples: [{ ...window, requests, errors }] };
  }

  return {
    async query(asked, signal): Promise<Reading> {
      const to = asked.to - config.delay;
      const from = last ?? asked.from - config.delay;
      if (to - from < Math.max(1, config.every)) {
        last ??= from;
        return { is: 'data', samples: [] };
      }
      try {
        const reading = await ask({ from, to }, signal);
        last = to;
        return reading;
      } catch (error) {
        if (!(error instanceof Unusable)) throw error;
        // A number that is not there is not asked for again; requests that were not counted are, with the next look.
        if (config.value !== undefined) last = to;
        return { is: error.is, message: error.message };
      }
    },
  };
}

/** What a path finds; several values are never reduced to one, and none is no zero. */
function valueAt(path: string, compile: (source: string) => CompiledPath, json: unknown): unknown {
  const compiled = compile(path);
  if (!compiled.ok) throw new Unusable('error', `${path} is no JSONPath: ${compiled.reason}`);
  const found = compiled.path.values(json);
  if (!found.ok) throw new Unusable('error', `${path}: ${found.reason}`);
  if (found.value.length > 1)
    throw new Unusable(
      'error',
      `${path} finds ${found.value.length} values, and one is judged. Fix: name one, such as ${path}[0]`,
    );
  const [value] = found.value;
  if (value === undefined || value === null) throw new Unusable('absent', `${path} finds nothing`);
  return value;
}

export function numberAt(path: string, compile: (source: string) => CompiledPath, json: unknown): number {
  const value = valueAt(path, compile, json);
  const number =
    typeof value === 'string' && /^-?\d{1,15}(\.\d{1,15})?(e[+-]?\d{1,3})?$/i.test(value)
      ? Number(value)
      : value;
  if (typeof number !== 'number' || !Number.isFinite(number))
    throw new Unusable('error', `${path} finds no number but ${JSON.stringify(value)?.slice(0, 80)}`);
  return number;
}

/** Refuses what was measured (epoch ms) too long before `now`, or after it. */
export function checkAge(
  path: string,
  compile: (source: string) => CompiledPath,
  json: unknown,
  now: number,
  maxAgeMs: number,
): void {
  const value = valueAt(path, compile, json);
  // Epoch seconds have ten digits until the year 2286, milliseconds have thirteen.
  const at =
    typeof value === 'number'
      ? value < 1e11
        ? value * 1_000
        : value
      : typeof value === 'string'
        ? parseInstant(value)
        : undefined;
  if (at === undefined)
    throw new Unusable('error', `${path} finds no time but ${JSON.stringify(value)?.slice(0, 80)}`);
  if (at < now - maxAgeMs)
    throw new Unusable('stale', `it was measured at ${isoInstant(at)}, which is too long ago`);
  if (at > now + clocksApart)
    throw new Unusable('error', `it was measured at ${isoInstant(at)}, which is in the future`);
}

/** It is asked about a time only where the question names both ends of it. */
function noPast({ url, body = '' }: Config): string | undefined {
  const names = placeholdersIn(`${url} ${body}`);
  const missing = ['from', 'to'].filter((end) => !names.some((name) => name.startsWith(`${end}-`)));
  return missing.length === 0
    ? undefined
    : `its question does not name the time (no ${missing.map((end) => `{{ ${end}-… }}`).join(' and no ')} in url or body)`;
}

export const json = defineSource({ schema, gives, noPast, open });
