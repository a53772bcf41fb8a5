import type { Refuse } from '../draft.js';
import type { Expected } from '../expected.js';
import { readText, type Predicate } from './predicate.js';

/** Functions of XPath 1.0 by what they give; an expression that is one call of them has that type. */
const functions: Readonly<Record<string, 'text' | 'number' | 'boolean'>> = {
  ...Object.fromEntries(
    [
      'string',
      'concat',
      'name',
      'local-name',
      'normalize-space',
      'substring',
      'substring-after',
      'substring-before',
      'translate',
    ].map((name) => [name, 'text' as const]),
  ),
  ...Object.fromEntries(
    ['ceiling', 'count', 'floor', 'number', 'round', 'string-length', 'sum'].map((name) => [
      name,
      'number' as const,
    ]),
  ),
  ...Object.fromEntries(
    ['boolean', 'contains', 'not', 'starts-with'].map((name) => [name, 'boolean' as const]),
  ),
};

/** What an expression gives: one call of a function has its type, everything else is taken for nodes. */
export function xpathType(source: string): 'text' | 'number' | 'boolean' | 'nodes' | undefined {
  const [, name = ''] = /^\s*([a-z-]+)\s*\(/.exec(source) ?? [];
  if (!Object.hasOwn(functions, name)) return /^\s*(\/|\.|\(\s*\/)/.test(source) ? 'nodes' : undefined;
  const token = /'[^']*'|"[^"]*"|[()]|[^()'"]+/gy;
  let depth = 0;
  let closedAt: number | undefined;
  for (const { 0: found, index } of source.trim().matchAll(token)) {
    if (found === '(') depth++;
    else if (found === ')' && --depth === 0) closedAt ??= index;
  }
  return closedAt === source.trim().length - 1 ? functions[name] : undefined;
}

/** Adds an assert on an XPath. What gives a text, a number or a boolean is compared as it is; nodes are counted. */
export function readXPathAssert(
  { path, counts }: { path: string; counts: boolean },
  predicate: Predicate,
  expected: Expected,
  refuse: Refuse,
  no: () => void,
): void {
  const { name, negated, value } = predicate;
  const type = xpathType(path);
  if (type === undefined)
    return refuse(`an XPath whose type is not plain: ${path}`, 'make it one call or a path');
  if (counts || type === 'number') {
    if (typeof value !== 'number' || (counts && type !== 'nodes')) return no();
    const number = counts ? `count(${path})` : path;
    const operator = name === '==' ? '=' : name;
    if (!['=', '!=', '<', '<=', '>', '>='].includes(operator)) return no();
    return expected.xpath({ path: `${number} ${operator} ${value}`, equals: String(!negated) });
  }
  if (type === 'boolean')
    return name === '==' && typeof value === 'boolean'
      ? expected.xpath({ path, equals: String(value !== negated) })
      : no();
  if (type === 'nodes') {
    if (name === 'exists' && value === undefined) return expected.xpath({ path, exists: !negated });
    if (name === 'isEmpty' && value === undefined) return expected.xpath({ path, exists: negated });
    return refuse(`${name} of a list of nodes: ${path}`, `write string(${path})`);
  }
  readText(
    predicate,
    (operator, text) => {
      if (operator === 'not-equals' && text === '') expected.xpath({ path, matches: '[^]' });
      else if (operator === 'not-equals' || operator === 'not-matches') no();
      else expected.xpath({ path, [operator]: text });
    },
    refuse,
    no,
  );
}
