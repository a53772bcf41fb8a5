import type { PlainExpectations } from './schema/expect-schema.js';
import { parseTemplate } from '../values/interpolate.js';
import type { JsonSchemaMatcher } from './schema/matcher-schema.js';
import { probeNameOf } from './schema/probe-schema.js';
import { parseDuration } from '../../../shared/time/duration.js';
import { generators } from '../values/scope.js';
import type { SuiteStep } from './schema/schema.js';

/** A text of the suite in which references may stand, and where it is inside its step. */
export interface TemplateText {
  text: string;
  path: PropertyKey[];
}

/**
 * All texts of a step with references, which are filled in before they are used: not statements, GraphQL documents,
 * paths, selectors and schemas.
 */
export function templatesOf(step: SuiteStep): TemplateText[] {
  return [
    ...textsOfProbe(step),
    ...expectationsOf(step).flatMap(({ expected, at }) => {
      const { json = [], xpath = [], css = [], cookies = {}, ...others } = expected;
      const { 'json-schema': _schema, openapi: _operation, ...rest } = others;
      return [
        ...textsIn(rest, at),
        ...Object.entries(cookies).flatMap(([name, matcher]) => textsIn(matcher, [...at, 'cookies', name])),
        ...json.flatMap(({ path: _path, ...operands }, index) => textsIn(operands, [...at, 'json', index])),
        ...xpath.flatMap(({ path: _path, namespaces: _names, ...operands }, index) =>
          textsIn(operands, [...at, 'xpath', index]),
        ),
        ...css.flatMap(({ selector: _selector, attribute: _attribute, ...operands }, index) =>
          textsIn(operands, [...at, 'css', index]),
        ),
      ];
    }),
    ...capturesOf(step, 'regex'),
  ];
}

function textsOfProbe(step: SuiteStep): TemplateText[] {
  const probe = probeNameOf(step);
  if (step.sql) {
    const { query: _query, ...rest } = step.sql;
    return textsIn(rest, ['sql']);
  }
  if (step.browser) {
    const { 'wait-for': _selector, ...rest } = step.browser;
    return textsIn(rest, ['browser']);
  }
  if (!step.http) return textsIn(step[probe], [probe]);
  const { graphql, multipart, ...rest } = step.http;
  const parts = multipart?.map(({ file: _file, ...part }) => part);
  return [
    ...textsIn({ ...rest, multipart: parts }, ['http']),
    ...textsIn(graphql?.variables, ['http', 'graphql', 'variables']),
  ];
}

/** What a step expects and what must not hold, each with its path. */
function expectationsOf(step: SuiteStep): { expected: PlainExpectations; at: PropertyKey[] }[] {
  const { not, ...expected } = step.expect;
  return [{ expected, at: ['expect'] }, ...(not ? [{ expected: not, at: ['expect', 'not'] }] : [])];
}

function capturesOf(step: SuiteStep, key: 'json' | 'regex' | 'xpath' | 'css'): TemplateText[] {
  return Object.entries(step.capture ?? {}).flatMap(([name, rule]) => {
    const text = rule[key];
    return text === undefined ? [] : [{ text, path: ['capture', name, key] }];
  });
}

/** A text inside a JSONPath. */
const quoted = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g;

/** Numbers anywhere in what a step sends or compares with. */
export function numbersOf(step: SuiteStep): { value: number; path: PropertyKey[] }[] {
  const found: { value: number; path: PropertyKey[] }[] = [];
  const visit = (value: unknown, path: PropertyKey[]) =>
    walk(value, path, (part, at) => {
      if (typeof part === 'number') found.push({ value: part, path: [...at] });
    });
  visit(step.http?.json, ['http', 'json']);
  visit(step.http?.graphql?.variables, ['http', 'graphql', 'variables']);
  visit(step.sql?.params, ['sql', 'params']);
  for (const { expected, at } of expectationsOf(step)) {
    visit(expected.json, [...at, 'json']);
    visit(expected.sql, [...at, 'sql']);
    walk(expected['json-schema']?.schema, [...at, 'json-schema', 'schema'], (part, path, key) => {
      if (key === 'const' || key === 'enum') visit(part, [...path]);
    });
  }
  for (const { text, path } of pathsOf(step))
    for (const [digits] of text.replace(quoted, '').matchAll(/(?<![\w.])\d{16,}(?![\d.])/g))
      found.push({ value: Number(digits), path });
  return found;
}

/** All regular expressions of a step, with something harmless for each reference so that the rest can be checked. */
export function patternsOf(step: SuiteStep): TemplateText[] {
  const found: TemplateText[] = capturesOf(step, 'regex');
  for (const { expected, at } of expectationsOf(step)) {
    const { json = [], sql: _sql, 'json-schema': _schema, ...rest } = expected;
    walk(rest, [...at], (part, path, key) => {
      const isPattern = key === 'matches' || (typeof key === 'number' && path.at(-2) === 'matches');
      if (isPattern && typeof part === 'string') found.push({ text: part, path: [...path] });
    });
    // The values that JSON is compared with may have such a key of their own.
    for (const [index, { matches }] of json.entries())
      if (matches !== undefined) found.push({ text: matches, path: [...at, 'json', index, 'matches'] });
  }
  return found.flatMap(({ text, path }) => {
    const template = parseTemplate(text);
    if (!template.ok) return [];
    return [{ path, text: template.parts.map((part) => ('literal' in part ? part.literal : 'x')).join('') }];
  });
}

/** All JSONPaths of a step. */
export function pathsOf(step: SuiteStep): TemplateText[] {
  const expected = expectationsOf(step).flatMap(({ expected: { json = [] }, at }) =>
    json.map(({ path }, index) => ({ text: path, path: [...at, 'json', index, 'path'] })),
  );
  return [...expected, ...capturesOf(step, 'json')];
}

/** All XPaths and CSS selectors of a step; `extra` are the namespaces of an XPath. */
export function markupOf(
  step: SuiteStep,
): (TemplateText & { kind: 'xpath' | 'css'; extra?: Readonly<Record<string, string>> | undefined })[] {
  return [
    ...expectationsOf(step).flatMap(({ expected: { xpath = [], css = [] }, at }) => [
      ...xpath.map(({ path, namespaces }, index) => ({
        kind: 'xpath' as const,
        text: path,
        extra: namespaces,
        path: [...at, 'xpath', index, 'path'],
      })),
      ...css.map(({ selector }, index) => ({
        kind: 'css' as const,
        text: selector,
        path: [...at, 'css', index, 'selector'],
      })),
    ]),
    ...(['xpath', 'css'] as const).flatMap((kind) =>
      capturesOf(step, kind).map((text) => ({ kind, ...text })),
    ),
  ];
}

/** All JSON Schemas of a step. */
export function schemasOf(step: SuiteStep): { matcher: JsonSchemaMatcher; path: PropertyKey[] }[] {
  return expectationsOf(step).flatMap(({ expected, at }) => {
    const matcher = expected['json-schema'];
    return matcher
      ? [{ matcher, path: [...at, 'json-schema', matcher.file === undefined ? 'schema' : 'file'] }]
      : [];
  });
}

/** Something that reads as a reference. */
const referred = /\{\{\s*[A-Za-z_][\w.-]*\s*(\|\s*\w+\s*)?\}\}/;

/** The operations of the OpenAPI document that a step's answers are compared with. */
export function operationsOf(step: SuiteStep): TemplateText[] {
  return expectationsOf(step).flatMap(({ expected: { openapi }, at }) =>
    openapi === undefined ? [] : [{ text: openapi, path: [...at, 'openapi'] }],
  );
}

/** What reads as a reference where none is filled in: everything in it would be taken as it is written. */
export function literalReferences(value: unknown, path: PropertyKey[]): (TemplateText & { got: string })[] {
  return textsIn(value, path).flatMap((found) => {
    const [got] = referred.exec(found.text) ?? [];
    return got === undefined ? [] : [{ ...found, got }];
  });
}

/** Texts of a step that look as if references in them were filled in, and are not; `fix` says what takes the value. */
export function unfilledOf(step: SuiteStep): { got: string; path: PropertyKey[]; fix: string }[] {
  const { name: _name, todo: _todo, sql, http, ...rest } = step;
  const filled = new Set(templatesOf(step).map(keyOf));
  return [
    ...[
      { text: sql?.query, path: ['sql', 'query'], fix: 'put the value into params' },
      { text: http?.graphql?.query, path: ['http', 'graphql', 'query'], fix: 'put the value into variables' },
    ]
      .filter(({ text }) => text?.includes('{{'))
      .map(({ path, fix }) => ({ got: '{{', path, fix })),
    ...literalReferences({ http: http && { ...http, graphql: { ...http.graphql, query: '' } }, ...rest }, [])
      .filter((found) => !filled.has(keyOf(found)))
      .map(({ got, path }) => {
        const isCompared = path[0] === 'expect' && !path.includes('cookies');
        const fix = isCompared ? 'compare values with equals, contains or matches' : 'write it out';
        return { got, path, fix };
      }),
  ];
}

function keyOf({ text, path }: TemplateText): string {
  return JSON.stringify([text, path]);
}

/** Whether a reference is to a generated value, labelled or not. */
export function isGenerated(reference: string): boolean {
  const [kind = '', label] = reference.split('.');
  if (!(generators as readonly string[]).includes(kind)) return false;
  const isTime = ['timestamp', 'today', 'epoch', 'epoch-ms'].includes(kind);
  return !isTime || label === undefined || parseDuration(label) !== undefined;
}

/** The texts and keys inside a value in which a reference begins; others need no filling in. */
function textsIn(value: unknown, path: PropertyKey[]): TemplateText[] {
  const found: TemplateText[] = [];
  walk(value, [...path], (part, at, key) => {
    if (typeof key === 'string' && key.includes('{{')) found.push({ text: key, path: [...at] });
    if (typeof part === 'string' && part.includes('{{')) found.push({ text: part, path: [...at] });
  });
  return found;
}

/** Shows a value and everything inside it, each with its path, which is only lent, and with its key. */
function walk(
  value: unknown,
  path: PropertyKey[],
  see: (part: unknown, path: readonly PropertyKey[], key?: PropertyKey) => void,
  key?: PropertyKey,
): void {
  see(value, path, key);
  if (value === null || typeof value !== 'object') return;
  for (const key of Object.keys(value)) {
    const name = Array.isArray(value) ? Number(key) : key;
    path.push(name);
    walk((value as Record<string, unknown>)[key], path, see, name);
    path.pop();
  }
}

/** All references a step makes, as written. */
export function referencesOf(step: SuiteStep): string[] {
  return templatesOf(step).flatMap(({ text }) => {
    const template = parseTemplate(text);
    return template.ok ? template.parts.flatMap((part) => ('reference' in part ? [part.reference] : [])) : [];
  });
}
