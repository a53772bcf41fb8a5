import type { CompiledPath } from '../../../shared/probes/evaluators/json-path.js';
import type { CompiledSchema } from '../../../shared/probes/evaluators/json-schema.js';
import type { CompiledQuery, MarkupEngine } from '../../../shared/probes/evaluators/markup.js';
import type { CompiledOperation, OpenApi } from '../../../shared/probes/evaluators/openapi.js';
import type { LoadedSuite } from '../suite/loaded-suite.js';
import type { CompiledEvaluators, Page, ReadMarkup } from '../judge/judging.js';
import type { JsonSchemaMatcher } from '../suite/schema/matcher-schema.js';
import { operationsOf, pathsOf } from '../suite/references.js';
import type { SuiteStep } from '../suite/schema/schema.js';

/** The engines that a suite needs; what it does not use is not loaded. */
export interface Engines {
  jsonPath?: (source: string) => CompiledPath;
  markup?: MarkupEngine;
  jsonSchema?: (schema: unknown) => CompiledSchema;
  openApi?: OpenApi;
}

/** Compiles what people wrote, each text once, and says what is wrong with it. */
export interface Evaluators {
  path(source: string): CompiledPath;
  xpath(source: string, namespaces?: Readonly<Record<string, string>>): CompiledQuery;
  selector(source: string, attribute?: string): CompiledQuery;
  schema(matcher: JsonSchemaMatcher): CompiledSchema;
  /** An operation of the suite's OpenAPI document; undefined when it has none. */
  operation(name: string): CompiledOperation | undefined;
  compiled: CompiledEvaluators;
}

/** Which engines a suite needs. */
export function enginesOf(suite: LoadedSuite): Record<keyof Engines, boolean> {
  const steps = suite.groups.flatMap(({ lists }) => lists.flatMap(({ steps }) => steps));
  const expects = (key: 'json-schema' | 'xpath' | 'css') => (step: SuiteStep) =>
    step.expect[key] !== undefined || step.expect.not?.[key] !== undefined;
  const captures = (key: 'xpath' | 'css') => (step: SuiteStep) =>
    Object.values(step.capture ?? {}).some((rule) => rule[key] !== undefined);
  return {
    jsonPath: steps.some((step) => pathsOf(step).length > 0),
    markup: steps.some((step) =>
      (['xpath', 'css'] as const).some((key) => expects(key)(step) || captures(key)(step)),
    ),
    jsonSchema: steps.some(expects('json-schema')),
    openApi: steps.some((step) => operationsOf(step).length > 0),
  };
}

/** Evaluators of a suite; `schemas` are the JSON Schemas by the matcher that names them. */
export function createEvaluators(
  engines: Engines,
  schemas: ReadonlyMap<JsonSchemaMatcher, unknown>,
): Evaluators {
  const path = once(
    (source: string) => need(engines.jsonPath)(source),
    (source) => source,
  );
  const xpath = once(
    (source: string, namespaces?: Readonly<Record<string, string>>) =>
      need(engines.markup).xpath(source, namespaces),
    (source, namespaces) => JSON.stringify([source, namespaces]),
  );
  const selector = once(
    (source: string, attribute?: string) => need(engines.markup).css(source, attribute),
    (source, attribute) => JSON.stringify([source, attribute]),
  );
  const schema = once(
    (matcher: JsonSchemaMatcher) => need(engines.jsonSchema)(schemas.get(matcher)),
    (matcher) => matcher,
  );
  const operation = once(
    (name: string) => engines.openApi?.operation(name),
    (name) => name,
  );
  const documents = new WeakMap<Page, ReadMarkup>();
  const markupOf = (answer: Page): ReadMarkup => {
    const known = documents.get(answer);
    if (known) return known;
    const doubt = answer.doubt?.();
    const html = answer.probe === 'browser' ? answer.html() : undefined;
    const read: ReadMarkup =
      doubt === undefined
        ? html === undefined
          ? need(engines.markup).parse(answer.text(), answer.headers['content-type']?.at(-1))
          : need(engines.markup).parse(html, 'text/html')
        : { ok: false, reason: doubt };
    documents.set(answer, read);
    return read;
  };
  return {
    path,
    xpath,
    selector,
    schema,
    operation,
    compiled: {
      pathOf: (source) => sure(path(source)).path,
      xpathOf: (source, namespaces) => sure(xpath(source, namespaces)).query,
      selectorOf: (source, attribute) => sure(selector(source, attribute)).query,
      schemaOf: (matcher) => sure(schema(matcher)).schema,
      operationOf: (name) => sure(operation(name)!).operation,
      markupOf,
    },
  };
}

function once<Args extends unknown[], T>(compile: (...args: Args) => T, keyOf: (...args: Args) => unknown) {
  const made = new Map<unknown, T>();
  return (...args: Args): T => {
    const key = keyOf(...args);
    const known = made.get(key);
    if (known !== undefined) return known;
    const compiled = compile(...args);
    made.set(key, compiled);
    return compiled;
  };
}

function need<T>(engine: T | undefined): T {
  if (engine === undefined) throw new Error('an evaluator was used that was not loaded');
  return engine;
}

/** What a plan holds was compiled before, when the suite was checked. */
function sure<T extends { ok: boolean }>(compiled: T): Extract<T, { ok: true }> {
  if (!compiled.ok) throw new Error('something was judged by what does not compile');
  return compiled as Extract<T, { ok: true }>;
}
