import type { Refuse } from '../draft.js';
import type { Expected } from '../expected.js';
import { pathText } from '../json-condition.js';
import { expectAssertion } from './assertion.js';
import { expectResponse } from './response-assertion.js';
import type { PostmanEvent } from './collection.js';
import {
  childrenOf,
  dotted,
  lineOf,
  memberName,
  parseScript,
  plain,
  quote,
  textOf,
  type AnyNode,
} from './syntax.js';
import { child, valueOf, type Value } from './value.js';

/** Says that line `line` (from 1) of a script is unsupported. */
export type RefuseLine = (line: number, what: string, fix?: string) => void;

/** A value of the answer that a script keeps under a name. */
export interface Kept {
  name: string;
  rule: { json: string } | { header: string };
}

/** Words of a chain of assertions that only make it read well. */
const fillers = new Set(['to', 'be', 'been', 'is', 'and', 'has', 'have', 'with', 'that', 'same', 'at']);

/** Calls that keep a value under a name. */
export const setters = new Set([
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

/**
 * Reads a test script as expectations and kept values; every statement that is not one of the plain forms is refused.
 * `reference` writes a variable as the suite does.
 */
export function readTestScript(
  source: string,
  expected: Expected | undefined,
  reference: (name: string, refuse: Refuse) => string,
  refuseLine: RefuseLine,
): Kept[] {
  const parsed = parseScript(source);
  if (!parsed.ok) {
    refuseLine(parsed.line, `a script that is no JavaScript: ${parsed.what}`);
    return [];
  }
  const kept: Kept[] = [];
  const taken = new Set<AnyNode>();
  let complete = true;
  const refuserAt =
    (node: AnyNode): Refuse =>
    (what, fix) => {
      complete = false;
      refuseLine(lineOf(node), `${what}: ${quote(node, source)}`, fix);
    };

  /**
   * A script that takes a body apart fails where that cannot be done, even if it compares nothing: what it reads must be
   * JSON, and everything it looks into must be there.
   */
  const touch = (node: AnyNode, names: ReadonlyMap<string, Value>): void => {
    if (!expected || functions.has(node.type)) return;
    const value = valueOf(node, names);
    if (value?.kind === 'json')
      return expected.jsonLookedInto(value.segments.length > 0 ? value.segments.slice(0, -1) : undefined);
    if (value?.kind === 'length') return expected.jsonLookedInto(value.segments);
    childrenOf(node).forEach((child) => touch(child, names));
  };

  const readBlock = (statements: readonly AnyNode[], outer: ReadonlyMap<string, Value>): void => {
    const names = new Map(outer);
    for (const statement of statements) readStatement(statement, names);
  };

  const readStatement = (statement: AnyNode, names: Map<string, Value>): void => {
    const refuse = refuserAt(statement);
    if (statement.type === 'EmptyStatement') return;
    if (statement.type === 'VariableDeclaration') {
      for (const { id, init } of statement.declarations) {
        if (init) touch(init, names);
        const value = init && valueOf(init, names);
        if (value && id.type === 'Identifier') names.set(id.name, value);
        else if (value && id.type === 'ObjectPattern' && takeApart(id, value, names)) {
          if (value.kind === 'json') expected?.jsonLookedInto(value.segments);
        } else refuse('a variable that is not a part of the answer');
      }
      return;
    }
    if (statement.type === 'ExpressionStatement') return readExpression(statement.expression, names);
    refuse('a statement that is not a plain assertion');
  };

  const readExpression = (wrapped: AnyNode, names: ReadonlyMap<string, Value>): void => {
    const node = plain(wrapped);
    const refuse = refuserAt(node);
    const called = node.type === 'CallExpression' ? node : undefined;
    const name = called && dotted(called.callee);
    if (called && name === 'pm.test') return readTest(called, names);
    // What is kept is captured, which proves that it is there.
    if (called && name !== undefined && setters.has(name)) return readSetter(called, names);
    touch(node, names);
    if (name?.startsWith('console.')) return;
    const chain = readChain(node);
    if (!chain) return refuse('an expression that is not a plain assertion');
    taken.add(chain.root);
    if (!expected) return;
    const links = chain.links.map(({ words, operands }) => ({
      words: words.filter((word) => !fillers.has(word)),
      operands: operands.map((operand) => valueOf(operand, names)),
    }));
    if (links.some(({ words }, index) => words[0] === 'not' && index < links.length - 1))
      return refuse('a chain that goes on after a negation', 'write two assertions');
    let subject = valueOf(chain.subject, names);
    for (const { words, operands } of links) {
      if (chain.onResponse && links.length === 1) expectResponse(words, operands, expected, refuse);
      else if (!subject || chain.onResponse)
        return refuse('an assertion of something that is not a part of the answer');
      else expectAssertion({ subject, words, operands }, expected, reference, refuse);
      const [key] = operands;
      // What follows .property() is about the property.
      if (words.at(-1) === 'property')
        subject = key?.kind === 'literal' ? child(subject, String(key.value)) : undefined;
    }
  };

  const readTest = (node: Call, names: ReadonlyMap<string, Value>): void => {
    const [, body, ...more] = node.arguments;
    taken.add(node);
    const isFunction = body?.type === 'FunctionExpression' || body?.type === 'ArrowFunctionExpression';
    if (!isFunction || more.length > 0 || body.params.length > 0 || body.async || body.generator)
      return refuserAt(node)('a test that is not a plain function');
    if (body.body.type === 'BlockStatement') readBlock(body.body.body, names);
    else readExpression(body.body, names);
  };

  const readSetter = (node: Call, names: ReadonlyMap<string, Value>): void => {
    const refuse = refuserAt(node);
    const [key, value, ...more] = node.arguments.map((argument) => valueOf(argument, names));
    taken.add(node);
    if (more.length > 0) return refuse('a variable set with more than a name and a value');
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

  readBlock(parsed.program.body, new Map());
  if (complete)
    for (const node of assertionsIn(parsed.program))
      if (!taken.has(node))
        refuserAt(node)('an assertion inside of something else', 'write it as a statement of its own');
  return kept;
}

/** Everything in a script that asserts or sets something, wherever it stands. */
function assertionsIn(node: AnyNode): AnyNode[] {
  const name = dotted(node.type === 'CallExpression' ? node.callee : node) ?? '';
  const asserts =
    node.type === 'CallExpression'
      ? name === 'pm.test' || name === 'pm.expect' || setters.has(name)
      : name === 'pm.response.to';
  const inside = childrenOf(node).flatMap(assertionsIn);
  return asserts ? [plain(node), ...inside] : inside;
}

/** `const { a, b: c } = …`; false when it is not that plain. */
function takeApart(
  pattern: AnyNode & { type: 'ObjectPattern' },
  value: Value,
  names: Map<string, Value>,
): boolean {
  return pattern.properties.every((property) => {
    if (property.type !== 'Property' || property.computed) return false;
    const { key, value: target } = property;
    if (key.type !== 'Identifier' || target.type !== 'Identifier') return false;
    const part = child(value, key.name);
    if (part) names.set(target.name, part);
    return part !== undefined;
  });
}

const functions: ReadonlySet<string> = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
]);

type Call = AnyNode & { type: 'CallExpression' };

interface Link {
  words: readonly string[];
  operands: readonly AnyNode[];
}

interface Chain {
  /** The `pm.expect(…)` or `pm.response.to` it begins with. */
  root: AnyNode;
  subject: AnyNode;
  onResponse: boolean;
  /** What is asserted one after the other. */
  links: readonly Link[];
}

/**
 * `pm.expect(subject).to.word(operands).and.word…` or `pm.response.to.word(operands)`, taken apart; undefined for
 * anything else.
 */
function readChain(node: AnyNode): Chain | undefined {
  const links: Link[] = [];
  let words: string[] = [];
  let operands: readonly AnyNode[] = node.type === 'CallExpression' ? node.arguments : [];
  let left = plain(node.type === 'CallExpression' ? node.callee : node);
  for (;;) {
    const word = memberName(left);
    if (left.type === 'MemberExpression' && word !== undefined) {
      if (dotted(left) === 'pm.response.to')
        return {
          root: left,
          subject: left.object,
          onResponse: true,
          links: [...split({ words, operands }), ...links],
        };
      words = [word, ...words];
      left = plain(left.object);
    } else if (left.type === 'CallExpression') {
      links.unshift(...split({ words, operands }));
      if (dotted(left.callee) === 'pm.expect') {
        // What stands behind the subject is a message.
        const [subject, message] = left.arguments;
        const isPlain = left.arguments.length < 2 || (message && textOf(message) !== undefined);
        return subject && isPlain && left.arguments.length < 3 && words.length > 0
          ? { root: left, subject, onResponse: false, links }
          : undefined;
      }
      words = [];
      operands = left.arguments;
      left = plain(left.callee);
    } else return undefined;
  }
}

/** `.exist.and.have.length(2)` is two assertions. */
function split({ words, operands }: Link): Link[] {
  const at = words.lastIndexOf('and');
  if (at <= 0) return [{ words, operands }];
  return [...split({ words: words.slice(0, at), operands: [] }), { words: words.slice(at), operands }];
}

/** The text of a script as it is exported, line by line or whole. */
export function textOfScript(script: PostmanEvent['script']): string {
  const exec = script?.exec ?? '';
  return typeof exec === 'string' ? exec : exec.join('\n');
}
