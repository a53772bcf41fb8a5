import { Buffer } from 'node:buffer';
import { escapeHtml, escapeMarkdown } from '../report/markdown.js';

const replacement = '***';

/** Shorter spellings, in UTF-16 code units, are not looked for: they would blank out ordinary text. */
const shortest = 3;

/**
 * The spellings in which a secret usually reaches a log, a report or a comment: raw, on one line, with either end of
 * line, each line of a long one, base64 (also wrapped, or inside a longer text), hex, as a part of a URL or form, and
 * JSON-, HTML- and markdown-encoded. Longest first.
 */
export function secretVariants(secret: string): string[] {
  const lines = secret.split(/\r?\n/);
  const wholes = new Set([secret, secret.trim(), lines.join('\n'), lines.join('\r\n')]);
  const long = lines.length > 1 ? lines.filter((line) => line.trim().length >= 8) : [];
  return [...new Set([...wholes, ...long].flatMap(spellings))]
    .filter((variant) => variant.trim().length >= shortest)
    .sort((a, b) => b.length - a.length);
}

function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8');
  // Half a surrogate pair becomes U+FFFD wherever text turns into bytes.
  const written = bytes.toString('utf8');
  return [
    ...[secret, written, secret.replace(/\s+/g, ' ')],
    ...base64(bytes).flatMap((text) => [text, encodeURIComponent(text), text.replaceAll('/', '\\/')]),
    // Fewer than four bytes in hex cannot be told from other numbers.
    ...(bytes.length < 4 ? [] : [bytes.toString('hex'), bytes.toString('hex').toUpperCase()]),
    ...urlEncoded(written),
    ...jsonEncoded(secret),
    ...htmlEncoded(secret),
    // At the start of a line some characters mean something that they do not mean after others.
    ...['', 'x', '.'].map((before) => escapeMarkdown(before + secret).slice(before.length)),
  ];
}

/**
 * With and without padding; and, inside a longer text, the part that does not depend on the bytes around it, unless
 * that is too little to tell.
 */
function base64(bytes: Buffer): string[] {
  const inside = [0, 1, 2]
    .map((shift) => bytes.subarray(shift, bytes.length - ((bytes.length - shift) % 3)))
    .filter(({ length }) => length >= 6);
  const padded = bytes.toString('base64');
  // Mail and the command base64 wrap at 76, PEM at 64; a last line that is too short to tell stays.
  const wrapped = [76, 64].flatMap((width) =>
    padded.length <= width
      ? []
      : Array.from({ length: Math.ceil(padded.length / width) }, (_, line) =>
          padded.slice(line * width, (line + 1) * width),
        ).filter((line) => line.length >= 8),
  );
  return [
    ...[padded, padded.replace(/=+$/, ''), bytes.toString('base64url')],
    ...wrapped,
    ...inside.flatMap((part) => [part.toString('base64'), part.toString('base64url')]),
  ];
}

/** Each part of a URL has rules of its own, and so have forms; in lower case and twice where that is usual. */
function urlEncoded(text: string): string[] {
  const url = new URL('http://user@host');
  url.pathname = text;
  url.search = text;
  url.password = text;
  const component = encodeURIComponent(text);
  const form = new URLSearchParams([['', text]]).toString().slice(1);
  const lower = (encoded: string) => encoded.replace(/%../g, (byte) => byte.toLowerCase());
  const encoded = [
    ...[component, lower(component), encodeURIComponent(component), encodeURI(text), form, lower(form)],
    ...[url.pathname.slice(1), url.search.slice(1), url.password],
  ];
  // Encoding only lengthens: what became shorter is a path that was resolved, such as ../login, and ordinary text.
  return encoded.filter((one) => one.length >= text.length);
}

/**
 * As JSON writers spell it: as few escapes as may be (JavaScript), ASCII only (Python), without what HTML minds (Go,
 * .NET), slashes too (PHP); twice.
 */
function jsonEncoded(text: string): string[] {
  const inJson = (value: string) => JSON.stringify(value).slice(1, -1);
  const hex = (unit: string) => unit.charCodeAt(0).toString(16).padStart(4, '0');
  const least = inJson(text);
  const dotNet = least.replace(/\\[^"]|\\?["&<>'+`]|[^ -~]/g, (part) =>
    /^\\[^"]/.test(part) ? part : `\\u${hex(part.at(-1)!).toUpperCase()}`,
  );
  const others = [/[^ -~]/g, /[&<>]/g, /[^ -~]|[&<>]/g].map((escaped) =>
    least.replace(escaped, (unit) => `\\u${hex(unit)}`),
  );
  const all = [least, ...others].flatMap((one) => [one, one.replaceAll('/', '\\/')]);
  return [...all, dotNet].flatMap((one) => [one, inJson(one)]);
}

/**
 * Writers agree on & < and >; quotes they leave alone (text between tags), or name in ways of their own (ours,
 * Python's, Go's, PHP's).
 */
function htmlEncoded(text: string): string[] {
  const bare = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const closed = bare.replaceAll('>', '&gt;');
  const quoted = (double: string, single: string) => closed.replaceAll('"', double).replaceAll("'", single);
  return [
    ...[bare, closed, escapeHtml(text)],
    ...[quoted('&quot;', '&#x27;'), quoted('&#34;', '&#39;'), quoted('&quot;', '&#039;')],
  ];
}

/**
 * Remembers secrets and takes them out of any text. Secrets shorter than three characters cannot be told from ordinary
 * text and are not masked.
 */
export class Secrets {
  readonly #known = new Set<string>();
  /**
   * What is looked for by its first three characters, and a quick test for those: three share a place with others,
   * which costs a look.
   */
  readonly #byHead = new Map<string, string[]>();
  readonly #heads = new Uint8Array(65_536);
  readonly #raw = new Set<string>();

  /** The spellings that are new with this secret, for the log masker of the runner. */
  add(secret: string): string[] {
    if (secret.length >= shortest) this.#raw.add(secret);
    const fresh = secretVariants(secret).filter((variant) => !this.#known.has(variant));
    for (const variant of fresh) {
      this.#known.add(variant);
      this.#heads[placeOf(variant, 0)] = 1;
      const head = variant.slice(0, shortest);
      const same = this.#byHead.get(head);
      if (same) same.push(variant);
      else this.#byHead.set(head, [variant]);
    }
    return fresh;
  }

  redact(given: string): string {
    if (this.#known.size === 0) return given;
    const text = this.#withoutLogins(given);
    let result = '';
    let done = 0;
    /** Where the secret ends that stands before the place looked at; one that begins inside it makes it longer. */
    let end = 0;
    for (let at = 0; at < text.length; at++) {
      const length = this.#heads[placeOf(text, at)] ? this.#longestAt(text, at) : 0;
      if (length === 0) continue;
      if (at >= end) result += text.slice(done, at) + replacement;
      end = done = Math.max(end, at + length);
    }
    return result + text.slice(done);
  }

  /**
   * A login of a Basic header is one base64 text, in which a short password leaves no part that could be told by
   * itself.
   */
  #withoutLogins(text: string): string {
    if (!/basic/i.test(text)) return text;
    return text.replace(/\b(basic\s+)([A-Za-z0-9+/_-]{4,}={0,2})/gi, (whole, word: string, login: string) => {
      const plain = Buffer.from(login, 'base64').toString('utf8');
      return [...this.#raw].some((secret) => plain.includes(secret)) ? `${word}${replacement}` : whole;
    });
  }

  #longestAt(text: string, at: number): number {
    let longest = 0;
    for (const one of this.#byHead.get(text.slice(at, at + shortest)) ?? [])
      if (one.length > longest && text.startsWith(one, at)) longest = one.length;
    return longest;
  }

  /**
   * A copy of plain data with secrets taken out of its texts and keys; numbers stay, so that a secret of digits cannot
   * make JSON invalid.
   */
  redactData(data: unknown): unknown {
    if (this.#known.size === 0) return data;
    if (typeof data === 'string') return this.redact(data);
    if (Array.isArray(data)) return data.map((item) => this.redactData(item));
    if (data === null || typeof data !== 'object') return data;
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [this.redact(key), this.redactData(value)]),
    );
  }
}

/** Three characters in 16 bits; those beyond the end count as 0. */
function placeOf(text: string, at: number): number {
  return ((text.charCodeAt(at) * 31 + text.charCodeAt(at + 1)) * 31 + text.charCodeAt(at + 2)) & 0xffff;
}
