import * as z from 'zod';
import type { HttpClient } from '../../http/types.js';

/** An address that a source asks. */
export const addressField = () => z.url({ protocol: /^https?$/, error: 'an http or https address' });

/** Headers that are sent along: a value as it is, or the name of the environment variable of the step that holds it. */
export const headersField = () =>
  z
    .record(
      z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'the name of a header, such as Authorization'),
      z.union([
        z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'text of one line'),
        z.strictObject({
          env: z
            .string()
            .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable')
            .describe('Environment variable of the step that holds the whole value, which is masked.'),
        }),
      ]),
    )
    .default({})
    .describe('Headers sent along: a value, or { env: NAME } for a secret.');

type Written = z.output<ReturnType<typeof headersField>>;

/** Looks a variable of the step up. */
export type Variable = (name: string) => string | undefined;

/** The headers with their secrets, or why they cannot be sent. */
export function resolveHeaders(
  written: Written,
  variable: Variable,
): { ok: true; headers: Record<string, string> } | { ok: false; why: string } {
  const headers: Record<string, string> = {};
  for (const [name, given] of Object.entries(written)) {
    const value = typeof given === 'string' ? given : variable(given.env);
    if (!value || /[\r\n\0]/.test(value)) {
      const why = value ? 'has more than one line' : 'is not set';
      const fix =
        typeof given === 'string'
          ? ''
          : `. Fix: under "env:" of the step add  ${given.env}: \${{ secrets.${given.env} }}`;
      return { ok: false, why: `the variable for the header ${name} ${why}${fix}` };
    }
    headers[name] = value;
  }
  return { ok: true, headers };
}

/** Answers longer than this (bytes) are refused. */
const maxBodyBytes = 8_388_608;

/** What a server answered, read as JSON, or what is wrong with it in words that hold no secret. */
export type Answered = { ok: true; json: unknown; status: number } | { ok: false; why: string };

/**
 * Asks for JSON. An answer with another status than 200 is read too where it is JSON, since it may say what is wrong.
 */
export async function askJson(
  http: HttpClient,
  request: {
    url: string;
    method?: string;
    headers: Record<string, string>;
    body?: string;
    timeoutMs: number;
  },
  signal?: AbortSignal,
): Promise<Answered> {
  const result = await http.send({
    ...request,
    headers: { accept: 'application/json', ...request.headers },
    maxBodyBytes,
    ...(signal ? { signal } : {}),
  });
  const where = withoutQuery(request.url);
  if (!result.ok) return { ok: false, why: result.fault.message };
  const { status, headers, body } = result.response;
  const patience = headers['retry-after']?.[0];
  if ((status === 429 || status === 503) && patience !== undefined)
    return {
      ok: false,
      why: `${where} answers ${status} and is not asked before its Retry-After (${patience.slice(0, 40)}) is over`,
    };
  try {
    return { ok: true, json: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)), status };
  } catch {
    return {
      ok: false,
      why: status === 200 ? `${where} answers no JSON` : `${where} answers ${status} instead of 200`,
    };
  }
}

/** An address for messages: a query may hold keys. */
export function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
