import { Buffer } from 'node:buffer';
import { entities, longestEntity } from './entities.js';

/** What can be read at a place of a text, and the place after it. */
export interface Reading {
  text: string;
  end: number;
}

/** How many encodings may be laid on one another, as in JSON in JSON. */
const levels = 2;

const none: readonly Reading[] = [];

/** Whether an escape may begin with this character, or is one: `+` is a space in forms. */
export function opensEscape(code: number): boolean {
  return code === 0x5c || code === 0x25 || code === 0x26 || code === 0x2b;
}

const opening = /[\\%&+]/g;

/** The first place from here where an escape may begin; Infinity when there is none. */
export function nextEscape(text: string, from: number): number {
  opening.lastIndex = from;
  return opening.test(text) ? opening.lastIndex - 1 : Infinity;
}

type Kind = (code: number) => boolean;

const isDigit: Kind = (code) => code >= 0x30 && code <= 0x39;
const isLetter: Kind = (code) => (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
const isHexDigit: Kind = (code) => isDigit(code) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66);
const isNameCharacter: Kind = (code) => isLetter(code) || isDigit(code);
/** First hex digit of a byte that goes on with a character in UTF-8. */
const isContinuing: Kind = (code) => /[89ab]/i.test(String.fromCharCode(code));
const isPunctuation: Kind = (code) => code > 0x20 && code < 0x7f && !isNameCharacter(code);

const control: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  e: '\u001B',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  0: '\0',
};

/** Readings by place, of the places looked at last: a search goes forward and soon comes back to none. */
class Recent {
  readonly #places: number[] = [];
  readonly #readings: (readonly Reading[])[] = [];

  get(at: number): readonly Reading[] | undefined {
    return this.#places[at & 63] === at ? this.#readings[at & 63] : undefined;
  }

  set(at: number, readings: readonly Reading[]): void {
    this.#places[at & 63] = at;
    this.#readings[at & 63] = readings;
  }
}

/**
 * Reads characters of one text however they are escaped: as JSON, JavaScript, Python and markdown do (backslash), as URLs and forms do (percent, plus) and
 * as HTML and XML do (entities), and those within each other. A character of an escape may itself be escaped, which is all that "within each other" means.
 */
export class EscapeReader {
  readonly #known: readonly Recent[] = Array.from({ length: levels + 1 }, () => new Recent());
  /** Whether what is read might be read in yet other ways at a higher level. */
  #isOpen = false;

  constructor(readonly text: string) {}

  /** Every way to read the character at a place, itself included; a place beyond the end has none. */
  readings(at: number, level = levels): readonly Reading[] {
    if (at >= this.text.length) return none;
    if (level === 0 || !opensEscape(this.text.charCodeAt(at)))
      return [{ text: this.text.charAt(at), end: at + 1 }];
    const known = this.#known[level]!.get(at);
    if (known) return known;
    const openings = this.readings(at, level - 1);
    // Most places are settled by the first level: neither a character of the escape nor what it means opens another.
    const settled = this.#known[level]!.get(at);
    if (settled) return settled;
    const found = [...openings];
    this.#isOpen = false;
    for (const { text, end } of openings)
      for (const read of this.#escapes(text, end, level - 1))
        if (!found.some((one) => one.end === read.end && one.text === read.text)) found.push(read);
    if (
      level > 1 ||
      this.#isOpen ||
      found.some(({ text }, index) => index > 0 && opensEscape(text.charCodeAt(0)))
    )
      this.#known[level]!.set(at, found);
    else for (const recent of this.#known) recent.set(at, found);
    return found;
  }

  /** What an escape may mean that begins with `opening` and whose rest stands at a place. */
  #escapes(opening: string, at: number, level: number): readonly Reading[] {
    const code = this.text.charCodeAt(at);
    const isPlain = !opensEscape(code);
    switch (opening) {
      case '\\':
        return this.#backslash(at, level);
      case '%':
        if (isPlain && !isNameCharacter(code)) return none;
        return this.#percent([{ text: '', end: at }], level);
      case '&':
        if (isPlain && code !== 0x23 && !isNameCharacter(code)) return none;
        return this.#entity([{ text: '', end: at }], level);
      case '+':
        return [{ text: ' ', end: at }];
      default:
        return none;
    }
  }

  #backslash(at: number, level: number): readonly Reading[] {
    const found: Reading[] = [];
    if (opensEscape(this.text.charCodeAt(at))) this.#isOpen = true;
    for (const { text, end } of this.readings(at, level)) {
      const plain = control[text] ?? (isPunctuation(text.charCodeAt(0)) ? text : undefined);
      if (plain !== undefined) found.push({ text: plain, end });
      else if (text === 'u' || text === 'U' || text === 'x')
        found.push(...this.#numbered(text, [{ text: '', end }], level));
    }
    return found;
  }

  #numbered(sign: 'u' | 'U' | 'x', from: readonly Reading[], level: number): readonly Reading[] {
    if (sign === 'x') return this.#bytes(from, '\\x', level);
    if (sign === 'U') return this.#codePoint(from, 8, level);
    return [...this.#codePoint(from, 4, level), ...this.#braced(from, level)];
  }

  #percent(from: readonly Reading[], level: number): readonly Reading[] {
    const bytes = this.#bytes(from, '%', level);
    const unicode = this.#skip(from, 'u', level);
    return unicode.length === 0 ? bytes : [...bytes, ...this.#codePoint(unicode, 4, level)];
  }

  #codePoint(from: readonly Reading[], digits: number, level: number): readonly Reading[] {
    return characters(this.#take(from, isHexDigit, digits, level), 16);
  }

  /** `{1F511}` of `\u{1F511}`. */
  #braced(from: readonly Reading[], level: number): readonly Reading[] {
    const digits = this.#takeUpTo(this.#skip(from, '{', level), isHexDigit, 8, level);
    return characters(this.#skip(digits, '}', level), 16);
  }

  #entity(from: readonly Reading[], level: number): readonly Reading[] {
    const named = this.#ended(from, isNameCharacter, longestEntity, level).flatMap(({ text, end }) => {
      const character = entities.get(text);
      return character === undefined ? [] : [{ text: character, end }];
    });
    const number = this.#skip(from, '#', level);
    if (number.length === 0) return named;
    const hex = [...this.#skip(number, 'x', level), ...this.#skip(number, 'X', level)];
    return [
      ...named,
      ...characters(this.#ended(number, isDigit, 10, level), 10),
      ...characters(this.#ended(hex, isHexDigit, 10, level), 16),
    ];
  }

  /** A byte in hex, as the character of that number and as the first of a character in UTF-8, whose other bytes are written in the same way. */
  #bytes(from: readonly Reading[], opening: string, level: number): readonly Reading[] {
    const firsts = this.#take(from, isHexDigit, 2, level);
    const found = characters(firsts, 16);
    for (const first of firsts) {
      const length = utf8Length(parseInt(first.text, 16));
      let bytes: readonly Reading[] = length > 1 ? [first] : none;
      for (let left = length - 1; left > 0 && bytes.length > 0; left--) {
        for (const sign of opening) bytes = this.#skip(bytes, sign, level);
        bytes = this.#take(this.#take(bytes, isContinuing, 1, level), isHexDigit, 1, level);
      }
      for (const { text, end } of bytes) found.push({ text: Buffer.from(text, 'hex').toString(), end });
    }
    return found;
  }

  /** What is taken up to a semicolon. */
  #ended(from: readonly Reading[], kind: Kind, most: number, level: number): readonly Reading[] {
    return this.#skip(this.#takeUpTo(from, kind, most, level), ';', level);
  }

  /** Goes on over this character. */
  #skip(from: readonly Reading[], character: string, level: number): Reading[] {
    const wanted = character.charCodeAt(0);
    return this.#step(
      from,
      (code) => code === wanted,
      level,
      ({ text }) => text,
    );
  }

  /** Goes on over so many characters of a kind, and takes them. */
  #take(from: readonly Reading[], kind: Kind, count: number, level: number): readonly Reading[] {
    let now = from;
    for (let left = count; left > 0 && now.length > 0; left--)
      now = this.#step(now, kind, level, ({ text }, taken) => text + taken);
    return now;
  }

  #takeUpTo(from: readonly Reading[], kind: Kind, most: number, level: number): readonly Reading[] {
    const found: Reading[] = [];
    for (let now = from, left = most; left > 0 && now.length > 0; left--) {
      now = this.#take(now, kind, 1, level);
      found.push(...now);
    }
    return found;
  }

  #step(
    from: readonly Reading[],
    kind: Kind,
    level: number,
    read: (from: Reading, character: string) => string,
  ): Reading[] {
    const found: Reading[] = [];
    for (const one of from) {
      const code = this.text.charCodeAt(one.end);
      const opens = opensEscape(code);
      if (opens) this.#isOpen = true;
      if (level === 0 || !opens) {
        if (one.end < this.text.length && kind(code))
          found.push({ text: read(one, this.text.charAt(one.end)), end: one.end + 1 });
        continue;
      }
      for (const { text, end } of this.readings(one.end, level))
        if (text.length === 1 && kind(text.charCodeAt(0))) found.push({ text: read(one, text), end });
    }
    return found;
  }
}

function characters(numbers: readonly Reading[], base: number): Reading[] {
  return numbers.flatMap(({ text, end }) => {
    const code = parseInt(text, base);
    return code <= 0x10ffff ? [{ text: String.fromCodePoint(code), end }] : [];
  });
}

/** Bytes of the character that begins with this one; 1 for what begins none of several. */
function utf8Length(byte: number): number {
  if (byte < 0xc2 || byte > 0xf4) return 1;
  return byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}
