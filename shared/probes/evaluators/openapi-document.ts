import * as z from 'zod';
import { parseConfig } from '../../config/parse.js';
import type { Problem } from '../../config/problem.js';

/** A mapping of the document. */
export type Part = Readonly<Record<string, unknown>>;

/** A part of an OpenAPI document and the keys that lead to it. */
export interface Found {
  part: Part;
  at: readonly string[];
}

/** What a document does not say as it should; the message begins with its file and line. */
export class OpenApiError extends Error {
  override readonly name = 'OpenApiError';
}

/** An OpenAPI document that was read, not yet looked into. */
export interface OpenApiDocument {
  file: string;
  version: '3.0' | '3.1';
  whole: Part;
  /** `openapi.yaml:12`, for messages. */
  placeOf(at: readonly string[]): string;
  /** The part that stands there, at the end of its `$ref`s; throws OpenApiError where there is none. */
  follow(part: unknown, at: readonly string[]): Found;
  /** What a `$ref` that stands there means, with the `$ref` that it may have itself. */
  referred($ref: string, at: readonly string[]): { part: unknown; at: readonly string[] };
}

/** References in a row that lead nowhere else. */
const maxHops = 20;

/** Reads the text of a document; other files that it names are never read. */
export function parseOpenApi(
  text: string,
  file: string,
): { ok: true; document: OpenApiDocument } | { ok: false; problems: Problem[] } {
  const parsed = parseConfig(text, file, z.record(z.string(), z.unknown()));
  if (!parsed.ok) return parsed;
  const whole = parsed.value;
  const version = versionOf(whole['openapi']);
  if (version === undefined) {
    const place = { file, ...parsed.placeOf(['openapi']), path: 'openapi' };
    const got = `openapi: ${JSON.stringify(whole['openapi'] ?? null)}`;
    const fix = 'convert the document to OpenAPI 3.0 or 3.1';
    return { ok: false, problems: [{ ...place, got, allowed: 'openapi: 3.0.x or 3.1.x', fix }] };
  }
  const dialect = whole['jsonSchemaDialect'];
  if (dialect !== undefined && !knownDialects.includes(dialect)) {
    const place = { file, ...parsed.placeOf(['jsonSchemaDialect']), path: 'jsonSchemaDialect' };
    const fix = 'take "jsonSchemaDialect" out, or write the schemas in that of OpenAPI 3.1';
    return {
      ok: false,
      problems: [{ ...place, got: JSON.stringify(dialect), allowed: knownDialects.join(', '), fix }],
    };
  }
  const placeOf = (at: readonly string[]) => {
    const line = parsed.placeOf(at)?.line;
    return line === undefined ? file : `${file}:${line}`;
  };
  const follow = (part: unknown, at: readonly string[]): Found => {
    let found = { part, at };
    for (let hops = 0; hops <= maxHops; hops++) {
      if (!isPart(found.part)) throw new OpenApiError(`${placeOf(found.at)}: a mapping is missing here`);
      const { $ref } = found.part;
      if (typeof $ref !== 'string') return { part: found.part, at: found.at };
      found = targetOf($ref, whole, placeOf(found.at));
    }
    throw new OpenApiError(`${placeOf(at)}: $refs that lead to each other`);
  };
  const referred = ($ref: string, at: readonly string[]) => targetOf($ref, whole, placeOf(at));
  return { ok: true, document: { file, version, whole, placeOf, follow, referred } };
}

const knownDialects: readonly unknown[] = [
  'https://spec.openapis.org/oas/3.1/dialect/base',
  'https://json-schema.org/draft/2020-12/schema',
];

function versionOf(openapi: unknown): OpenApiDocument['version'] | undefined {
  const [, version] = /^(3\.[01])\.\d+(-.*)?$/.exec(String(openapi)) ?? [];
  return version as OpenApiDocument['version'] | undefined;
}

/** Refuses a key that means nothing: what it says would check nothing. */
export function checkKeys(document: OpenApiDocument, { part, at }: Found, known: ReadonlySet<string>): void {
  for (const key of Object.keys(part))
    if (!known.has(key) && !key.startsWith('x-'))
      throw new OpenApiError(
        `${document.placeOf([...at, key])}: "${key}" means nothing here: write one of ${[...known].join(', ')}, or begin it with x-`,
      );
}

/** The mapping by this key, empty where there is none; throws OpenApiError when something else stands there. */
export function mappingOf(document: OpenApiDocument, { part, at }: Found, key: string): Part {
  const value = part[key] ?? {};
  if (!isPart(value) || part[key] === null)
    throw new OpenApiError(`${document.placeOf([...at, key])}: a mapping is missing here`);
  return value;
}

export function isPart(value: unknown): value is Part {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** What a `$ref` to the same document means. */
function targetOf($ref: string, whole: Part, place: string): { part: unknown; at: string[] } {
  if (!$ref.startsWith('#/'))
    throw new OpenApiError(
      `${place}: $ref ${$ref} leads out of the document, and nothing else is read: put it into one file first (e.g. "redocly bundle")`,
    );
  const at = $ref
    .slice(2)
    .split('/')
    .map((token) => plain(token).replaceAll('~1', '/').replaceAll('~0', '~'));
  let part: unknown = whole;
  for (const key of at)
    part =
      part !== null && typeof part === 'object' && Object.hasOwn(part, key) ? part[key as never] : undefined;
  if (part === undefined) throw new OpenApiError(`${place}: $ref ${$ref} leads to nothing`);
  return { part, at };
}

function plain(token: string): string {
  try {
    return decodeURIComponent(token);
  } catch {
    return token;
  }
}
