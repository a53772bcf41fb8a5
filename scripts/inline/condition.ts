import type { YAMLMap } from 'yaml';
import { allOf, callsStatus, parseExpression, print, resolve, type Expression } from './expression.js';
import { textAt } from './nodes.js';
import { readTemplate } from './template.js';

/** What stands for a part of an expression in the workflow that is written; undefined: the part itself. */
export type Replace = (part: Expression) => Expression | undefined;

export const isConstant = (
  expression: Expression | undefined,
): expression is Expression & { is: 'literal' } => expression?.is === 'literal';

/** The condition under `if`, with or without `${{ }}`. */
export function conditionOf(node: YAMLMap, replace: Replace): Expression | undefined {
  const text = textAt(node, 'if')?.trim();
  if (text === undefined) return undefined;
  const [part, ...more] = text.includes('${{') ? readTemplate(text) : [parseExpression(text)];
  if (typeof part !== 'object' || more.length > 0)
    throw new Error(`"if: ${text}" is always true: write one expression`);
  return resolve(part, replace, true);
}

/** Both conditions; what GitHub adds to a condition without a status function is part of it. */
export function both(outer: Expression | undefined, own: Expression | undefined): Expression | undefined {
  if (own === undefined || (print(own) === '!cancelled()' && (!outer || callsStatus(outer)))) return outer;
  const succeeded = callsStatus(own) && !(outer && callsStatus(outer)) ? [parseExpression('success()')] : [];
  return allOf([...succeeded, ...(outer ? [outer] : []), own]);
}

export function setIf(node: YAMLMap, condition: Expression | undefined): void {
  if (condition) node.set('if', `\${{ ${print(condition)} }}`);
  else node.delete('if');
}
