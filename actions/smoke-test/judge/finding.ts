import type { SmokeFailure } from '../../../shared/contracts/reports/smoke-report.js';

/** One expectation that did not hold. `path` leads to it inside the step, for its line in the suite file. */
export interface Finding extends Pick<SmokeFailure, 'kind' | 'check' | 'expected' | 'got'> {
  path: readonly PropertyKey[];
  /** It could not be decided, so that it says nothing of the opposite either. */
  undecided?: true;
}

/**
 * One thing that was looked at; undecided is what could not be looked at, or has no answer, mixed is what holds of a
 * part of what came. Neither is ever a pass, nor is its opposite.
 */
export interface Judged extends Omit<Finding, 'expected' | 'got'> {
  verdict: 'holds' | 'broken' | 'mixed' | 'undecided';
  expected: Told;
  got: Told;
}

/** A text, or what makes it: nothing is told of what holds, and most does. */
export type Told = string | (() => string);

export function told(text: Told): string {
  return typeof text === 'string' ? text : text();
}

/** Longest excerpt of what came, in characters. */
const excerptLength = 300;

/** Text made fit for a message: secrets taken out first, so that none is cut in two, then shortened. */
export type Excerpt = (text: string) => string;

/** An excerpt maker for a redactor. */
export function excerptWith(redact: (text: string) => string): Excerpt {
  return (text) => {
    const safe = redact(text);
    return safe.length <= excerptLength
      ? safe
      : `${safe.slice(0, excerptLength)}… (${safe.length} characters)`;
  };
}

/** A JSON value as text for a message. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}
