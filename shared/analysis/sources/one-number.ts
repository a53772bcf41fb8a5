import * as z from 'zod';
import { duration } from '../../config/fields.js';
import type { HttpClient } from '../../http/types.js';
import { loadJsonPath } from '../../probes/evaluators/json-path.js';
import {
  addressField,
  askJson,
  headersField,
  resolveHeaders,
  withoutQuery,
  type Variable,
} from './ask-json.js';
import { checkAge, numberAt, Unusable } from './json.js';
import { queryInstant } from './prometheus/prometheus-api.js';

const timeout = () => duration().prefault('10s').describe('Longest wait for an answer.');
const jsonPath = () => z.string().regex(/^\$/, 'a JSONPath, which begins with $');

/** Where a single number that is true now is read: Prometheus' API, or any JSON over HTTP. */
export const oneNumberSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('prometheus').describe('Prometheus, or what answers like it.'),
    url: addressField().describe('Address of Prometheus, without /api/v1.'),
    query: z.string().min(1).describe('A PromQL expression of exactly one number.'),
    headers: headersField(),
    timeout: timeout(),
  }),
  z.strictObject({
    type: z.literal('json').describe('Any server that answers JSON.'),
    url: addressField().describe('What is asked, by GET.'),
    value: jsonPath().describe('JSONPath of the number.'),
    at: jsonPath()
      .optional()
      .describe('JSONPath of when it was measured: epoch seconds or milliseconds, or ISO 8601.'),
    'max-age': duration().prefault('5m').describe('How old "at" may be.'),
    headers: headersField(),
    timeout: timeout(),
  }),
]);

export type OneNumber = z.output<typeof oneNumberSchema>;

export type AskedNumber = { ok: true; value: number } | { ok: false; why: string };

export interface NumberPorts {
  http: HttpClient;
  variable: Variable;
}

/**
 * Asks for a number at an instant (epoch milliseconds). Anything but exactly one finite number is a reason, which holds
 * no secret: a missing series must never read as zero.
 */
export async function askNumber(
  source: OneNumber,
  { http, variable }: NumberPorts,
  now: number,
  signal?: AbortSignal,
): Promise<AskedNumber> {
  const resolved = resolveHeaders(source.headers, variable);
  if (!resolved.ok) return resolved;
  const { url, timeout: timeoutMs } = source;
  const { headers } = resolved;
  if (source.type === 'prometheus') {
    const answer = await queryInstant({ http, url, headers, timeoutMs }, source.query, now, signal);
    if (!answer.ok) return answer;
    const values = answer.series.flatMap(({ points }) => points.slice(-1).map(({ value }) => value));
    if (values.length !== 1)
      return {
        ok: false,
        why: `the query finds ${values.length === 0 ? 'nothing' : `${values.length} series`} instead of one number. Fix: aggregate it, such as by sum(…)`,
      };
    const [value] = values as [number];
    return Number.isFinite(value)
      ? { ok: true, value }
      : { ok: false, why: `the query finds ${value}, which is no number to compare (division by zero?)` };
  }
  const answer = await askJson(http, { url, headers, timeoutMs }, signal);
  if (!answer.ok) return answer;
  if (answer.status !== 200)
    return { ok: false, why: `${withoutQuery(url)} answers ${answer.status} instead of 200` };
  const find = await loadJsonPath();
  try {
    if (source.at !== undefined) checkAge(source.at, find, answer.json, now, source['max-age']);
    return { ok: true, value: numberAt(source.value, find, answer.json) };
  } catch (error) {
    if (error instanceof Unusable) return { ok: false, why: error.message };
    throw error;
  }
}
