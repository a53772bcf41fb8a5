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

/** Loads the JSONPath engine (RFC 9535, strict) and gives its compiler; a suite that uses no JSONPath does not pay for it. */
export async function loadJsonPath(): Promise<(source: string) => CompiledPath> {
  const { JSONPathEnvironment } = namesOf(await import('json-p3'), 'JSONPathEnvironment');
  const environment = new JSONPathEnvironment({ strict: true, maxRecursionDepth: maxDepth });
  const functions = environment.functionRegister as unknown as Map<string, Matching>;
  for (const name of ['match', 'search']) functions.set(name, strictly(functions.get(name)!));
  const { parser } = environment as unknown as { parser: { tokenMap: Map<string, ParseNumber> } };
  parser.tokenMap.set(numberToken, withFractions(parser.tokenMap.get(numberToken)!));
  return (source) => {
    try {
      const query = environment.compile(source);
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

/** What the library calls a number in a path. */
const numberToken = 'NUMBER';

type ParseNumber = (this: unknown, stream: { current: { value: string } }) => unknown;

/** The library's reader of numbers, which takes any 0 at the beginning for one too many: 0.5 is a number, and -01 is none. */
function withFractions(parse: ParseNumber): ParseNumber {
  return function (stream) {
    const { current } = stream;
    const value = current.value.replace(/^-(?=0\d)/, '').replace(/^0(?=[.eE])/, ' 0');
    const token = Object.assign(Object.create(Object.getPrototypeOf(current) as object) as object, current, {
      value,
    });
    return parse.call(this, { current: token });
  };
}

/** A function of filters that looks for a pattern in a text. */
interface Matching {
  throwErrors?: boolean;
  call(text: unknown, pattern: unknown): boolean;
}

/**
 * Such a function that has no answer where its pattern is none: RFC 9535 has it find nothing, so that "there is none" would hold whatever came. What is no
 * text matches nothing.
 */
function strictly(inner: Matching): Matching {
  inner.throwErrors = true;
  return Object.assign(Object.create(inner) as Matching, {
    call: (text: unknown, pattern: unknown) =>
      typeof text === 'string' && typeof pattern === 'string' && inner.call(text, pattern),
  });
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
