import { Secrets } from '../../shared/runner/secrets.js';
import { excerptWith, type Excerpt } from './finding.js';

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
    secrets.add(text);
    mask(text);
  };
  return { remember, redact, excerpt: excerptWith(redact) };
}
