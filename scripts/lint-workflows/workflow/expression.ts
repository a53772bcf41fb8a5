import { Lexer, Parser, type Expr } from '@actions/expressions';
import { Binary, FunctionCall, Grouping, IndexAccess, Logical, Unary } from '@actions/expressions/ast';

export type { Expr };

/** A text with `${{ }}` in it: literal text and expressions in their order. */
export type Part = string | Expr;

const contexts = [
  'github',
  'inputs',
  'vars',
  'secrets',
  'needs',
  'strategy',
  'matrix',
  'steps',
  'job',
  'jobs',
  'runner',
  'env',
];

const functions = ['success', 'failure', 'cancelled', 'always', 'hashFiles'].map((name) => ({
  name,
  minArgs: 0,
  maxArgs: 255,
}));

/** Reads one expression; undefined for what the language does not know, which the other tools report. */
export function parseExpression(source: string): Expr | undefined {
  try {
    return new Parser(new Lexer(source).lex().tokens, contexts, functions).parse();
  } catch {
    return undefined;
  }
}

/** Splits a text at its expressions; undefined if one cannot be read. */
export function parseText(text: string): readonly Part[] | undefined {
  const parts: Part[] = [];
  let at = 0;
  for (;;) {
    const open = text.indexOf('${{', at);
    if (open < 0) break;
    if (open > at) parts.push(text.slice(at, open));
    const close = closingOf(text, open + 3);
    const expression = close < 0 ? undefined : parseExpression(text.slice(open + 3, close));
    if (expression === undefined) return undefined;
    parts.push(expression);
    at = close + 2;
  }
  if (at < text.length) parts.push(text.slice(at));
  return parts;
}

/** Reads an `if:`, where `${{ }}` may be left out; undefined if it has text around an expression or cannot be read. */
export function parseCondition(text: string): Expr | undefined {
  const trimmed = text.trim();
  if (!trimmed.includes('${{')) return parseExpression(trimmed);
  const parts = parseText(trimmed);
  const [only] = parts ?? [];
  return parts?.length === 1 && typeof only === 'object' ? only : undefined;
}

/** The expressions an expression is made of. */
export function childrenOf(expr: Expr): readonly Expr[] {
  if (expr instanceof FunctionCall || expr instanceof Logical) return expr.args;
  if (expr instanceof Grouping) return [expr.group];
  if (expr instanceof Unary) return [expr.expr];
  if (expr instanceof Binary) return [expr.left, expr.right];
  return expr instanceof IndexAccess ? [expr.expr, expr.index] : [];
}

/** Index of the `}}` that closes an expression, minding quoted texts; -1 if there is none. */
function closingOf(text: string, from: number): number {
  let quoted = false;
  for (let at = from; at < text.length; at++) {
    if (text[at] === "'") quoted = !quoted;
    else if (!quoted && text.startsWith('}}', at)) return at;
  }
  return -1;
}
