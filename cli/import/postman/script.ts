import ts from 'typescript';
import type { Refuse } from '../draft.js';
import type { Expected } from '../expected.js';
import { pathText } from '../json-condition.js';
import { expectAssertion } from './assertion.js';
import { expectResponse } from './response-assertion.js';
import { dotted, valueOf, type Value } from './value.js';

/** Says that line `line` (from 1) of a script is unsupported. */
export type RefuseLine = (line: number, what: string, fix?: string) => void;

/** A value of the answer that a script keeps under a name. */
export interface Kept {
  name: string;
  rule: { json: string } | { header: string };
}

/** Words of a chain of assertions that only make it read well. */
const fillers = new Set(['to', 'be', 'been', 'is', 'and', 'has', 'have', 'with', 'that', 'same', 'at']);

const setters = new Set([
  ...['environment', 'collectionVariables', 'variables', 'globals'].map((store) => `pm.${store}.set`),
  'postman.setEnvironmentVariable',
  'postman.setGlobalVariable',
]);

/** What a test script keeps, by looking at nothing else in it. */
export function keptNames(source: string): string[] {
  return readTestScript(
    source,
    undefined,
    (name) => name,
    () => undefined,
  ).map(({ name }) => name);
}

/** Reads a test script as expectations and kept values; every statement that is not one of the plain forms is refused. `reference` writes a variable as the suite does. */
export function readTestScript(
  source: string,
  expected: Expected | undefined,
  reference: (name: string) => string,
  refuseLine: RefuseLine,
): Kept[] {
  const file = ts.createSourceFile('script.js', source, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  const kept: Kept[] = [];
  const refuserAt =
    (node: ts.Node): Refuse =>
    (what, fix) => {
      const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
      const text = node.getText(file).split('\n')[0]!.slice(0, 80);
      refuseLine(line, `${what}: ${text}`, fix);
    };

  const readBlock = (statements: readonly ts.Statement[], outer: ReadonlyMap<string, Value>): void => {
    const names = new Map(outer);
    for (const statement of statements) readStatement(statement, names);
  };

  const readStatement = (statement: ts.Statement, names: Map<string, Value>): void => {
    const refuse = refuserAt(statement);
    if (ts.isEmptyStatement(statement)) return;
    if (ts.isVariableStatement(statement)) {
      for (const { name, initializer } of statement.declarationList.declarations) {
        const value = initializer && valueOf(initializer, names);
        if (value && ts.isIdentifier(name)) names.set(name.text, value);
        else refuse('a variable that is not a part of the answer');
      }
      return;
    }
    if (ts.isExpressionStatement(statement)) return readExpression(statement.expression, names);
    refuse('a statement that is not a plain assertion');
  };

  const readExpression = (node: ts.Expression, names: ReadonlyMap<string, Value>): void => {
    const refuse = refuserAt(node);
    const called = ts.isCallExpression(node) ? node : undefined;
    const name = called && dotted(called.expression);
    if (called && name === 'pm.test') return readTest(called, names);
    if (name?.startsWith('console.')) return;
    if (called && name !== undefined && setters.has(name)) return readSetter(called, names);
    const chain = readChain(node);
    if (!chain) return refuse('an expression that is not a plain assertion');
    const words = chain.words.filter((word) => !fillers.has(word));
    const operands = chain.operands.map((operand) => valueOf(operand, names));
    const subject = valueOf(chain.subject, names);
    if (!expected) return;
    if (chain.onResponse) expectResponse(words, operands, expected, refuse);
    else if (subject) expectAssertion({ subject, words, operands }, expected, reference, refuse);
    else refuse('an assertion of something that is not a part of the answer');
  };

  const readTest = (node: ts.CallExpression, names: ReadonlyMap<string, Value>): void => {
    const body = node.arguments[1];
    const isFunction = body && (ts.isFunctionExpression(body) || ts.isArrowFunction(body));
    if (!isFunction || body.parameters.length > 0 || body.modifiers)
      return refuserAt(node)('a test that is not a plain function');
    if (ts.isBlock(body.body)) readBlock(body.body.statements, names);
    else readExpression(body.body, names);
  };

  const readSetter = (node: ts.CallExpression, names: ReadonlyMap<string, Value>): void => {
    const refuse = refuserAt(node);
    const [key, value] = node.arguments.map((argument) => valueOf(argument, names));
    if (key?.kind !== 'literal' || typeof key.value !== 'string')
      return refuse('a variable whose name is no literal');
    if (value?.kind === 'json') kept.push({ name: key.value, rule: { json: pathText(value.segments) } });
    else if (value?.kind === 'header') kept.push({ name: key.value, rule: { header: value.name } });
    else
      refuse(
        'a variable set to something else than a part of the JSON body or a header',
        'put fixed values among the variables of the collection',
      );
  };

  for (const { start, messageText } of syntaxErrors(file)) {
    const line = file.getLineAndCharacterOfPosition(start ?? 0).line + 1;
    refuseLine(line, `a script that is no JavaScript: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
  }
  readBlock(file.statements, new Map());
  return kept;
}

function syntaxErrors(file: ts.SourceFile): readonly ts.Diagnostic[] {
  return (file as unknown as { parseDiagnostics?: readonly ts.Diagnostic[] }).parseDiagnostics ?? [];
}

interface Chain {
  subject: ts.Expression;
  onResponse: boolean;
  words: string[];
  operands: readonly ts.Expression[];
}

/** `pm.expect(subject).to.word(operands)` or `pm.response.to.word(operands)`, taken apart; undefined for anything else. */
function readChain(node: ts.Expression): Chain | undefined {
  const operands = ts.isCallExpression(node) ? node.arguments : [];
  const words: string[] = [];
  let left = ts.isCallExpression(node) ? node.expression : node;
  while (ts.isPropertyAccessExpression(left)) {
    if (dotted(left) === 'pm.response')
      return words[0] === 'to' ? { subject: left, onResponse: true, words, operands } : undefined;
    words.unshift(left.name.text);
    left = left.expression;
  }
  if (words.length === 0 || !ts.isCallExpression(left) || dotted(left.expression) !== 'pm.expect')
    return undefined;
  const [subject] = left.arguments;
  return subject ? { subject, onResponse: false, words, operands } : undefined;
}
