import { Buffer } from 'node:buffer';

const replacement = '***';

/** Every spelling in which a secret may reach a log, a report or a comment: raw, base64, base64url, URL- and JSON-encoded, and each line of a long one. */
export function secretVariants(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8');
  const variants = [
    secret,
    bytes.toString('base64'),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    ...secret.split(/\r?\n/).filter((line) => line.trim().length >= 8),
  ];
  return [...new Set(variants)]
    .filter((variant) => variant.trim().length >= 3)
    .sort((a, b) => b.length - a.length);
}

/** Remembers secrets and takes them out of any text. Secrets shorter than three characters cannot be told from ordinary text and are not masked. */
export class Secrets {
  readonly #variants = new Set<string>();

  /** The spellings that are new with this secret, for the log masker of the runner. */
  add(secret: string): string[] {
    const fresh = secretVariants(secret).filter((variant) => !this.#variants.has(variant));
    for (const variant of fresh) this.#variants.add(variant);
    return fresh;
  }

  redact(text: string): string {
    let result = text;
    for (const variant of [...this.#variants].sort((a, b) => b.length - a.length)) {
      result = result.replaceAll(variant, replacement);
    }
    return result;
  }
}
