import ts from 'typescript';
import type { Segments } from '../json-condition.js';

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
export function valueOf(node: ts.Expression, names: Names): Value | undefined {
  if (ts.isParenthesizedExpression(node)) return valueOf(node.expression, names);
  const literal = literalOf(node);
  if (literal) return literal;
  if (ts.isIdentifier(node)) return names.get(node.text);
  if (ts.isRegularExpressionLiteral(node)) {
    const [, source = '', flags = ''] = /^\/([^]*)\/(\w*)$/.exec(node.text) ?? [];
    return { kind: 'pattern', source, flags };
  }
  if (ts.isCallExpression(node)) return callOf(node, names);
  if (ts.isElementAccessExpression(node)) {
    const key = literalOf(node.argumentExpression);
    if (key?.kind !== 'literal') return undefined;
    return typeof key.value === 'string' || typeof key.value === 'number'
      ? child(valueOf(node.expression, names), key.value)
      : undefined;
  }
  if (!ts.isPropertyAccessExpression(node)) return undefined;
  switch (dotted(node)) {
    case 'pm.response.code':
    case 'responseCode.code':
      return { kind: 'status' };
    case 'pm.response.responseTime':
      return { kind: 'time' };
    case 'pm.response':
      return { kind: 'response' };
    default:
      return child(valueOf(node.expression, names), node.name.text);
  }
}

/** A part of a value, or undefined when it has none that a suite knows. */
export function child(of: Value | undefined, key: string | number): Value | undefined {
  if (of?.kind !== 'json') return undefined;
  if (key === 'length') return { kind: 'length', segments: of.segments };
  if (typeof key === 'number' && !(Number.isInteger(key) && key >= 0)) return undefined;
  return { kind: 'json', segments: [...of.segments, key] };
}

function callOf(node: ts.CallExpression, names: Names): Value | undefined {
  const name = dotted(node.expression);
  const [first, ...more] = node.arguments;
  if (more.length > 0) return undefined;
  if (name === 'pm.response.json' && !first) return { kind: 'json', segments: [] };
  if (name === 'pm.response.text' && !first) return { kind: 'text' };
  if (name === 'JSON.parse' && first) {
    const text =
      ts.isIdentifier(first) && first.text === 'responseBody' ? 'text' : valueOf(first, names)?.kind;
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
function literalOf(node: ts.Expression): Extract<Value, { kind: 'literal' }> | undefined {
  const literal = (value: unknown) => ({ kind: 'literal', value }) as const;
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node))
    return node.text.includes('{{') ? undefined : literal(node.text);
  if (ts.isNumericLiteral(node)) return literal(Number(node.text));
  if (node.kind === ts.SyntaxKind.TrueKeyword) return literal(true);
  if (node.kind === ts.SyntaxKind.FalseKeyword) return literal(false);
  if (node.kind === ts.SyntaxKind.NullKeyword) return literal(null);
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken) {
    const operand = literalOf(node.operand);
    return typeof operand?.value === 'number' ? literal(-operand.value) : undefined;
  }
  if (ts.isArrayLiteralExpression(node)) {
    const items = node.elements.map(literalOf);
    return items.every((item) => item !== undefined) ? literal(items.map((item) => item.value)) : undefined;
  }
  if (!ts.isObjectLiteralExpression(node)) return undefined;
  const entries: [string, unknown][] = [];
  for (const property of node.properties) {
    if (!ts.isPropertyAssignment(property)) return undefined;
    const value = literalOf(property.initializer);
    const key =
      ts.isIdentifier(property.name) || ts.isStringLiteral(property.name) ? property.name.text : undefined;
    if (!value || key === undefined || key.includes('{{')) return undefined;
    entries.push([key, value.value]);
  }
  return literal(Object.fromEntries(entries));
}

/** `a.b.c` of a chain of plain names, or undefined. */
export function dotted(node: ts.Node): string | undefined {
  if (ts.isIdentifier(node)) return node.text;
  if (!ts.isPropertyAccessExpression(node)) return undefined;
  const left = dotted(node.expression);
  return left === undefined ? undefined : `${left}.${node.name.text}`;
}
