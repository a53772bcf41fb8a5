import type { Segments } from '../json-condition.js';
import { dotted, memberName, plain, textOf, type AnyNode } from './syntax.js';

/** What an expression of a test script stands for. */
export type Value =
  | { kind: 'status' }
  | { kind: 'time' }
  | { kind: 'text' }
  | { kind: 'response' }
  | { kind: 'header'; name: string }
  | { kind: 'has-header'; name: string }
  | { kind: 'json'; segments: Segments }
  | { kind: 'length'; segments: Segments }
  | { kind: 'variable'; name: string }
  | { kind: 'pattern'; source: string; flags: string }
  | { kind: 'literal'; value: unknown };

/** Values of the names a script has declared. */
export type Names = ReadonlyMap<string, Value>;

const stores = ['environment', 'collectionVariables', 'variables', 'globals'];

/** The value of an expression, or undefined when it is none that a suite knows. */
export function valueOf(wrapped: AnyNode, names: Names): Value | undefined {
  const node = plain(wrapped);
  const literal = literalOf(node);
  if (literal) return literal;
  if (node.type === 'Identifier') return names.get(node.name);
  if (node.type === 'Literal' && node.regex)
    return { kind: 'pattern', source: node.regex.pattern, flags: node.regex.flags };
  if (node.type === 'CallExpression') return callOf(node, names);
  if (node.type !== 'MemberExpression') return undefined;
  const name = memberName(node);
  if (name === undefined) {
    const key = literalOf(node.property);
    return typeof key?.value === 'string' || typeof key?.value === 'number'
      ? child(valueOf(node.object, names), key.value)
      : undefined;
  }
  switch (dotted(node)) {
    case 'pm.response.code':
    case 'responseCode.code':
      return { kind: 'status' };
    case 'pm.response.responseTime':
      return { kind: 'time' };
    case 'pm.response':
      return { kind: 'response' };
    default:
      return child(valueOf(node.object, names), name);
  }
}

/** A part of a value, or undefined when it has none that a suite knows. */
export function child(of: Value | undefined, key: string | number): Value | undefined {
  if (of?.kind !== 'json') return undefined;
  if (key === 'length') return { kind: 'length', segments: of.segments };
  if (typeof key === 'number' && !(Number.isInteger(key) && key >= 0)) return undefined;
  return { kind: 'json', segments: [...of.segments, key] };
}

function callOf(node: AnyNode & { type: 'CallExpression' }, names: Names): Value | undefined {
  const name = dotted(node.callee);
  const [first, ...more] = node.arguments;
  if (more.length > 0) return undefined;
  if (name === 'pm.response.json' && !first) return { kind: 'json', segments: [] };
  if (name === 'pm.response.text' && !first) return { kind: 'text' };
  if (name === 'JSON.parse' && first) {
    const text = dotted(first) === 'responseBody' ? 'text' : valueOf(first, names)?.kind;
    return text === 'text' ? { kind: 'json', segments: [] } : undefined;
  }
  const argument = first && literalOf(first);
  if (argument?.kind !== 'literal' || typeof argument.value !== 'string') return undefined;
  if (name === 'pm.response.headers.has') return { kind: 'has-header', name: argument.value };
  if (name === 'pm.response.headers.get') return { kind: 'header', name: argument.value };
  if (stores.some((store) => name === `pm.${store}.get`)) return { kind: 'variable', name: argument.value };
  return undefined;
}

/**
 * The value of an expression made of literals alone. A suite would fill in what stands between {{ and }}, a script does
 * not.
 */
function literalOf(node: AnyNode): Extract<Value, { kind: 'literal' }> | undefined {
  const literal = (value: unknown) => ({ kind: 'literal', value }) as const;
  const text = textOf(node);
  if (text !== undefined) return text.includes('{{') ? undefined : literal(text);
  switch (node.type) {
    case 'Literal':
      return node.regex || typeof node.value === 'bigint' ? undefined : literal(node.value);
    case 'UnaryExpression': {
      const operand = node.operator === '-' ? literalOf(node.argument) : undefined;
      return typeof operand?.value === 'number' ? literal(-operand.value) : undefined;
    }
    case 'ArrayExpression': {
      const items = node.elements.map((item) => item && literalOf(item));
      return items.every((item) => item !== undefined && item !== null)
        ? literal(items.map(({ value }) => value))
        : undefined;
    }
    case 'ObjectExpression':
      return objectOf(node);
    default:
      return undefined;
  }
}

function objectOf(
  node: AnyNode & { type: 'ObjectExpression' },
): Extract<Value, { kind: 'literal' }> | undefined {
  const entries: [string, unknown][] = [];
  for (const property of node.properties) {
    if (property.type !== 'Property' || property.kind !== 'init') return undefined;
    if (property.computed || property.shorthand || property.method) return undefined;
    const value = literalOf(property.value);
    const key = property.key.type === 'Identifier' ? property.key.name : textOf(property.key);
    if (!value || key === undefined || key.includes('{{')) return undefined;
    entries.push([key, value.value]);
  }
  return { kind: 'literal', value: Object.fromEntries(entries) };
}
