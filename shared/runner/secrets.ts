import { Buffer } from 'node:buffer';
import { escapeHtml, escapeMarkdown } from '../report/markdown.js';
import { Needles, shortestNeedle } from './needles.js';

const replacement = '***';
const unsearchable = '*** (a text in which secrets cannot be looked for in reasonable time was left out)';

/**
 * The spellings in which a secret usually reaches a log, a report or a comment: raw, base64 (also inside a longer text, as in a Basic header), hex, as a
 * part of a URL or form, JSON-, HTML- and markdown-encoded, on one line, and each line of a long one.
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
    ...hex(bytes),
    ...urlEncoded(written),
    escapeHtml(secret),
    // The text between tags needs no quotes escaped.
    escapeHtml(secret).replaceAll('&quot;', '"').replaceAll('&#39;', "'"),
    escapeMarkdown(secret),
    ...jsonEncoded(secret),
    secret.replace(/\s+/g, ' '),
    ...secret.split(/\r?\n/).filter((line) => line.trim().length >= 8),
  ];
  return [...new Set(variants)]
    .filter((variant) => variant.trim().length >= shortestNeedle)
    .sort((a, b) => b.length - a.length);
}

/** A text as JSON writers spell it: as few escapes as may be, slashes too (PHP), what HTML minds too (Go), ASCII only (Python). */
function jsonEncoded(text: string): string[] {
  const least = JSON.stringify(text).slice(1, -1);
  return [
    least,
    least.replaceAll('/', '\\/'),
    least.replace(/[&<>]/g, unicodeEscape),
    least.replace(/[^\0-\x7F]/g, unicodeEscape),
    least.replaceAll('/', '\\/').replace(/[^\0-\x7F]/g, unicodeEscape),
  ];
}

function unicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** A text as it stands in the parts of a URL, each of which has its own rules, and in a form; in lower case and twice where that is usual. */
function urlEncoded(text: string): string[] {
  const url = new URL('http://user@host');
  url.pathname = text;
  url.search = text;
  url.password = text;
  const component = encodeURIComponent(text);
  const encoded = [
    component,
    component.replace(/%../g, (byte) => byte.toLowerCase()),
    encodeURIComponent(component),
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

/** Bytes in hex, of which fewer than four cannot be told from other numbers. */
function hex(bytes: Buffer): string[] {
  const digits = bytes.toString('hex');
  return bytes.length < 4 ? [] : [digits, digits.toUpperCase()];
}

/**
 * Remembers secrets and takes them out of any text, also where single characters of theirs are escaped as in JSON, URLs, HTML or markdown, or in these
 * within each other. Secrets shorter than three characters cannot be told from ordinary text and are not masked.
 */
export class Secrets {
  readonly #needles = new Needles();

  /** The spellings that are new with this secret, for the log masker of the runner. */
  add(secret: string): string[] {
    return secretVariants(secret).filter((variant) => this.#needles.add(variant));
  }

  /** The text without secrets; nothing of it is left when it is made so that they cannot be looked for. */
  redact(text: string): string {
    const spans = this.#needles.find(text);
    if (!spans) return unsearchable;
    if (spans.length === 0) return text;
    let result = '';
    let done = 0;
    for (const { start, end } of spans) {
      result += text.slice(done, start) + replacement;
      done = end;
    }
    return result + text.slice(done);
  }

  /** A copy of plain data with secrets taken out of its texts and keys; numbers stay, so that a secret of digits cannot make JSON invalid. */
  redactData(data: unknown): unknown {
    if (this.#needles.isEmpty) return data;
    if (typeof data === 'string') return this.redact(data);
    if (Array.isArray(data)) return data.map((item) => this.redactData(item));
    if (data === null || typeof data !== 'object') return data;
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [this.redact(key), this.redactData(value)]),
    );
  }
}
