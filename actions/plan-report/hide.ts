import { Secrets } from '../../shared/runner/secrets.js';

/** Takes sensitive texts out of a text, in each spelling that they are known by. */
export type Hide = (text: string) => string;

/** What stands for a sensitive value. */
export const sensitive = '(sensitive)';

/**
 * Shorter texts are hidden where they are marked and nowhere else: everywhere they would blank out ordinary words.
 */
const shortest = 4;

/** Hides these texts wherever they stand. */
export function secretTexts(found: readonly string[]): Hide {
  const secrets = new Secrets();
  for (const text of new Set(found)) if (text.length >= shortest) secrets.add(text);
  return (text) => secrets.redact(text);
}

/** Every text and number of a value, however deep, as text. */
export function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(texts);
}

/** The texts of a value that its marks call sensitive; marks have the value's form, with `true` where it is. */
export function marked(value: unknown, marks: unknown): string[] {
  if (marks === true) return texts(value);
  if (typeof marks !== 'object' || marks === null || typeof value !== 'object' || value === null) return [];
  return Object.entries(marks).flatMap(([key, mark]) =>
    marked((value as Record<string, unknown>)[key], mark),
  );
}

/** The value without what is sensitive: by its marks, and by what is marked elsewhere. */
export function hidden(value: unknown, marks: unknown, hide: Hide): unknown {
  if (value === undefined || value === null) return value;
  if (marks === true) return sensitive;
  if (typeof value === 'string') return hide(value);
  // A number may be one that is marked elsewhere.
  if (typeof value === 'number') return hide(String(value)) === String(value) ? value : sensitive;
  if (typeof value !== 'object') return value;
  const markOf = (key: string) =>
    typeof marks === 'object' && marks !== null ? (marks as Record<string, unknown>)[key] : undefined;
  if (Array.isArray(value)) return value.map((one, at) => hidden(one, markOf(String(at)), hide));
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [hide(key), hidden(one, markOf(key), hide)]),
  );
}
