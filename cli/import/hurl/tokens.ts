import { unescapeText } from './parse.js';

/** A word, operator or value of a line of captures or asserts. */
export type Token =
  | { kind: 'word'; text: string }
  | { kind: 'string'; text: string }
  | { kind: 'number'; value: number; unit: string }
  | { kind: 'template'; text: string }
  | { kind: 'bytes'; hex: string }
  | { kind: 'pattern'; text: string };

const tokenPattern =
  /\s*(?:(#.*)|hex,\s*((?:[0-9a-fA-F]{2})+)\s*;|"((?:[^"\\]|\\[^])*)"|`((?:[^`\\]|\\[^])*)`|\/((?:[^/\\]|\\[^])+)\/|(\{\{[^{}]*\}\})|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(ms|s|m|h)?(?![\w.])|(==|!=|>=|<=|>|<|[A-Za-z][\w-]*))/y;

/** The tokens of a line, or undefined when a part of it is none. */
export function tokensOf(line: string): Token[] | undefined {
  const tokens: Token[] = [];
  const text = line.trim();
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < text.length) {
    const match = tokenPattern.exec(text);
    if (!match) return undefined;
    const [, comment, bytes, quoted, raw, pattern, template, number, unit, word] = match;
    if (comment !== undefined) break;
    if (bytes !== undefined) tokens.push({ kind: 'bytes', hex: bytes.toLowerCase() });
    else if (quoted !== undefined) {
      const unescaped = unescapeText(quoted);
      if (unescaped === undefined) return undefined;
      tokens.push({ kind: 'string', text: unescaped });
    } else if (raw !== undefined) {
      const unescaped = unescapeText(raw);
      if (unescaped === undefined) return undefined;
      tokens.push({ kind: 'string', text: unescaped });
    } else if (pattern !== undefined) tokens.push({ kind: 'pattern', text: pattern.replaceAll('\\/', '/') });
    else if (template !== undefined) tokens.push({ kind: 'template', text: template });
    else if (number !== undefined) tokens.push({ kind: 'number', value: Number(number), unit: unit ?? '' });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
  }
  return tokens;
}

/** What a line looks at, and the rest of it. */
export interface Query {
  name: string;
  argument: string | undefined;
  rest: Token[];
}

const withArgument = new Set(['header', 'jsonpath', 'regex', 'cookie', 'xpath', 'variable', 'certificate']);

/** Takes the query from the start of a line. */
export function queryOf(tokens: readonly Token[]): Query | undefined {
  const [first, second, ...more] = tokens;
  if (first?.kind !== 'word') return undefined;
  if (!withArgument.has(first.text)) return { name: first.text, argument: undefined, rest: tokens.slice(1) };
  if (second?.kind !== 'string' && second?.kind !== 'pattern') return undefined;
  return { name: first.text, argument: second.text, rest: more };
}
