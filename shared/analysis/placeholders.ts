import type { Subject } from './source.js';

/** Facts about the judged release that a criteria file may name as `{{ version }}`. */
export const placeholderNames = ['environment', 'service', 'version', 'colour', 'sha'] as const;

const placeholder = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** Names in the text that stand for nothing. */
export function unknownPlaceholders(text: string): string[] {
  return [...text.matchAll(placeholder)]
    .map(([, name]) => name ?? '')
    .filter((name) => !placeholderNames.some((known) => known === name));
}

/** The text with its placeholders taken out, for a look at its form. */
export function withoutPlaceholders(text: string): string {
  return text.replace(placeholder, '');
}

/** The text with its placeholders filled in; the schema has refused unknown ones. */
export function fillIn(text: string, subject: Subject): string {
  return text.replace(placeholder, (_, name: (typeof placeholderNames)[number]) => subject[name]);
}

/** The address of a path on a base; what fills a placeholder stays within its segment. */
export function fillInAddress(path: string, subject: Subject, base: string): string {
  const filled = path.replace(placeholder, (_, name: (typeof placeholderNames)[number]) =>
    encodeURIComponent(subject[name]),
  );
  return new URL(filled, base).href;
}
