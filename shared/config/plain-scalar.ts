/** Raised inside when the text has anything but plain YAML in it; the whole parser decides then. */
export class NotPlain extends Error {}

/** A key that means itself in every position: no indicator, no number, not special to JavaScript or YAML. */
const plainKey = /^[A-Za-z_][\w./-]*(?: [\w./-]+)*$/;

/** What YAML 1.2 reads as something else than text. */
const specialScalar =
  /^(?:~|null|Null|NULL|true|True|TRUE|false|False|FALSE|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?\d+|\.nan|\.NaN|\.NAN|[-+]?\.(?:inf|Inf|INF)|[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?)$/;

/** The value of a text without quotes, when it is a word, a whole number, true, false or null. */
export function scalarOf(source: string): unknown {
  if (/^[-?:](?: |$)|^[,[\]{}#&*!|>'"%@`?:]/.test(source) || source === '') throw new NotPlain();
  if (!specialScalar.test(source)) return source;
  if (source === 'true') return true;
  if (source === 'false') return false;
  if (source === 'null') return null;
  if (/^(?:0|-?[1-9]\d{0,14})$/.test(source)) return Number(source);
  throw new NotPlain();
}

/** A key as it was written; quoted ones may be anything that stays one key. */
export function checkedKey(key: string, isQuoted: boolean, siblings: object): string {
  const isOdd = key === '' || key === '__proto__' || key === '<<' || key.length > 200;
  if (isOdd || Object.hasOwn(siblings, key)) throw new NotPlain();
  if (!isQuoted && (!plainKey.test(key) || specialScalar.test(key))) throw new NotPlain();
  return key;
}

/** The text in quotes that begins here, and the offset behind it. */
export function quotedAt(text: string, start: number): { value: string; end: number } {
  const isDouble = text[start] === '"';
  const pattern = isDouble ? /(?:[^"\\\n]|\\["\\/bfnrt])*"/y : /(?:[^'\n]|'')*'/y;
  pattern.lastIndex = start + 1;
  const match = pattern.exec(text);
  if (!match) throw new NotPlain();
  const inner = match[0].slice(0, -1);
  const end = pattern.lastIndex;
  if (!isDouble) return { value: inner.replaceAll("''", "'"), end };
  if (!inner.includes('\\')) return { value: inner, end };
  if ([...inner].some((character) => character < ' ')) throw new NotPlain();
  return { value: JSON.parse(`"${inner}"`) as string, end };
}
