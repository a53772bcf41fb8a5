import { setters, type RefuseLine } from './script.js';
import { dotted, lineOf, memberName, parseScript, plain, quote, textOf, type AnyNode } from './syntax.js';

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
  const parsed = parseScript(source);
  if (!parsed.ok) {
    refuseLine(parsed.line, `a script that is no JavaScript: ${parsed.what}`);
    return [];
  }
  const names = new Map<string, Made['value']>();
  const made: Made[] = [];
  const refuse = (node: AnyNode) =>
    refuseLine(
      lineOf(node),
      `a script before a request that does more than set a value: ${quote(node, source)}`,
      fix,
    );
  for (const statement of parsed.program.body) {
    if (statement.type === 'EmptyStatement') continue;
    if (statement.type === 'VariableDeclaration') {
      for (const { id, init } of statement.declarations) {
        const value = init && valueOf(init, names);
        if (value && id.type === 'Identifier') names.set(id.name, value);
        else refuse(statement);
      }
      continue;
    }
    const expression = statement.type === 'ExpressionStatement' ? plain(statement.expression) : undefined;
    const call = expression?.type === 'CallExpression' ? expression : undefined;
    const called = call && dotted(call.callee);
    if (called?.startsWith('console.')) continue;
    const [key, given, ...more] = call?.arguments ?? [];
    const name = key && textOf(key);
    const value = given && valueOf(given, names);
    if (called !== undefined && setters.has(called) && name !== undefined && value && more.length === 0)
      made.push({ name, line: lineOf(statement), value });
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

function valueOf(wrapped: AnyNode, names: ReadonlyMap<string, Made['value']>): Made['value'] | undefined {
  const node = plain(wrapped);
  if (node.type === 'Identifier') return names.get(node.name);
  const text = textOf(node);
  if (text !== undefined) return text.includes('{{') || text === '' ? undefined : { literal: text };
  if (node.type === 'Literal')
    return typeof node.value === 'number' ? { literal: String(node.value) } : undefined;
  if (node.type !== 'CallExpression') return undefined;
  const called = dotted(node.callee);
  const [argument, ...more] = node.arguments;
  const time = (generator: string) => ({ generator, isFresh: false });
  if (called === 'Date.now' && !argument) return time('epoch-ms');
  const template = argument && textOf(argument);
  if (called === 'pm.variables.replaceIn' && template !== undefined) {
    const generator = Object.hasOwn(dynamic, template) ? dynamic[template] : undefined;
    return generator === undefined
      ? undefined
      : { generator, isFresh: generator === 'uuid' || generator === 'email' };
  }
  if ((called === 'Math.floor' || called === 'Math.round') && argument && more.length === 0)
    return isSeconds(argument) ? time('epoch') : undefined;
  const callee = plain(node.callee);
  if (argument || callee.type !== 'MemberExpression' || !isNow(callee.object)) return undefined;
  return { toISOString: time('timestamp'), getTime: time('epoch-ms') }[memberName(callee) ?? ''];
}

/** `Date.now() / 1000`. */
function isSeconds(node: AnyNode): boolean {
  return (
    node.type === 'BinaryExpression' &&
    node.operator === '/' &&
    node.left.type === 'CallExpression' &&
    dotted(node.left.callee) === 'Date.now' &&
    node.right.type === 'Literal' &&
    node.right.value === 1_000
  );
}

/** `new Date()`. */
function isNow(node: AnyNode): boolean {
  return node.type === 'NewExpression' && dotted(node.callee) === 'Date' && node.arguments.length === 0;
}
