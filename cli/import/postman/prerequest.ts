import ts from 'typescript';
import { setters, syntaxErrors, type RefuseLine } from './script.js';
import { dotted } from './value.js';

/**
 * A variable that a script before a request sets: to a fixed text, or to what a suite makes up. `isFresh`: each run of
 * the script makes another one.
 */
export interface Made {
  name: string;
  line: number;
  value: { literal: string } | { generator: string; isFresh: boolean };
}

const fix = 'set variables to texts, numbers, Date.now(), new Date().toISOString() or {{$guid}}';

/** What a script before a request sets, if that is all it does; everything else in it is refused. */
export function readPrerequest(source: string, refuseLine: RefuseLine): Made[] {
  const file = ts.createSourceFile('script.js', source, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  const lineOf = (node: ts.Node) => file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
  const names = new Map<string, Made['value']>();
  const made: Made[] = [];
  const refuse = (node: ts.Node) =>
    refuseLine(
      lineOf(node),
      `a script before a request that does more than set a value: ${node.getText(file).split('\n')[0]!.slice(0, 80)}`,
      fix,
    );
  for (const { start, messageText } of syntaxErrors(file)) {
    const { line } = file.getLineAndCharacterOfPosition(start ?? 0);
    refuseLine(
      line + 1,
      `a script that is no JavaScript: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    );
  }
  for (const statement of file.statements) {
    if (ts.isEmptyStatement(statement)) continue;
    if (ts.isVariableStatement(statement)) {
      for (const { name, initializer } of statement.declarationList.declarations) {
        const value = initializer && valueOf(initializer, names);
        if (value && ts.isIdentifier(name)) names.set(name.text, value);
        else refuse(statement);
      }
      continue;
    }
    const call =
      ts.isExpressionStatement(statement) && ts.isCallExpression(statement.expression)
        ? statement.expression
        : undefined;
    const called = call && dotted(call.expression);
    if (called?.startsWith('console.')) continue;
    const [name, given, ...more] = call?.arguments ?? [];
    const value = given && valueOf(given, names);
    if (
      called !== undefined &&
      setters.has(called) &&
      name &&
      ts.isStringLiteralLike(name) &&
      value &&
      more.length === 0
    )
      made.push({ name: name.text, line: lineOf(statement), value });
    else refuse(statement);
  }
  return made;
}

const dynamic: Readonly<Record<string, string>> = {
  '{{$guid}}': 'uuid',
  '{{$randomUUID}}': 'uuid',
  '{{$randomEmail}}': 'email',
  '{{$isoTimestamp}}': 'timestamp',
  '{{$timestamp}}': 'epoch',
};

function valueOf(node: ts.Expression, names: ReadonlyMap<string, Made['value']>): Made['value'] | undefined {
  if (ts.isParenthesizedExpression(node)) return valueOf(node.expression, names);
  if (ts.isIdentifier(node)) return names.get(node.text);
  if (ts.isStringLiteralLike(node))
    return node.text.includes('{{') || node.text === '' ? undefined : { literal: node.text };
  if (ts.isNumericLiteral(node)) return { literal: String(Number(node.text)) };
  if (!ts.isCallExpression(node)) return undefined;
  const called = dotted(node.expression);
  const [argument, ...more] = node.arguments;
  const time = (generator: string) => ({ generator, isFresh: false });
  if (called === 'Date.now' && !argument) return time('epoch-ms');
  if (called === 'pm.variables.replaceIn' && argument && ts.isStringLiteralLike(argument)) {
    const generator = Object.hasOwn(dynamic, argument.text) ? dynamic[argument.text] : undefined;
    return generator === undefined
      ? undefined
      : { generator, isFresh: generator === 'uuid' || generator === 'email' };
  }
  if ((called === 'Math.floor' || called === 'Math.round') && argument && more.length === 0)
    return isSeconds(argument) ? time('epoch') : undefined;
  const method = ts.isPropertyAccessExpression(node.expression) ? node.expression : undefined;
  if (!method || argument || !isNow(method.expression)) return undefined;
  return { toISOString: time('timestamp'), getTime: time('epoch-ms') }[method.name.text];
}

/** `Date.now() / 1000`. */
function isSeconds(node: ts.Expression): boolean {
  return (
    ts.isBinaryExpression(node) &&
    node.operatorToken.kind === ts.SyntaxKind.SlashToken &&
    ts.isCallExpression(node.left) &&
    dotted(node.left.expression) === 'Date.now' &&
    ts.isNumericLiteral(node.right) &&
    Number(node.right.text) === 1_000
  );
}

/** `new Date()`. */
function isNow(node: ts.Expression): boolean {
  return (
    ts.isNewExpression(node) && dotted(node.expression) === 'Date' && (node.arguments ?? []).length === 0
  );
}
