import { isoInstant } from '../time/instant.js';
import type { Subject, Window } from './source.js';

/** Facts about the judged release that a criteria file may name as `{{ version }}`. */
export const placeholderNames = ['environment', 'service', 'version', 'colour', 'sha'] as const;

/** What stands for the time that is asked for, beside the facts of the release. */
export const windowNames = ['from-seconds', 'to-seconds', 'from-ms', 'to-ms', 'from-iso', 'to-iso'] as const;

/** What may be said of the judged release, without where it answers. */
type Facts = Pick<Subject, (typeof placeholderNames)[number]>;

const placeholder = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** Names in the text that stand for nothing. */
export function unknownPlaceholders(text: string, known: readonly string[] = placeholderNames): string[] {
  return placeholdersIn(text).filter((name) => !known.includes(name));
}

/** Names that stand between braces in a text. */
export function placeholdersIn(text: string): string[] {
  return [...text.matchAll(placeholder)].map(([, name]) => name ?? '');
}

/** The text with its placeholders taken out, for a look at its form. */
export function withoutPlaceholders(text: string): string {
  return text.replace(placeholder, '');
}

/** The text with its placeholders filled in; the schema has refused unknown ones. */
export function fillIn(text: string, subject: Facts): string {
  return text.replace(placeholder, (_, name: (typeof placeholderNames)[number]) => subject[name]);
}

/** The address of a path on a base; what fills a placeholder stays within its segment. */
export function fillInAddress(path: string, subject: Subject, base: string): string {
  const filled = path.replace(placeholder, (_, name: (typeof placeholderNames)[number]) =>
    encodeURIComponent(subject[name]),
  );
  return new URL(filled, base).href;
}

/** The text with facts and the ends of a window (epoch ms) filled in, each encoded for where it stands. */
export function fillInWindow(
  text: string,
  { from, to }: Window,
  subject: Facts,
  encode: (text: string) => string,
): string {
  const times: Record<string, string> = {
    'from-seconds': String(Math.floor(from / 1_000)),
    'to-seconds': String(Math.floor(to / 1_000)),
    'from-ms': String(from),
    'to-ms': String(to),
    'from-iso': isoInstant(from),
    'to-iso': isoInstant(to),
  };
  return text.replace(placeholder, (whole, name: string) => encode(times[name] ?? fillIn(whole, subject)));
}
