import { escapePattern } from '../../../shared/probes/evaluators/pattern.js';
import type { Refuse } from '../draft.js';
import type { Expected } from '../expected.js';
import { pathText, singularPath, type Segments } from '../json-condition.js';
import { soundsSecret } from '../names.js';
import { suitePattern } from './predicate.js';
import { queryOf, tokensOf, type Token } from './tokens.js';
import { xpathType } from './xpath-asserts.js';

/** A capture as the suite writes it. */
type Rule = Readonly<Record<string, unknown>>;

/** What has been taken of an answer so far. */
type Taken =
  /** The value at a path of JSON, which may be no text. */
  | { kind: 'json'; segments: Segments }
  | { kind: 'body' }
  /** A text, which is one only if the value at the path of JSON is. */
  | { kind: 'text'; rule: Rule; path?: string }
  /** The parts of a text between separators. */
  | { kind: 'parts'; rule: Rule; separator: string; path?: string };

interface Filter {
  name: string;
  operand: Token | undefined;
}

/** A capture with its filters; undefined where it has no counterpart. */
export function readCapture(
  text: string,
  expected: Expected,
  refuse: Refuse,
): { name: string; rule: Record<string, unknown> } | 'refused' | undefined {
  const [, name, query] = /^([\w-]+)[ \t]*:(.*)$/.exec(text) ?? [];
  const read = queryOf(tokensOf(query ?? '') ?? []);
  if (name === undefined || !read || read.argument?.includes('{{')) return undefined;
  const filters = filtersOf(read.rest);
  let taken = filters && start(read.name, read.argument ?? '', refuse);
  for (const filter of filters ?? []) {
    if (taken === undefined || taken === 'refused') return taken;
    if (filter.name !== 'redact') taken = filtered(taken, filter, refuse);
  }
  if (taken === undefined || taken === 'refused') return taken;
  const rule = ruleOf(taken);
  if (!rule) return undefined;
  // A pattern looks at texts alone there, where a suite would take the text of any value.
  if (taken.kind === 'text' && taken.path !== undefined) expected.json({ path: taken.path, type: 'string' });
  const isSecret = filters!.some((filter) => filter.name === 'redact') || soundsSecret(name);
  return { name, rule: { ...rule, ...(isSecret ? { secret: true } : {}) } };
}

/** Filters by name, each with the operand that it may have. */
function filtersOf(tokens: readonly Token[]): Filter[] | undefined {
  const filters: Filter[] = [];
  for (const token of tokens) {
    const last = filters.at(-1);
    if (token.kind === 'word') filters.push({ name: token.text, operand: undefined });
    else if (!last || last.operand) return undefined;
    else last.operand = token;
  }
  return filters;
}

function start(query: string, argument: string, refuse: Refuse): Taken | 'refused' | undefined {
  switch (query) {
    case 'jsonpath': {
      const segments = singularPath(argument);
      return segments && { kind: 'json', segments };
    }
    case 'header':
      return { kind: 'text', rule: { header: argument } };
    case 'cookie': {
      const [, cookie] = /^([^[\]]+)(?:\[Value\])?$/.exec(argument) ?? [];
      return cookie === undefined ? undefined : { kind: 'text', rule: { cookie } };
    }
    case 'regex':
      return byGroup({}, argument, refuse);
    case 'body':
      return { kind: 'body' };
    case 'xpath':
      return xpathType(argument) === 'text' ? { kind: 'text', rule: { xpath: argument } } : undefined;
    default:
      return undefined;
  }
}

function filtered(taken: Taken, { name, operand }: Filter, refuse: Refuse): Taken | 'refused' | undefined {
  const text = operand?.kind === 'string' || operand?.kind === 'pattern' ? operand.text : undefined;
  const index =
    name === 'first'
      ? 0
      : name === 'nth' && operand?.kind === 'number' && operand.unit === ''
        ? operand.value
        : undefined;
  const isLast = name === 'last';
  if (text?.includes('{{')) return undefined;
  if (taken.kind === 'body' && (name === 'jsonpath' || name === 'xpath') && text !== undefined)
    return start(name, text, refuse);
  if (taken.kind === 'json' && (isLast || (index !== undefined && index >= 0)))
    return { kind: 'json', segments: [...taken.segments, isLast ? -1 : index!] };
  if (taken.kind === 'parts') {
    if (!isLast && (index === undefined || index < 0)) return undefined;
    const { separator, rule, ...rest } = taken;
    const regex = partPattern(separator, isLast ? undefined : index);
    return { ...rest, kind: 'text', rule: { ...rule, regex } };
  }
  const source = textOf(taken);
  if (!source) return undefined;
  if (name === 'regex' && text !== undefined) return byGroup(source.rule, text, refuse, source.path);
  if (name === 'split' && operand?.kind === 'string' && operand.text !== '')
    return { kind: 'parts', ...source, separator: escapePattern(operand.text) };
  // What a text becomes as text is itself.
  return name === 'toString' && taken.kind === 'text' ? taken : undefined;
}

/** What a pattern can look into: it looks once. */
function textOf(taken: Taken): { rule: Rule; path?: string } | undefined {
  if (taken.kind === 'body') return { rule: {} };
  if (taken.kind === 'json') {
    const path = pathText(taken.segments);
    return { rule: { json: path }, path };
  }
  if (taken.kind !== 'text' || taken.rule['regex'] !== undefined) return undefined;
  return taken.path === undefined ? { rule: taken.rule } : { rule: taken.rule, path: taken.path };
}

/** The first group of a pattern. */
function byGroup(rule: Rule, source: string, refuse: Refuse, path?: string): Taken | 'refused' | undefined {
  if (!/(?<!\\)\((?!\?)/.test(source)) return undefined;
  const pattern = suitePattern(source);
  if (pattern.ok)
    return {
      kind: 'text',
      rule: { ...rule, regex: pattern.source },
      ...(path === undefined ? {} : { path }),
    };
  refuse(`a regular expression ${pattern.reason}`, pattern.fix);
  return 'refused';
}

/** One part of a text between separators, by its index or the last one, as the first group. */
function partPattern(separator: string, index: number | undefined): string {
  const part = `(?:(?!${separator})[^])*`;
  if (index === undefined) return `(?:^|${separator})(${part})$`;
  return `^(?:${part}${separator}){${index}}(${part})`;
}

function ruleOf(taken: Taken): Rule | undefined {
  switch (taken.kind) {
    case 'json':
      return { json: pathText(taken.segments) };
    case 'body':
      return { regex: '^[^]*$' };
    case 'text':
      return taken.rule;
    case 'parts':
      return undefined;
  }
}
