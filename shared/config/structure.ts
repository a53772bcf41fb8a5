import {
  isAlias,
  isCollection,
  isPair,
  isScalar,
  Lexer,
  Parser,
  visit,
  type CST,
  type Document,
  type Node,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';

/**
 * Mappings and lists may stand this deep in each other; the parser goes one call deeper for each, and no configuration
 * needs more.
 */
const maxDepth = 100;

/** Something that YAML allows and a configuration may not have, by its offset in the text. */
export interface StructureFault {
  offset: number;
  got: string;
  allowed: string;
  fix: string;
}

/**
 * The text as YAML's tokens, unless it is nested too deeply for anything recursive to touch it: a stack overflow there
 * ends the process.
 */
export function readTokens(
  text: string,
): { ok: true; tokens: CST.Token[] } | { ok: false; fault: StructureFault } {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > maxDepth && collections(parser) > maxDepth) {
      const fault = {
        offset: parser.offset,
        got: `more than ${maxDepth} mappings and lists inside each other`,
        allowed: `at most ${maxDepth}`,
        fix: 'make the file flatter here',
      };
      return { ok: false, fault };
    }
  }
  for (const token of parser.end()) tokens.push(token);
  return { ok: true, tokens };
}

function collections(parser: Parser): number {
  return parser.stack.filter(({ type }) => /^(block-map|block-seq|flow-collection)$/.test(type)).length;
}

/**
 * Finds what would get lost or be misread on the way from the document to plain values: keys that are no text, that
 * mean the same, that merge or that reach into JavaScript's prototypes, and aliases that lead nowhere or into
 * themselves.
 */
export function findFaults(document: Document): StructureFault[] {
  const faults: StructureFault[] = [];
  const { yaml } = document.directives ?? {};
  if (yaml?.explicit && yaml.version !== '1.2') {
    faults.push({
      offset: 0,
      got: `%YAML ${yaml.version}`,
      allowed: 'YAML 1.2, where only true and false are booleans and nothing merges',
      fix: 'remove the %YAML line',
    });
  }
  // Aliases are looked up here and not one by one in the whole document, which a file of many aliases would make slow.
  const anchors = new Map<string, Node>();
  const remember = (node: Scalar | YAMLMap | YAMLSeq) => void (node.anchor && anchors.set(node.anchor, node));
  visit(document, {
    Scalar: (_, scalar) => remember(scalar),
    Seq: (_, list) => remember(list),
    Map(_, map) {
      remember(map);
      const seen = new Set<string>();
      for (const { key } of map.items) {
        const fault = faultOfKey(key, seen);
        if (fault) faults.push({ offset: offsetOf(key) ?? map.range?.[0] ?? 0, ...fault });
        if (isScalar(key)) seen.add(String(key.value));
      }
    },
    Alias(_, alias, path) {
      const target = anchors.get(alias.source);
      const offset = alias.range?.[0] ?? 0;
      if (!target) {
        faults.push({
          offset,
          got: `the alias *${alias.source}, which stands for nothing`,
          allowed: 'an alias of an anchor further up',
          fix: `put &${alias.source} before the value that is meant, or quote "*${alias.source}"`,
        });
      } else if (path.includes(target)) {
        faults.push({
          offset,
          got: `the alias *${alias.source} inside the value it stands for`,
          allowed: 'values that end',
          fix: 'write the value out',
        });
      }
    },
  });
  return faults;
}

function faultOfKey(key: unknown, seen: ReadonlySet<string>): Omit<StructureFault, 'offset'> | undefined {
  const allowed = 'a key that is one word or text, once in its mapping';
  if (isAlias(key) || isCollection(key))
    return { got: 'a mapping, list or alias as a key', allowed, fix: 'write a plain key' };
  if (!isScalar(key) || key.value === null || key.value === '')
    return { got: 'an empty key', allowed, fix: 'name the key before the colon' };
  const name = String(key.value);
  if (name === '<<') {
    return {
      got: 'the merge key <<',
      allowed: 'YAML 1.2, which does not merge',
      fix: 'write the keys of the merged mapping out',
    };
  }
  if (name === '__proto__')
    return { got: 'the key __proto__', allowed: 'any other name', fix: 'remove "__proto__"' };
  if (seen.has(name)) {
    return {
      got: `the key "${name}" a second time`,
      allowed,
      fix: `keep one "${name}"`,
    };
  }
  return undefined;
}

function offsetOf(node: unknown): number | undefined {
  return isPair(node) ? undefined : ((node as Node | null)?.range?.[0] ?? undefined);
}
