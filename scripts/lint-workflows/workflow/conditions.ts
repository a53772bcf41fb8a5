import { falsy } from '@actions/expressions/result';
import { FunctionCall } from '@actions/expressions/ast';
import { childrenOf, parseCondition, type Expr } from './expression.js';
import { reduce } from './reduce.js';
import type { YamlNode } from './yaml-node.js';

/** How the jobs that a job needs have ended. */
export interface NeedsEnded {
  readonly success: boolean;
  readonly failure: boolean;
  readonly cancelled: boolean;
}

/** Whether a job with this `if:` is surely left out when its needs ended so; unknown counts as no. */
export function isSurelySkipped(condition: YamlNode | undefined, ended: NeedsEnded): boolean {
  const text = condition?.text?.trim() ?? '';
  if (text === '') return !ended.success;
  const expr = parseCondition(text);
  if (expr === undefined) return false;
  if (!ended.success && !callsStatus(expr)) return true;
  const term = reduce(expr, {
    context: () => undefined,
    status: (name) => (name === 'always' ? true : { ...ended }[name as keyof NeedsEnded]),
  });
  return 'known' in term && falsy(term.known);
}

const statusFunctions = ['success', 'failure', 'cancelled', 'always'];

/** Without one of these functions GitHub reads `if: x` as `if: success() && (x)`. */
function callsStatus(expr: Expr): boolean {
  return (
    (expr instanceof FunctionCall && statusFunctions.includes(expr.functionName.lexeme.toLowerCase())) ||
    childrenOf(expr).some(callsStatus)
  );
}
