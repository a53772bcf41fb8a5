import { Buffer } from 'node:buffer';
import { escapeHtml, escapeMarkdown } from '../report/markdown.js';

const replacement = '***';

/**
 * Every spelling in which a secret may reach a log, a report or a comment: raw, base64 (also inside a longer text, as in a Basic header), as a part of
 * a URL or form, JSON-, HTML- and markdown-encoded, and each line of a long one.
 */
export function secretVariants(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8');
  // Half a surrogate pair becomes U+FFFD wherever text turns into bytes.
  const written = bytes.toString('utf8');
  const variants = [
    secret,
    written,
    bytes.toString('base64'),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    ...[0, 1, 2].flatMap((shift) => alignedBase64(bytes.subarray(shift))),
    ...urlEncoded(written),
    escapeHtml(secret),
    escapeMarkdown(secret),
    JSON.stringify(secret).slice(1, -1),
    ...secret.split(/\r?\n/).filter((line) => line.trim().length >= 8),
  ];
  return [...new Set(variants)]
    .filter((variant) => variant.trim().length >= 3)
    .sort((a, b) => b.length - a.length);
}

/** A text as it stands in the parts of a URL, each of which has its own rules, and in a form. */
function urlEncoded(text: string): string[] {
  const url = new URL('http://user@host');
  url.pathname = text;
  url.search = text;
  url.password = text;
  const encoded = [
    encodeURIComponent(text),
    encodeURI(text),
    new URLSearchParams([['', text]]).toString().slice(1),
    url.pathname.slice(1),
    url.search.slice(1),
    url.password,
  ];
  // Encoding only lengthens: what became shorter is a path that was resolved, such as ../login, and ordinary text.
  return encoded.filter((one) => one.length >= text.length);
}

/** The part of a base64 text that does not depend on what stands around the bytes; nothing when too little is left to tell it from other text. */
function alignedBase64(bytes: Buffer): string[] {
  const whole = bytes.subarray(0, bytes.length - (bytes.length % 3));
  return whole.length < 6 ? [] : [whole.toString('base64'), whole.toString('base64url')];
}

/** Remembers secrets and takes them out of any text. Secrets shorter than three characters cannot be told from ordinary text and are not masked. */
export class Secrets {
  readonly #variants = new Set<string>();
  /** Longest first, so that a secret that is part of another leaves nothing of it. */
  #ordered: readonly string[] = [];

  /** The spellings that are new with this secret, for the log masker of the runner. */
  add(secret: string): string[] {
    const fresh = secretVariants(secret).filter((variant) => !this.#variants.has(variant));
    for (const variant of fresh) this.#variants.add(variant);
    this.#ordered = [...this.#variants].sort((a, b) => b.length - a.length);
    return fresh;
  }

  redact(text: string): string {
    let result = text;
    for (const variant of this.#ordered) result = result.replaceAll(variant, replacement);
    return result;
  }

  /** A copy of plain data with secrets taken out of its texts and keys; numbers stay, so that a secret of digits cannot make JSON invalid. */
  redactData(data: unknown): unknown {
    if (this.#ordered.length === 0) return data;
    if (typeof data === 'string') return this.redact(data);
    if (Array.isArray(data)) return data.map((item) => this.redactData(item));
    if (data === null || typeof data !== 'object') return data;
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [this.redact(key), this.redactData(value)]),
    );
  }
}
