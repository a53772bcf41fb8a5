import type { Problem } from '../../config/problem.js';
import { suggest } from '../../text/suggest.js';
import type { Bounded } from './bounded.js';
import { loadJsonSchema, type CompiledSchema } from './json-schema.js';
import { describedAnswers, type DescribedAnswer } from './openapi-answer.js';
import { isPart, OpenApiError, parseOpenApi, type Found, type OpenApiDocument } from './openapi-document.js';

/** One operation of an API, and what its answers may be. */
export interface OpenApiOperation {
  file: string;
  /** In capital letters. */
  method: string;
  /** As the document writes it: `/orders/{id}`. */
  path: string;
  /** What of an answer is not as described; `ok: false` when that cannot be told. */
  faults(answer: DescribedAnswer): Bounded<string[]>;
}

export type CompiledOperation =
  { ok: true; operation: OpenApiOperation } | { ok: false; reason: string; didYouMean?: string };

/** An API that a document describes. */
export interface OpenApi {
  /** The operation of this `operationId`, or of a method and a path such as `GET /orders/{id}`. */
  operation(name: string): CompiledOperation;
}

export type ReadOpenApi = { ok: true; api: OpenApi } | { ok: false; problems: Problem[] };

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;

/** Loads what looks into OpenAPI documents. Nothing is fetched, and only what is named is compiled. */
export async function loadOpenApi(): Promise<(text: string, file: string) => ReadOpenApi> {
  const compile = await loadJsonSchema();
  return (text, file) => {
    const read = parseOpenApi(text, file);
    if (!read.ok) return read;
    return { ok: true, api: { operation: (name) => operationOf(read.document, name, compile) } };
  };
}

interface Operation extends Found {
  id: string | undefined;
  method: string;
  path: string;
}

function operationOf(
  document: OpenApiDocument,
  name: string,
  compile: (schema: unknown) => CompiledSchema,
): CompiledOperation {
  try {
    const all = operationsOf(document);
    const named = all.filter((one) => one.id === name || `${one.method} ${one.path}` === name);
    const [found, second] = named;
    if (!found) {
      const names = all.map(({ id, method, path }) => id ?? `${method} ${path}`);
      const didYouMean = suggest(name, [...names, ...all.map(({ method, path }) => `${method} ${path}`)]);
      const listed = `${names.slice(0, 10).join(', ')}${names.length > 10 ? ', …' : ''}`;
      const reason = `${document.file} describes no operation ${name}; it has ${listed || 'none'}`;
      return { ok: false, reason, ...(didYouMean === undefined ? {} : { didYouMean }) };
    }
    if (second)
      throw new OpenApiError(
        `${document.placeOf(second.at)}: the operationId ${name} again, as at ${document.placeOf(found.at)}`,
      );
    const { method, path } = found;
    const faults = describedAnswers(document, found, compile);
    return { ok: true, operation: { file: document.file, method, path, faults } };
  } catch (error) {
    if (error instanceof OpenApiError) return { ok: false, reason: error.message };
    throw error;
  }
}

function operationsOf(document: OpenApiDocument): Operation[] {
  const { paths } = document.whole;
  if (!isPart(paths)) return [];
  return Object.entries(paths).flatMap(([path, written]) => {
    if (!path.startsWith('/')) return [];
    const item = document.follow(written, ['paths', path]);
    return methods.flatMap((method) => {
      const part = item.part[method];
      if (!isPart(part)) return [];
      const id = part['operationId'];
      const at = [...item.at, method];
      return [{ part, at, path, method: method.toUpperCase(), id: typeof id === 'string' ? id : undefined }];
    });
  });
}
