import { data, Evaluator, wellKnownFunctions, type Expr } from '@actions/expressions';
import {
  Binary,
  ContextAccess,
  FunctionCall,
  Grouping,
  IndexAccess,
  Literal,
  Logical,
  Star,
  Unary,
} from '@actions/expressions/ast';
import { falsy, truthy } from '@actions/expressions/result';
import { parseText } from './expression.js';
import type { ScalarValue } from './yaml-node.js';

/** What is known of a value before a run: the value itself, or a canonical text that is equal for equal values. */
export type Term = { readonly known: data.ExpressionData } | { readonly open: string };

/** What an expression may know: values by their path (`inputs.environment`) and answers of status functions. */
export interface Scope {
  /** Undefined keeps the path open under its own name. Paths come in lower case. */
  context(path: string): Term | undefined;
  /** Answer of `success`, `failure`, `cancelled` or `always`. */
  status?(name: string): boolean | undefined;
}

export const known = (value: ScalarValue): Term => ({ known: toData(value) });
export const open = (text: string): Term => ({ open: text });

function toData(value: ScalarValue): data.ExpressionData {
  if (value === null) return new data.Null();
  if (typeof value === 'boolean') return new data.BooleanData(value);
  if (typeof value === 'number') return new data.NumberData(value);
  return new data.StringData(value);
}

/** `inputs.environment` of a context access with constant keys, in lower case; undefined for any other expression. */
export function pathOf(expr: Expr): string | undefined {
  if (expr instanceof Grouping) return pathOf(expr.group);
  if (expr instanceof ContextAccess) return expr.name.lexeme.toLowerCase();
  if (!(expr instanceof IndexAccess)) return undefined;
  const left = pathOf(expr.expr);
  if (left === undefined) return undefined;
  const key = expr.index instanceof Literal ? expr.index.literal.coerceString().toLowerCase() : '*';
  return expr.index instanceof Literal || expr.index instanceof Star ? `${left}.${key}` : undefined;
}

/** Reduces an expression as far as the scope allows, by GitHub's own evaluator. */
export function reduce(expr: Expr, scope: Scope): Term {
  if (expr instanceof Literal) return { known: expr.literal };
  if (expr instanceof Grouping) return reduce(expr.group, scope);
  if (expr instanceof ContextAccess || expr instanceof IndexAccess) return reduceAccess(expr, scope);
  if (expr instanceof Logical) return reduceLogical(expr, scope);
  if (expr instanceof Unary) {
    const term = reduce(expr.expr, scope);
    return evaluated([term], ([arg]) => new Unary(expr.operator, arg!)) ?? open(`!${textOf(term)}`);
  }
  if (expr instanceof Binary) {
    const terms = [reduce(expr.left, scope), reduce(expr.right, scope)];
    return (
      evaluated(terms, ([left, right]) => new Binary(left!, expr.operator, right!)) ??
      open(`(${terms.map(textOf).join(expr.operator.lexeme)})`)
    );
  }
  if (expr instanceof FunctionCall) return reduceCall(expr, scope);
  return open(expr.constructor.name);
}

function reduceAccess(expr: ContextAccess | IndexAccess, scope: Scope): Term {
  const path = pathOf(expr);
  if (path !== undefined) return scope.context(path) ?? open(path);
  if (expr instanceof ContextAccess) return open(expr.name.lexeme.toLowerCase());
  const terms = [reduce(expr.expr, scope), reduce(expr.index, scope)];
  return (
    evaluated(terms, ([left, index]) => new IndexAccess(left!, index!)) ??
    open(`${textOf(terms[0]!)}[${textOf(terms[1]!)}]`)
  );
}

function reduceLogical(expr: Logical, scope: Scope): Term {
  const isOr = expr.operator.lexeme === '||';
  const rest: string[] = [];
  let last: Term = known(!isOr);
  for (const arg of expr.args) {
    last = reduce(arg, scope);
    if ('open' in last) rest.push(last.open);
    else if (isOr ? truthy(last.known) : falsy(last.known)) {
      // What follows is never looked at. What stands before is open: only `false && x` and `true || x` are sure then.
      if (rest.length === 0 || last.known instanceof data.BooleanData) return last;
      rest.push(textOf(last));
      break;
    }
  }
  if (rest.length === 0) return last;
  return open(rest.length === 1 && 'open' in last ? rest[0]! : `(${rest.join(expr.operator.lexeme)})`);
}

function reduceCall(expr: FunctionCall, scope: Scope): Term {
  const name = expr.functionName.lexeme.toLowerCase();
  const status = expr.args.length === 0 ? scope.status?.(name) : undefined;
  if (status !== undefined) return known(status);
  const terms = expr.args.map((arg) => reduce(arg, scope));
  const plain = `${name}(${terms.map(textOf).join(',')})`;
  if (!(name in wellKnownFunctions)) return open(plain);
  return evaluated(terms, (args) => new FunctionCall(expr.functionName, args)) ?? open(plain);
}

/** Evaluates an expression of known terms; undefined if one is open or the evaluator refuses it. */
function evaluated(terms: readonly Term[], build: (args: Expr[]) => Expr): Term | undefined {
  const args: Expr[] = [];
  for (const term of terms) {
    if ('open' in term) return undefined;
    // The token only serves error messages of the parser, which is past.
    args.push(new Literal(term.known, undefined as never));
  }
  try {
    return { known: new Evaluator(build(args), new data.Dictionary()).evaluate() };
  } catch {
    return undefined;
  }
}

function textOf(term: Term): string {
  return 'open' in term ? term.open : JSON.stringify(term.known.coerceString());
}

/** Reduces a text with `${{ }}`: a single expression keeps its type, anything else is a text. */
export function reduceText(text: string, scope: Scope): Term {
  const parts = parseText(text);
  if (parts === undefined) return open(text);
  const terms = parts.map((part) => (typeof part === 'string' ? known(part) : reduce(part, scope)));
  if (terms.length === 1) return terms[0]!;
  const texts = terms.map((term) => ('open' in term ? undefined : term.known.coerceString()));
  if (texts.every((part) => part !== undefined)) return known(texts.join(''));
  return open(
    terms.map((term) => ('open' in term ? `\${${term.open}}` : term.known.coerceString())).join(''),
  );
}
