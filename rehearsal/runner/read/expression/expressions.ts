import { data, Evaluator, Lexer, Parser } from '@actions/expressions';
import { messageOf } from '../../message-of.js';
import {
  ContextDictionary,
  toExpressionData,
  toPlainValue,
  type ContextValue,
  type PlainValue,
} from './expression-data.js';
import type { Position } from './positions.js';

type Expr = ConstructorParameters<typeof Evaluator>[0];
type ExpressionData = ReturnType<Evaluator['evaluate']>;
type Functions = NonNullable<ConstructorParameters<typeof Evaluator>[2]>;

/** What `success()` and its siblings answer, and the files `hashFiles()` sees. */
export interface ExpressionFunctions {
  success?: (...jobs: string[]) => boolean;
  failure?: (...jobs: string[]) => boolean;
  cancelled?: () => boolean;
  hashFiles?: (...patterns: string[]) => string;
}

export interface Scope {
  contexts: Record<string, ContextValue>;
  functions?: ExpressionFunctions;
}

/** An expression that cannot be read or evaluated; the message quotes it. */
export class ExpressionProblem extends Error {}

type Part = string | { source: string; expr: Expr };

/** A text that may hold `${{ }}`, read once and checked for the place it stands in. */
export interface Template {
  readonly source: string;
  readonly parts: readonly Part[];
}

const statusFunctions = ['success', 'failure', 'cancelled', 'always'];

function parse(source: string, position: Position): Expr {
  const names = [
    ...(position.status ? statusFunctions : []).map((name) => ({
      name,
      minArgs: 0,
      maxArgs: position.status === 'job' && (name === 'success' || name === 'failure') ? 255 : 0,
    })),
    ...(position.hashFiles ? [{ name: 'hashFiles', minArgs: 1, maxArgs: 255 }] : []),
  ];
  let expr: Expr | undefined;
  try {
    expr = new Parser(new Lexer(source).lex().tokens, [...position.contexts], names).parse();
  } catch (error) {
    const reason = messageOf(error);
    throw new ExpressionProblem(
      `${reason}, in expression '${source.trim()}' (here allowed: ${position.contexts.join(', ')})`,
    );
  }
  if (expr === undefined) throw new ExpressionProblem('An expression was expected between ${{ and }}');
  return expr;
}

/** Index just after the `}}` that closes the expression opened before `from`, minding quoted strings. */
function closing(text: string, from: number): number {
  let quoted = false;
  for (let at = from; at < text.length; at++) {
    if (text[at] === "'") quoted = !quoted;
    else if (!quoted && text.startsWith('}}', at)) return at + 2;
  }
  throw new ExpressionProblem(`The expression is not closed with }} in '${text.slice(from - 3).trim()}'`);
}

/** Reads a text with `${{ }}` in it; throws {@link ExpressionProblem} for what GitHub would refuse there. */
export function compileTemplate(source: string, position: Position): Template {
  const parts: Part[] = [];
  let at = 0;
  for (;;) {
    const open = source.indexOf('${{', at);
    if (open < 0) break;
    if (open > at) parts.push(source.slice(at, open));
    const end = closing(source, open + 3);
    const inner = source.slice(open + 3, end - 2);
    parts.push({ source: inner, expr: parse(inner, position) });
    at = end;
  }
  if (at < source.length) parts.push(source.slice(at));
  return { source, parts };
}

const callsStatus = (source: string) =>
  /\b(success|failure|cancelled|always)\s*\(/i.test(source.replace(/'(?:[^']|'')*'/g, "''"));

/**
 * Reads an `if:`. Without a status function it means `success() && (…)`; with text around `${{ }}` it is a
 * non-empty string and thus always true, as on GitHub.
 */
export function compileCondition(
  source: string | undefined,
  position: Position,
  implicitSuccess = true,
): Template {
  const text = (source ?? '').trim();
  const asTemplate = text.includes('${{') ? compileTemplate(text, position) : undefined;
  const only = asTemplate?.parts.length === 1 ? asTemplate.parts[0] : undefined;
  let bare = text;
  if (asTemplate !== undefined) {
    bare = typeof only === 'object' ? only.source : `'${text.replaceAll("'", "''")}' != ''`;
  }
  const full =
    bare.trim() === ''
      ? 'success()'
      : implicitSuccess && !callsStatus(bare)
        ? `success() && (${bare})`
        : bare;
  return { source: text, parts: [{ source: full, expr: parse(full, position) }] };
}

function definitions(functions: ExpressionFunctions): Functions {
  const answers: Record<string, (...args: string[]) => ContextValue> = {
    success: (...jobs) => functions.success?.(...jobs) ?? true,
    failure: (...jobs) => functions.failure?.(...jobs) ?? false,
    cancelled: () => functions.cancelled?.() ?? false,
    always: () => true,
    hashfiles: (...patterns) => functions.hashFiles?.(...patterns) ?? '',
  };
  return new Map(
    Object.entries(answers).map(([name, answer]) => [
      name,
      {
        name,
        minArgs: 0,
        maxArgs: 255,
        call: (...args: ExpressionData[]) =>
          toExpressionData(answer(...args.map((arg) => arg.coerceString()))),
      },
    ]),
  );
}

function evaluate(part: { source: string; expr: Expr }, scope: Scope): ExpressionData {
  try {
    const contexts = new ContextDictionary(scope.contexts);
    return new Evaluator(part.expr, contexts, definitions(scope.functions ?? {})).evaluate();
  } catch (error) {
    const reason = messageOf(error);
    throw new ExpressionProblem(`${reason}, while evaluating '${part.source.trim()}'`);
  }
}

function text(value: ExpressionData, source: string): string {
  if (value.primitive) return value.coerceString();
  throw new ExpressionProblem(
    `'${source.trim()}' is ${value.coerceString()}, a text was expected: use toJSON(…) or a member of it`,
  );
}

/** The text of a template. */
export function evaluateText(template: Template, scope: Scope): string {
  return template.parts
    .map((part) => (typeof part === 'string' ? part : text(evaluate(part, scope), part.source)))
    .join('');
}

/** What a template gives, with its type when it is one expression alone; throws for lists and maps. */
export function evaluateScalar(template: Template, scope: Scope): string | number | boolean | null {
  const [part] = template.parts;
  if (template.parts.length !== 1 || typeof part !== 'object') return evaluateText(template, scope);
  const value = evaluate(part, scope);
  if (value instanceof data.BooleanData) return value.value;
  if (value instanceof data.NumberData) return value.number();
  return value instanceof data.Null ? null : text(value, part.source);
}

/** What a template gives, lists and maps too when it is one expression alone. */
export function evaluateValue(template: Template, scope: Scope): PlainValue {
  const [part] = template.parts;
  if (template.parts.length !== 1 || typeof part !== 'object') return evaluateText(template, scope);
  return toPlainValue(evaluate(part, scope));
}

const equality = { source: 'a == b', expr: parse('a == b', { contexts: ['a', 'b'] }) };

/** Whether `==` of the language holds: texts without case, and values of different types as numbers. */
export function looselyEqual(a: ContextValue, b: ContextValue): boolean {
  return toPlainValue(evaluate(equality, { contexts: { a, b } })) === true;
}

/** Whether a condition holds, by the language's own idea of truth. */
export function evaluateCondition(template: Template, scope: Scope): boolean {
  const [part] = template.parts;
  if (typeof part !== 'object') throw new ExpressionProblem(`'${template.source}' is not a condition`);
  const value = evaluate(part, scope);
  if (value instanceof data.BooleanData) return value.value;
  if (value instanceof data.StringData) return value.coerceString() !== '';
  if (value instanceof data.NumberData) return value.number() !== 0 && !Number.isNaN(value.number());
  return !(value instanceof data.Null);
}

/** A template that must give true or false. */
export function evaluateBoolean(template: Template, scope: Scope): boolean {
  const value = evaluateText(template, scope);
  if (value === 'true' || value === 'false') return value === 'true';
  throw new ExpressionProblem(`'${template.source}' gave '${value}', allowed are true and false`);
}

/** A template that must give a positive number. */
export function evaluateNumber(template: Template, scope: Scope): number {
  const value = evaluateText(template, scope);
  const number = Number(value);
  if (value.trim() !== '' && Number.isFinite(number) && number > 0) return number;
  throw new ExpressionProblem(`'${template.source}' gave '${value}', a number above 0 was expected`);
}
