import { checkedKey, NotPlain, quotedAt, scalarOf } from './plain-scalar.js';
import { dash, endOfLine, flowText, plainEntry, startOfMapping, untilText } from './plain-tokens.js';

/** A document of plain YAML: its value, and where everything in it stands. */
export interface PlainDocument {
  value: unknown;
  /** The offset of the value at a path or of the nearest parent that exists, as `offsetAt` gives it for a whole document. */
  offsetAt(path: readonly PropertyKey[]): number;
}

/** Nesting beyond this is left to the whole parser, which says what is wrong with it. */
const maxDepth = 50;

/**
 * Reads the YAML that nearly every configuration is written in, many times faster than a whole parser: mappings, lists and one-line texts, in block or flow
 * form. Undefined means that there is something else in the text, or something wrong: the whole parser decides then. Never reads a text as another value.
 */
export function readPlainYaml(text: string): PlainDocument | undefined {
  if (/[\t\r\uFEFF\u0085\u2028\u2029]|^(?:---|\.\.\.|%)/m.test(text)) return undefined;
  try {
    return new PlainReader(text).document();
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

class PlainReader {
  readonly #text: string;
  /** Where the values in a mapping or list stand; those that are block mappings at their key, if they have one. */
  readonly #spots = new Map<unknown, Record<string, number>>();
  #at = 0;
  /** Column of the first text of the current line. */
  #lineStart = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): PlainDocument {
    if (!this.#nextLine() || this.#column() !== 0) throw new NotPlain();
    const start = this.#at;
    const value = this.#isDash() ? this.#list(0) : this.#mapping(0);
    if (this.#at < this.#text.length) throw new NotPlain();
    const spots = this.#spots;
    return {
      value,
      offsetAt(path) {
        let node: unknown = value;
        let offset = start;
        for (const key of path) {
          const found = spots.get(node);
          const name = String(key);
          if (!found || !Object.hasOwn(found, name)) return offset;
          offset = found[name]!;
          node = (node as Record<string, unknown>)[name];
        }
        return offset;
      },
    };
  }

  #column(): number {
    return this.#at - this.#lineStart;
  }

  /** Goes to the first text at or after here that is on a line of its own; false at the end. */
  #nextLine(): boolean {
    untilText.lastIndex = this.#at;
    untilText.test(this.#text);
    this.#at = untilText.lastIndex;
    this.#lineStart = this.#text.lastIndexOf('\n', this.#at - 1) + 1;
    return this.#at < this.#text.length;
  }

  /** Whether nothing but a comment follows on this line; goes to the next text then. */
  #endOfLine(): boolean {
    endOfLine.lastIndex = this.#at;
    if (!endOfLine.test(this.#text)) {
      if (this.#text[this.#at] === '#') throw new NotPlain();
      return false;
    }
    this.#at = endOfLine.lastIndex;
    this.#nextLine();
    return true;
  }

  #isDash(): boolean {
    return this.#text[this.#at] === '-' && ' \n'.includes(this.#text[this.#at + 1] ?? '\n');
  }

  /** Whether a text stands here, at exactly this column, that belongs to the block of that column. */
  #continues(column: number): boolean {
    if (this.#at >= this.#text.length || this.#column() < column) return false;
    if (this.#column() > column) throw new NotPlain();
    return true;
  }

  #mapping(column: number): Record<string, unknown> {
    this.#enter();
    const value: Record<string, unknown> = {};
    const spots: Record<string, number> = {};
    while (this.#continues(column)) {
      if (this.#isDash()) break;
      const keyAt = this.#at;
      plainEntry.lastIndex = keyAt;
      const entry = plainEntry.exec(this.#text);
      if (entry) {
        const [, key = '', words, blanks = ''] = entry;
        this.#at = plainEntry.lastIndex;
        this.#lineStart = this.#at - blanks.length;
        checkedKey(key, false, value);
        if (words === undefined) {
          const child = this.#blockBelow(column);
          value[key] = child.value;
          spots[key] = child.at ?? keyAt;
        } else {
          // Text further in would go on with the value.
          if (blanks.length > column) throw new NotPlain();
          value[key] = scalarOf(words);
          spots[key] = keyAt + key.length + 2;
        }
        continue;
      }
      const key = this.#blockKey(value);
      const child = this.#valueOfKey(column);
      value[key] = child.value;
      spots[key] = child.at ?? keyAt;
    }
    this.#depth--;
    this.#spots.set(value, spots);
    return value;
  }

  #list(column: number): unknown[] {
    this.#enter();
    const value: unknown[] = [];
    const spots: Record<string, number> = {};
    while (this.#continues(column) && this.#isDash()) {
      dash.lastIndex = this.#at;
      if (!dash.test(this.#text)) throw new NotPlain();
      this.#at = dash.lastIndex;
      const itemColumn = this.#column();
      spots[value.length] = this.#at;
      value.push(
        this.#isDash()
          ? this.#list(itemColumn)
          : this.#startsBlockKey()
            ? this.#mapping(itemColumn)
            : this.#inlineValue(column),
      );
    }
    this.#depth--;
    this.#spots.set(value, spots);
    return value;
  }

  /** The value after the colon of a key in a mapping at this column: on the same line, or as a block below. It stands at its key without `at`. */
  #valueOfKey(column: number): { value: unknown; at?: number } {
    if (!this.#endOfLine()) {
      while (this.#text[this.#at] === ' ') this.#at++;
      const at = this.#at;
      return { value: this.#inlineValue(column), at };
    }
    return this.#blockBelow(column);
  }

  #blockBelow(column: number): { value: unknown; at?: number } {
    if (this.#at >= this.#text.length || this.#column() < column) throw new NotPlain();
    const at = this.#at;
    const inner = this.#column();
    if (this.#isDash()) return { value: this.#list(inner), at };
    if (inner === column) throw new NotPlain();
    if ('{['.includes(this.#text[at]!)) return { value: this.#inlineValue(column), at };
    if (!this.#startsBlockKey()) throw new NotPlain();
    return { value: this.#mapping(inner) };
  }

  /** A value that begins and, unless it is a flow collection, ends on this line; whatever follows stands at most at the parent's column. */
  #inlineValue(parentColumn: number): unknown {
    const first = this.#text[this.#at]!;
    const value =
      first === '{' || first === '['
        ? this.#flow(parentColumn)
        : first === '"' || first === "'"
          ? this.#quoted()
          : this.#plainInBlock();
    if (!this.#endOfLine()) throw new NotPlain();
    // Text further in would go on with the value.
    if (this.#at < this.#text.length && this.#column() > parentColumn) throw new NotPlain();
    return value;
  }

  #startsBlockKey(): boolean {
    startOfMapping.lastIndex = this.#at;
    return startOfMapping.test(this.#text);
  }

  /** A key of a block mapping; afterwards the position is behind its colon. */
  #blockKey(siblings: object): string {
    const isQuoted = this.#text[this.#at] === '"';
    const end = this.#text.indexOf(isQuoted ? '":' : ':', this.#at + 1) + (isQuoted ? 1 : 0);
    if (end < 1) throw new NotPlain();
    const key = isQuoted ? this.#text.slice(this.#at + 1, end - 1) : this.#text.slice(this.#at, end);
    if (!' \n'.includes(this.#text[end + 1] ?? '\n') || /["\\\n]/.test(key)) throw new NotPlain();
    this.#at = end + 1;
    return checkedKey(key, isQuoted, siblings);
  }

  #plainInBlock(): unknown {
    const end = this.#text.indexOf('\n', this.#at);
    let line = this.#text.slice(this.#at, end < 0 ? undefined : end);
    const comment = line.indexOf(' #');
    if (comment >= 0) line = line.slice(0, comment);
    const source = line.trimEnd();
    // JavaScript trims more than YAML's blanks.
    if (/: |:$|[^\x20-\x7E]$/.test(source)) throw new NotPlain();
    this.#at += source.length;
    return scalarOf(source);
  }

  #quoted(): string {
    const { value, end } = quotedAt(this.#text, this.#at);
    this.#at = end;
    return value;
  }

  #flow(parentColumn: number): unknown {
    this.#enter();
    const isMapping = this.#text[this.#at] === '{';
    const close = isMapping ? '}' : ']';
    const value: Record<string, unknown> | unknown[] = isMapping ? {} : [];
    const spots: Record<string, number> = {};
    this.#at++;
    this.#flowSpace(parentColumn);
    while (this.#text[this.#at] !== close) {
      const name = Array.isArray(value) ? String(value.length) : this.#flowKey(parentColumn, value);
      spots[name] = this.#at;
      (value as Record<string, unknown>)[name] = this.#flowValue(parentColumn);
      this.#flowSpace(parentColumn);
      if (this.#text[this.#at] === ',') {
        this.#at++;
        this.#flowSpace(parentColumn);
      } else if (this.#text[this.#at] !== close) throw new NotPlain();
    }
    this.#at++;
    this.#depth--;
    this.#spots.set(value, spots);
    return value;
  }

  /** A key of a flow mapping; afterwards the position is at its value. */
  #flowKey(parentColumn: number, siblings: object): string {
    const isQuoted = this.#text[this.#at] === '"' || this.#text[this.#at] === "'";
    const line = this.#lineStart;
    const key = isQuoted ? this.#quoted() : this.#flowPlain();
    if (typeof key !== 'string' || this.#text[this.#at] !== ':') throw new NotPlain();
    this.#at++;
    const next = this.#text[this.#at];
    if (next !== ' ' && next !== '\n' && !isQuoted) throw new NotPlain();
    this.#flowSpace(parentColumn);
    if (this.#lineStart !== line) throw new NotPlain();
    return checkedKey(key, isQuoted, siblings);
  }

  #flowValue(parentColumn: number): unknown {
    const first = this.#text[this.#at];
    if (first === '{' || first === '[') return this.#flow(parentColumn);
    if (first === '"' || first === "'") return this.#quoted();
    return this.#flowPlain();
  }

  /** A plain text inside a flow collection: up to its end, a comma, a bracket or the colon of a key. */
  #flowPlain(): unknown {
    flowText.lastIndex = this.#at;
    const source = flowText.exec(this.#text)?.[0];
    if (source === undefined || /[^\x20-\x7E]$/.test(source)) throw new NotPlain();
    this.#at += source.length;
    return scalarOf(source);
  }

  /** Skips blanks, line breaks and comments inside a flow collection, whose lines must all be further in than its parent. */
  #flowSpace(parentColumn: number): void {
    const at = this.#at;
    while (this.#text[this.#at] === ' ') this.#at++;
    const character = this.#text[this.#at];
    if (character === '#' && this.#at === at) throw new NotPlain();
    if (character !== '\n' && character !== '#') return;
    const end = this.#text.indexOf('\n', this.#at);
    if (end < 0) throw new NotPlain();
    this.#at = end + 1;
    if (!this.#nextLine() || this.#column() <= parentColumn) throw new NotPlain();
  }

  #enter(): void {
    if (++this.#depth > maxDepth) throw new NotPlain();
  }
}
