import { Secrets } from '../../../shared/runner/secrets.js';
import { excerptWith, type Excerpt } from '../judge/finding.js';

/** Keeps what must not be shown: tells the runner to mask it, and takes it out of excerpts before they are cut. */
export interface Vault {
  /** Every text and number inside the value becomes a secret. */
  remember(value: unknown): void;
  redact(text: string): string;
  excerpt: Excerpt;
}

/** A vault that hands each secret to `mask` too. */
export function createVault(mask: (secret: string) => void): Vault {
  const secrets = new Secrets();
  const known = new Set<string>();
  const redact = (text: string) => secrets.redact(text);
  const remember = (value: unknown): void => {
    if (value === null || typeof value === 'boolean') return;
    if (typeof value === 'object') return Object.values(value).forEach(remember);
    const text = String(value);
    if (known.has(text)) return;
    known.add(text);
    for (const spelling of [text, ...furtherSpellings(text)]) {
      secrets.add(spelling);
      mask(spelling);
    }
  };
  return { remember, redact, excerpt: excerptWith(redact) };
}

/** A host name of fewer characters than this is an ordinary word in lower case. */
const shortestName = 8;

/**
 * How a secret may come back besides the spellings that are looked for anyway: without the blanks around it, as a host
 * name, or as UTF-8 that was read in another encoding.
 */
function furtherSpellings(text: string): string[] {
  const isName = text.length >= shortestName && /^[\w.-]+$/.test(text);
  return [
    text.trim(),
    ...(isName ? [text.toLowerCase()] : []),
    ...(/[^\0-\x7F]/.test(text) ? [new TextDecoder('latin1').decode(new TextEncoder().encode(text))] : []),
  ].filter((spelling) => spelling !== '' && spelling !== text);
}
