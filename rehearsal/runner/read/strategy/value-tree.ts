import type { PlainValue } from '../expression/expression-data.js';
import { evaluateValue, type Scope, type Template } from '../expression/expressions.js';
import type { Position } from '../expression/positions.js';
import type { WorkflowReader } from '../workflow-reader.js';

/** A YAML value with expressions in its texts. */
export type ValueTree =
  | { template: Template }
  | { list: ValueTree[] }
  | { map: [key: string, value: ValueTree][] }
  | { literal: PlainValue };

/** Reads all expressions of a YAML value and notes what is wrong with them. */
export function readTree(
  reader: WorkflowReader,
  at: PropertyKey[],
  value: unknown,
  position: Position,
): ValueTree {
  if (typeof value === 'string' && value.includes('${{'))
    return { template: reader.template(at, value, position) };
  if (Array.isArray(value))
    return { list: value.map((item, index) => readTree(reader, [...at, index], item, position)) };
  if (typeof value === 'object' && value !== null) {
    return {
      map: Object.entries(value).map(([key, item]) => [key, readTree(reader, [...at, key], item, position)]),
    };
  }
  return { literal: (value ?? null) as PlainValue };
}

export function evaluateTree(tree: ValueTree, scope: Scope): PlainValue {
  if ('template' in tree) return evaluateValue(tree.template, scope);
  if ('list' in tree) return tree.list.map((item) => evaluateTree(item, scope));
  if ('map' in tree)
    return Object.fromEntries(tree.map.map(([key, item]) => [key, evaluateTree(item, scope)]));
  return tree.literal;
}

/** Whether a value is known without a run. */
export function isLiteral(tree: ValueTree): boolean {
  if ('template' in tree) return false;
  if ('list' in tree) return tree.list.every(isLiteral);
  return !('map' in tree) || tree.map.every(([, item]) => isLiteral(item));
}
