import { bounded, type Bounded } from './bounded.js';

/** Longest pattern taken, in characters. */
const maxPatternLength = 1_000;

/**
 * How long one look into a text, or into all texts of a list together, may take, in milliseconds: catastrophic
 * backtracking ends here.
 */
const patternMs = 250;

/** What a pattern found: the first match with its groups, or nothing. */
export interface PatternMatch {
  text: string;
  groups: readonly (string | undefined)[];
}

export interface Pattern {
  /**
   * The first match anywhere in the text; `ok: false` when the limit was hit, which is never a match nor the proof of
   * none.
   */
  find(text: string): Bounded<PatternMatch | undefined>;
  /** Whether any of the texts has a match; the limit is one for all of them. */
  matchesAny(texts: readonly string[]): Bounded<boolean>;
  /** Whether all of the texts have a match; the limit is one for all of them. */
  matchesAll(texts: readonly string[]): Bounded<boolean>;
}

/** Compiles an ECMAScript regular expression with the `u` flag; the reason of a refusal says what is wrong with it. */
export function compilePattern(
  source: string,
): { ok: true; pattern: Pattern } | { ok: false; reason: string } {
  if (source.length > maxPatternLength)
    return { ok: false, reason: `longer than ${maxPatternLength} characters` };
  let regex: RegExp;
  try {
    const [, flags = '', rest = source] = /^\(\?([ims]+)\)([^]*)$/.exec(source) ?? [];
    regex = new RegExp(rest, `u${[...new Set(flags)].join('')}`);
  } catch (error) {
    return { ok: false, reason: (error as Error).message };
  }
  return {
    ok: true,
    pattern: {
      find: (text) => bounded(patternMs, () => find(regex, text)),
      matchesAny: (texts) => bounded(patternMs, () => texts.some((text) => regex.test(text))),
      matchesAll: (texts) => bounded(patternMs, () => texts.every((text) => regex.test(text))),
    },
  };
}

/** Text as a pattern that matches exactly it. */
export function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

function find(regex: RegExp, text: string): PatternMatch | undefined {
  const match = regex.exec(text);
  return match ? { text: match[0], groups: match.slice(1) } : undefined;
}
