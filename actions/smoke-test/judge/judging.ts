import type { JsonPath } from '../../../shared/probes/evaluators/json-path.js';
import type { JsonSchema } from '../../../shared/probes/evaluators/json-schema.js';
import type { MarkupDocument, MarkupQuery } from '../../../shared/probes/evaluators/markup.js';
import type { OpenApiOperation } from '../../../shared/probes/evaluators/openapi.js';
import type { BrowserObservation } from '../../../shared/probes/browser/browser.js';
import type { HttpObservation } from '../../../shared/probes/http.js';
import type { Excerpt, Judged, Told } from './finding.js';
import type { Lookup } from '../values/interpolate.js';
import type { JsonSchemaMatcher } from '../suite/schema/matcher-schema.js';

/** What has a document. */
export type Page = HttpObservation | BrowserObservation;

/** The document of an answer, or why it has none. */
export type ReadMarkup = { ok: true; document: MarkupDocument } | { ok: false; reason: string };

/** What people wrote, compiled once for the whole suite. */
export interface CompiledEvaluators {
  pathOf(source: string): JsonPath;
  xpathOf(source: string, namespaces?: Readonly<Record<string, string>>): MarkupQuery;
  selectorOf(source: string, attribute?: string): MarkupQuery;
  schemaOf(matcher: JsonSchemaMatcher): JsonSchema;
  operationOf(name: string): OpenApiOperation;
  markupOf(answer: Page): ReadMarkup;
}

/**
 * How long looking into one answer may take in all, in milliseconds, in captures and expectations; what comes later is
 * undecided.
 */
export const judgingMs = 2_000;

/**
 * What judging needs besides the expectations: values of references, compiled evaluators, and how to quote what came.
 */
export interface Judging extends CompiledEvaluators {
  lookup: Lookup;
  excerpt: Excerpt;
}

/** A judged expectation of the kind that retries call `expectation`. */
export function judged(
  holds: boolean | 'mixed' | undefined,
  check: string,
  path: readonly PropertyKey[],
  expected: Told,
  got: Told,
): Judged {
  const verdict = holds === undefined ? 'undecided' : holds === 'mixed' ? holds : holds ? 'holds' : 'broken';
  return { kind: 'expectation', check, path: ['expect', ...path], expected, got, verdict };
}
