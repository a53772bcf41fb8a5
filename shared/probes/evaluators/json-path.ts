import type { FilterFunction } from 'json-p3';
import { bounded, type Bounded } from './bounded.js';
import { namesOf } from './names-of.js';

/** How long one query may take, in milliseconds, and how many nodes it may find. */
const queryMs = 250;
const maxNodes = 10_000;

/** Containers nested deeper than this are not descended into; a query that would need it is refused. */
const maxDepth = 500;

export interface JsonPath {
  /** The values of the nodes found, in document order; `ok: false` when a limit was hit. */
  values(document: unknown): Bounded<unknown[]>;
}

export type CompiledPath = { ok: true; path: JsonPath } | { ok: false; reason: string };

/**
 * Loads the JSONPath engine (RFC 9535, strict) and gives its compiler; a suite that uses no JSONPath does not pay for
 * it.
 */
export async function loadJsonPath(): Promise<(source: string) => CompiledPath> {
  const { JSONPathEnvironment, jsonpath } = namesOf(await import('json-p3'), 'JSONPathEnvironment');
  const environment = new JSONPathEnvironment({ strict: true, maxRecursionDepth: maxDepth });
  const { Match, Search } = jsonpath.functions;
  environment.functionRegister.set('match', ofTexts(new Match({ throwErrors: true })));
  environment.functionRegister.set('search', ofTexts(new Search({ throwErrors: true })));
  return (source) => {
    try {
      const query = environment.compile(withoutLeadingZeros(source));
      // A singular query ($.a[0].b) takes as many steps as it has segments and needs no watchdog.
      const run = query.singularQuery() ? unbounded : <T>(work: () => T) => bounded(queryMs, work);
      return {
        ok: true,
        path: { values: (document) => run(() => collect(query.lazyQuery(document as never))) },
      };
    } catch (error) {
      return { ok: false, reason: (error as Error).message };
    }
  };
}

/** A quoted text, a name or a number of a path. */
const words =
  /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[A-Z_\u{80}-\u{10FFFF}][\w\u{80}-\u{10FFFF}]*|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/giu;

/**
 * The path with its numbers as json-p3 2.3 reads them right: it refuses 0.5, which is a number, and takes -01, which is
 * none.
 */
function withoutLeadingZeros(source: string): string {
  return source.replace(words, (word) => {
    if (/^-?0\d/.test(word)) throw new Error(`${word} is not a number: it begins with 0`);
    const [isNumber, digits = '', exponent = '0'] = /^0(?:\.(\d+))?(?:e(.+))?$/i.exec(word) ?? [];
    if (isNumber === undefined) return word;
    const significant = digits.replace(/^0+/, '');
    return significant === '' ? '0' : `${significant}e${Number(exponent) - digits.length}`;
  });
}

/**
 * A function of filters that looks for a pattern, for texts alone: the library calls it with any value, and searches
 * lists and numbers too once it knows the pattern. Where the pattern is invalid it throws: RFC 9535 has it find
 * nothing, so that "there is none" would hold whatever came.
 */
function ofTexts(inner: FilterFunction): FilterFunction {
  return {
    argTypes: inner.argTypes,
    returnType: inner.returnType,
    call: (text: unknown, pattern: unknown) =>
      typeof text === 'string' && typeof pattern === 'string' && inner.call(text, pattern),
  };
}

function collect(nodes: Iterable<{ value: unknown }>): unknown[] {
  const values: unknown[] = [];
  for (const { value } of nodes) {
    if (values.push(value) > maxNodes) throw new Error(`it finds more than ${maxNodes} nodes`);
  }
  return values;
}

function unbounded<T>(work: () => T): Bounded<T> {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    return { ok: false, reason: (error as Error).message };
  }
}
