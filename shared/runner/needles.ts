import { EscapeReader, nextEscape, opensEscape } from './escapes.js';

/** A part of a text: from its first character to before its end. */
export interface Span {
  start: number;
  end: number;
}

/** Shortest text that is looked for, in UTF-16 code units. */
export const shortestNeedle = 3;

/** What may be done for a text, in comparisons: so many, and so many more for each of its characters. Only texts made to be slow take more. */
const effort = { atLeast: 1_000_000, perCharacter: 64 };

/** What reading an escape costs, in comparisons. */
const escapeEffort = 8;

/** Texts to find in other texts, however each of their characters is escaped there. */
export class Needles {
  /** By code units, so that those with a common head stand together and are told apart character by character. */
  readonly #sorted: string[] = [];
  /** Which first characters, and first three characters, a needle may have. Three share a place with others, which costs a comparison. */
  readonly #firsts = new Uint8Array(65_536);
  readonly #heads = new Uint8Array(65_536);

  get isEmpty(): boolean {
    return this.#sorted.length === 0;
  }

  /** Adds a text of `shortestNeedle` characters at least; false when it is known. */
  add(needle: string): boolean {
    const sorted = this.#sorted;
    let [from, to] = [0, sorted.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (sorted[middle]! < needle) from = middle + 1;
      else to = middle;
    }
    if (sorted[from] === needle) return false;
    sorted.splice(from, 0, needle);
    this.#firsts[needle.charCodeAt(0)] = 1;
    this.#heads[headOf(needle, 0)] = 1;
    return true;
  }

  /** Where needles stand in a text, in order and without overlap; undefined when it is made so that looking would take too long. */
  find(text: string): Span[] | undefined {
    const spans: Span[] = [];
    if (this.isEmpty) return spans;
    let search: Search | undefined;
    let escape = nextEscape(text, 0);
    for (let at = 0; at < text.length; at++) {
      if (escape < at) escape = nextEscape(text, at);
      if (at < escape && !this.#firsts[text.charCodeAt(at)]) continue;
      if (at + shortestNeedle <= escape && !this.#heads[headOf(text, at)]) continue;
      search ??= new Search(this.#sorted, text);
      if (at === escape && !search.mayBeginAt(at, this.#firsts)) continue;
      const end = search.longestFrom(at);
      if (search.isTooMuch) return undefined;
      if (end === undefined) continue;
      const last = spans.at(-1);
      if (last && at < last.end) last.end = Math.max(last.end, end);
      else spans.push({ start: at, end });
    }
    return spans;
  }
}

/** Three characters in 16 bits; those beyond the end count as 0. */
function headOf(text: string, at: number): number {
  return ((text.charCodeAt(at) * 31 + text.charCodeAt(at + 1)) * 31 + text.charCodeAt(at + 2)) & 0xffff;
}

/** Needles from `low` to before `high` that agree with the text so far: `length` characters, up to the place `at`. */
interface Trail {
  low: number;
  high: number;
  length: number;
  at: number;
}

/** Looks for sorted needles in one text. */
class Search {
  readonly #reader: EscapeReader;
  #left: number;

  constructor(
    readonly needles: readonly string[],
    readonly text: string,
  ) {
    this.#reader = new EscapeReader(text);
    this.#left = effort.atLeast + effort.perCharacter * text.length;
  }

  get isTooMuch(): boolean {
    return this.#left < 0;
  }

  /** Whether a needle with one of these first characters may begin at a place where an escape opens. */
  mayBeginAt(at: number, firsts: Uint8Array): boolean {
    this.#left -= escapeEffort;
    return this.#reader.readings(at).some(({ text }) => firsts[text.charCodeAt(0)] === 1);
  }

  /** The end of the longest needle that begins at a place. */
  longestFrom(start: number): number | undefined {
    let longest: number | undefined;
    const trails: Trail[] = [{ low: 0, high: this.needles.length, length: 0, at: start }];
    let seen: Set<string> | undefined;
    for (let trail = trails.pop(); trail && this.#left >= 0; trail = trails.pop()) {
      let { at } = trail;
      for (let alive = true; alive && this.#left >= 0;) {
        if (this.needles[trail.low]!.length === trail.length) longest = Math.max(longest ?? 0, at);
        const code = this.text.charCodeAt(at);
        if (opensEscape(code)) {
          this.#branch(trail, at, trails, (seen ??= new Set()));
          break;
        }
        // Beyond the end there is no code, with which nothing agrees.
        alive = this.#narrow(trail, code);
        at++;
      }
    }
    return longest;
  }

  #branch({ low, high, length }: Trail, at: number, trails: Trail[], seen: Set<string>): void {
    for (const { text, end } of this.#reader.readings(at)) {
      this.#left -= escapeEffort;
      const trail: Trail = { low, high, length, at: end };
      let agrees = true;
      for (let unit = 0; unit < text.length && agrees; unit++)
        agrees = this.#narrow(trail, text.charCodeAt(unit));
      if (!agrees) continue;
      const key = `${trail.low} ${trail.length} ${end}`;
      if (seen.has(key)) continue;
      seen.add(key);
      trails.push(trail);
    }
  }

  /** Keeps the needles that go on with this character; false when there are none. */
  #narrow(trail: Trail, code: number): boolean {
    this.#left--;
    const { low, high, length } = trail;
    trail.length++;
    if (high - low === 1) return this.needles[low]!.charCodeAt(length) === code;
    trail.low = this.#firstFrom(low, high, length, code);
    trail.high = this.#firstFrom(trail.low, high, length, code + 1);
    return trail.low < trail.high;
  }

  /** The first needle whose character at a place is this one or a later one; a needle that ends there stands before all others. */
  #firstFrom(low: number, high: number, place: number, code: number): number {
    let [from, to] = [low, high];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.needles[middle]!.charCodeAt(place) >= code) to = middle;
      else from = middle + 1;
    }
    return from;
  }
}
