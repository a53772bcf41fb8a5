/** Texts that hold `${{ }}`. */
import { constantText, parseExpression, print, resolve, type Expression } from './expression.js';

type Part = string | Expression;

/** Splits a text into what stands as it is and the expressions in it. */
export function readTemplate(text: string): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (;;) {
    const open = text.indexOf('${{', at);
    if (open < 0) break;
    const end = closing(text, open + 3);
    if (open > at) parts.push(text.slice(at, open));
    parts.push(parseExpression(text.slice(open + 3, end)));
    at = end + 2;
  }
  if (at < text.length) parts.push(text.slice(at));
  return parts;
}

/** Index of the `}}` that closes an expression, minding quoted texts. */
function closing(text: string, from: number): number {
  let quoted = false;
  for (let at = from; at < text.length; at++) {
    if (text[at] === "'") quoted = !quoted;
    else if (!quoted && text.startsWith('}}', at)) return at;
  }
  throw new Error(`an expression is not closed with }} in: ${text}`);
}

/** The text with replacements put in; constants become plain text, and a text that does not change stays letter for letter. */
export function resolveTemplate(text: string, replace: (part: Expression) => Expression | undefined): string {
  const parts = readTemplate(text);
  const resolved = parts.map((part) => (typeof part === 'string' ? part : resolve(part, replace)));
  if (JSON.stringify(parts) === JSON.stringify(resolved)) return text;
  return resolved.map(printPart).join('');
}

/** What a text that is nothing but `${{ fromJSON('…') }}` of a constant stands for: a list, or an object. */
export function constantJson(text: string): object | undefined {
  const [part, ...more] = readTemplate(text);
  if (more.length > 0 || part === undefined || typeof part === 'string') return undefined;
  const isCall = part.is === 'call' && part.name.toLowerCase() === 'fromjson';
  const [arg] = isCall ? part.args : [];
  return arg?.is === 'literal' ? (JSON.parse(constantText(arg)) as object) : undefined;
}

function printPart(part: Part): string {
  if (typeof part === 'string') return part;
  return part.is === 'literal' ? constantText(part) : `\${{ ${print(part)} }}`;
}

/** Every expression of a text, the parts of each among them. */
export function expressionsIn(text: string): Expression[] {
  return readTemplate(text).filter((part) => typeof part !== 'string');
}
