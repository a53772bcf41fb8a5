import { escapePattern } from '../../shared/probes/evaluators/pattern.js';
import type { Refuse } from './draft.js';

export type TextOperator = 'equals' | 'not-equals' | 'contains' | 'not-contains' | 'matches' | 'not-matches';

/** Matchers of one text: what must hold of it, and what must not. */
export interface TextMatchers {
  expect: Record<string, string>;
  not: Record<string, string>;
}

/**
 * Collects what must hold of one text, or of every value of something that is sent several times. What must not be goes
 * below `not`, which wants none of them to have it.
 */
export class TextExpected {
  #equals: string | undefined;
  readonly #notEquals = new Set<string>();
  readonly #contains = new Set<string>();
  readonly #notContains = new Set<string>();
  readonly #matches = new Set<string>();
  readonly #notMatches = new Set<string>();

  add(operator: TextOperator, value: string, refuse: Refuse): void {
    if (operator === 'equals') {
      if (this.#equals !== undefined && this.#equals !== value)
        return refuse('a second value of the same text', 'keep one of them');
      this.#equals = value;
    } else if (operator === 'not-equals') this.#notEquals.add(value);
    else if (value === '') refuse('an empty text: everything contains nothing', 'look for a text');
    else if (operator === 'contains') this.#contains.add(value);
    else if (operator === 'not-contains') this.#notContains.add(value);
    else if (operator === 'matches') this.#matches.add(value);
    else this.#notMatches.add(value);
  }

  write(refuse: Refuse): TextMatchers {
    const alone = this.#contains.size === 1 && this.#matches.size === 0;
    const wanted = joined(
      alone ? [] : [...this.#contains].map(literalPattern),
      this.#matches,
      // Each value must have all of them.
      (patterns) => `^${patterns.map((pattern) => `(?=[^]*(?:${pattern}))`).join('')}`,
      refuse,
    );
    const several = (texts: ReadonlySet<string>) => (texts.size > 1 ? [...texts].map(literalPattern) : []);
    const unwanted = joined(
      [...several(this.#notContains), ...several(this.#notEquals).map((pattern) => `^${pattern}$`)],
      this.#notMatches,
      (patterns) => patterns.map((pattern) => `(?:${pattern})`).join('|'),
      refuse,
    );
    return {
      expect: {
        ...(this.#equals === undefined ? {} : { equals: this.#equals }),
        ...(alone ? only('contains', this.#contains) : {}),
        ...only('not-contains', this.#notContains),
        ...(wanted === undefined ? {} : { matches: wanted }),
      },
      not: {
        ...only('equals', this.#notEquals),
        ...(unwanted === undefined ? {} : { matches: unwanted }),
      },
    };
  }
}

/** The one text of a set of one. */
function only(key: string, texts: ReadonlySet<string>): Record<string, string> {
  const [text] = texts;
  return text !== undefined && texts.size === 1 ? { [key]: text } : {};
}

/**
 * Patterns of texts, and patterns as they were written, as one. Groups of those would get other numbers when there are
 * several.
 */
function joined(
  literals: readonly string[],
  given: ReadonlySet<string>,
  join: (patterns: readonly string[]) => string,
  refuse: Refuse,
): string | undefined {
  const bound = [...given].find((source) => refersToGroup.test(source));
  if (bound !== undefined && given.size > 1)
    refuse(
      `several patterns of one text, with groups that have names or are referred to: /${bound}/`,
      'write it without',
    );
  const patterns = [...literals, ...given];
  return patterns.length > 1 ? join(patterns) : patterns[0];
}

/** `\1`, `\k<name>` and `(?<name>`, unless a backslash takes their meaning away. */
const refersToGroup = /(?<!\\)(?:\\\\)*(?:\\[1-9k]|\(\?<(?![=!]))/;

/** A text as a pattern that matches it alone; references stay, since the suite fills them in literally. */
export function literalPattern(text: string): string {
  return text
    .split(/(\{\{ [\w.-]+ \}\})/)
    .map((part, index) => (index % 2 === 1 ? part : escapePattern(part)))
    .join('');
}
