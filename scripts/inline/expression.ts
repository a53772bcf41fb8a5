/**
 * Expressions of GitHub Actions, with what is known before the run put in its place. GitHub's own parser reads them,
 * and GitHub's own evaluator says what constants come to.
 */
import { data, Evaluator, Lexer, Parser, wellKnownFunctions } from '@actions/expressions';
import * as ast from '@actions/expressions/ast';
import { TokenType } from '@actions/expressions/lexer';

/** An expression as data. */
export type Expression =
  | { is: 'literal'; source: string }
  | { is: 'context'; name: string }
  | { is: 'member'; of: Expression; index: Expression }
  | { is: 'call'; name: string; args: Expression[] }
  | { is: 'not'; of: Expression }
  | { is: 'compare'; operator: string; left: Expression; right: Expression }
  | { is: 'logical'; operator: '&&' | '||'; args: Expression[] };

const contexts = [
  'github',
  'inputs',
  'vars',
  'needs',
  'secrets',
  'steps',
  'job',
  'jobs', // in the outputs of a called workflow
  'runner',
  'env',
  'matrix',
];
const statusFunctions = ['success', 'failure', 'cancelled', 'always'];
const functions = [...statusFunctions, 'hashFiles'].map((name) => ({ name, minArgs: 0, maxArgs: 255 }));

const toData: ast.ExprVisitor<Expression> = {
  // The name of a member without quotes is a literal too.
  visitLiteral: ({ token, literal }) =>
    token.type === TokenType.IDENTIFIER
      ? textLiteral(literal.coerceString())
      : { is: 'literal', source: token.lexeme },
  visitUnary: ({ expr }) => ({ is: 'not', of: expr.accept(toData) }),
  visitBinary: ({ left, operator, right }) => ({
    is: 'compare',
    operator: operator.lexeme,
    left: left.accept(toData),
    right: right.accept(toData),
  }),
  visitLogical: ({ operator, args }) => ({
    is: 'logical',
    operator: operator.lexeme as '&&' | '||',
    args: args.map((arg) => arg.accept(toData)),
  }),
  visitGrouping: ({ group }) => group.accept(toData),
  visitContextAccess: ({ name }) => ({ is: 'context', name: name.lexeme }),
  visitIndexAccess: ({ expr, index }) => ({
    is: 'member',
    of: expr.accept(toData),
    // GitHub's parser has no visit for the star of `labels.*.name`; here it is a name that nothing replaces.
    index: index instanceof ast.Star ? { is: 'context', name: '*' } : index.accept(toData),
  }),
  visitFunctionCall: ({ functionName, args }) => ({
    is: 'call',
    name: functionName.lexeme,
    args: args.map((arg) => arg.accept(toData)),
  }),
};

/** Reads what stands between `${{` and `}}`. Throws for what GitHub would refuse. */
export function parseExpression(source: string): Expression {
  const { tokens } = new Lexer(source).lex();
  return (new Parser(tokens, contexts, functions).parse() as ast.Expr).accept(toData);
}

/** A text as a literal. */
export const textLiteral = (text: string): Expression => ({
  is: 'literal',
  source: `'${text.replaceAll("'", "''")}'`,
});

/** `needs.build.outputs.version` as a list of names; undefined for anything else. */
export function pathOf(expression: Expression): string[] | undefined {
  if (expression.is === 'context') return [expression.name];
  if (expression.is !== 'member' || expression.index.is !== 'literal') return undefined;
  const of = pathOf(expression.of);
  return of && [...of, constantText(expression.index)];
}

/** The access to a path such as `needs.build.result`. */
export function access([first, ...rest]: readonly string[]): Expression {
  const start: Expression = { is: 'context', name: first! };
  return rest.reduce<Expression>((of, name) => ({ is: 'member', of, index: textLiteral(name) }), start);
}

/** All of these; a single one as it is. */
export function allOf(args: Expression[]): Expression {
  return args.length === 1 ? args[0]! : { is: 'logical', operator: '&&', args: flat('&&', args) };
}

/** Whether it asks for the state of jobs or steps itself: without that GitHub puts `success() &&` before a condition. */
export function callsStatus(expression: Expression): boolean {
  if (expression.is === 'call' && statusFunctions.includes(expression.name.toLowerCase())) return true;
  return partsOf(expression).some(callsStatus);
}

/** The expressions that stand directly in one. */
export function partsOf(expression: Expression): Expression[] {
  switch (expression.is) {
    case 'literal':
    case 'context':
      return [];
    case 'member':
      return [expression.of, expression.index];
    case 'not':
      return [expression.of];
    case 'compare':
      return [expression.left, expression.right];
    case 'call':
    case 'logical':
      return expression.args;
  }
}

/**
 * The expression with replacements put in and everything worked out that does not wait for the run. `replace` is asked
 * for every part, from the outside in, and gives undefined where it stays. With `asCondition` only true or false counts.
 */
export function resolve(
  expression: Expression,
  replace: (part: Expression) => Expression | undefined,
  asCondition = false,
): Expression {
  const replaced = replace(expression);
  if (replaced) return replaced;
  const inner = (part: Expression) => resolve(part, replace);
  switch (expression.is) {
    case 'literal':
    case 'context':
      return expression;
    case 'member':
      return { is: 'member', of: inner(expression.of), index: inner(expression.index) };
    case 'not':
      return workOut({ is: 'not', of: resolve(expression.of, replace, true) });
    case 'compare':
      return workOut({ ...expression, left: inner(expression.left), right: inner(expression.right) });
    case 'call':
      return workOut({ ...expression, args: expression.args.map(inner) });
    case 'logical':
      return resolveLogical(
        expression.operator,
        flat(
          expression.operator,
          expression.args.map((arg) => resolve(arg, replace, asCondition)),
        ),
        asCondition,
      );
  }
}

/** The parts of parts that are joined by the same operator stand beside the others. */
const flat = (operator: '&&' | '||', args: Expression[]): Expression[] =>
  args.flatMap((arg) => (arg.is === 'logical' && arg.operator === operator ? arg.args : [arg]));

/** Leaves out the constants that do not decide, and ends at the first that does. */
function resolveLogical(operator: '&&' | '||', args: Expression[], asCondition: boolean): Expression {
  const decides = (arg: Expression) => arg.is === 'literal' && isTruthy(arg) === (operator === '||');
  const end = args.findIndex(decides);
  if (end >= 0 && (end === 0 || asCondition)) return args[end]!;
  const until = end < 0 ? args : args.slice(0, end + 1);
  const kept = until.filter((arg, index) => {
    const isValue = !asCondition && index === until.length - 1;
    return arg.is !== 'literal' || isValue || decides(arg);
  });
  return kept.length === 0
    ? until.at(-1)!
    : kept.length === 1
      ? kept[0]!
      : { is: 'logical', operator, args: kept };
}

/** Pure functions of constants are constants; what asks for the state of the run or for files is not. */
function workOut(expression: Expression): Expression {
  const pure = expression.is !== 'call' || wellKnownNames.includes(expression.name.toLowerCase());
  if (!pure || !partsOf(expression).every(({ is }) => is === 'literal')) return expression;
  const value = evaluate(expression);
  if (value instanceof data.StringData) return textLiteral(value.coerceString());
  // Lists and objects, as of fromJSON, cannot be written as a literal.
  if (value instanceof data.Array || value instanceof data.Dictionary) return expression;
  return { is: 'literal', source: value.coerceString() };
}

const wellKnownNames = Object.keys(wellKnownFunctions).map((name) => name.toLowerCase());

function evaluate(expression: Expression) {
  const { tokens } = new Lexer(print(expression)).lex();
  return new Evaluator(new Parser(tokens, [], []).parse(), new data.Dictionary()).evaluate();
}

/** Whether a constant counts as true in a condition. */
export function isTruthy(literal: Expression & { is: 'literal' }): boolean {
  return evaluate({ is: 'not', of: { is: 'not', of: literal } }).coerceString() === 'true';
}

/** The text that a constant comes to. */
export const constantText = (literal: Expression & { is: 'literal' }): string =>
  evaluate(literal).coerceString();

const isName = (text: string) =>
  text !== '' && [...text].every((letter) => /[\w-]/.test(letter)) && !/^[\d-]/.test(text);

/** The expression as people write it. */
export function print(expression: Expression): string {
  switch (expression.is) {
    case 'literal':
      return expression.source;
    case 'context':
      return expression.name;
    case 'member': {
      const of = print(expression.of);
      if (expression.index.is === 'context' && expression.index.name === '*') return `${of}.*`;
      if (expression.index.is !== 'literal') return `${of}[${print(expression.index)}]`;
      const name = constantText(expression.index);
      return isName(name) ? `${of}.${name}` : `${of}[${expression.index.source}]`;
    }
    case 'call':
      return `${expression.name}(${expression.args.map(print).join(', ')})`;
    case 'not':
      return `!${printInside(expression.of)}`;
    case 'compare':
      return `${printInside(expression.left)} ${expression.operator} ${printInside(expression.right)}`;
    case 'logical':
      return expression.args
        .map((arg) => (arg.is === 'logical' ? `(${print(arg)})` : print(arg)))
        .join(` ${expression.operator} `);
  }
}

const printInside = (expression: Expression): string =>
  expression.is === 'logical' || expression.is === 'compare' ? `(${print(expression)})` : print(expression);
