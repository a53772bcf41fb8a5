import { parse, type AnyNode, type Expression, type Program } from 'acorn';

export type { AnyNode, Expression, Program };

/** A script taken apart, or the line (from 1) where it is no JavaScript. */
export type Parsed = { ok: true; program: Program } | { ok: false; line: number; what: string };

/** Takes a script apart. `await` and `return` may stand anywhere, as where Postman runs it. */
export function parseScript(source: string): Parsed {
  try {
    const program = parse(source, {
      ecmaVersion: 'latest',
      locations: true,
      allowAwaitOutsideFunction: true,
      allowReturnOutsideFunction: true,
    });
    return { ok: true, program };
  } catch (error) {
    const { loc, message } = error as SyntaxError & { loc?: { line: number } };
    if (!loc) throw error;
    return { ok: false, line: loc.line, what: message.replace(/ \(\d+:\d+\)$/, '') };
  }
}

/** The line of a node, from 1. */
export const lineOf = (node: AnyNode): number => node.loc?.start.line ?? 1;

/** The first line of a node as it stands in the script, cut where it is long. */
export const quote = (node: AnyNode, source: string): string =>
  source.slice(node.start, node.end).split('\n')[0]!.slice(0, 80);

/** What stands directly inside of a node, in order. */
export function childrenOf(node: AnyNode): AnyNode[] {
  return Object.values(node).flat().filter(isNode);
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

/** A node without the wrapper of `?.`. */
export function plain(node: AnyNode): AnyNode {
  return node.type === 'ChainExpression' ? node.expression : node;
}

/** The text of a text without placeholders, in whatever quotes. */
export function textOf(node: AnyNode): string | undefined {
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : undefined;
  return node.type === 'TemplateLiteral' && node.expressions.length === 0
    ? (node.quasis[0]?.value.cooked ?? undefined)
    : undefined;
}

/** The name behind a dot: `b` of `a.b`. */
export function memberName(node: AnyNode): string | undefined {
  return node.type === 'MemberExpression' && !node.computed && node.property.type === 'Identifier'
    ? node.property.name
    : undefined;
}

/** `a.b.c` of a chain of plain names, or undefined. */
export function dotted(wrapped: AnyNode): string | undefined {
  const node = plain(wrapped);
  if (node.type === 'Identifier') return node.name;
  const name = memberName(node);
  if (name === undefined || node.type !== 'MemberExpression') return undefined;
  const left = dotted(node.object);
  return left === undefined ? undefined : `${left}.${name}`;
}
