import { escapePattern } from '../../shared/probes/evaluators/pattern.js';
import type { Refuse } from './draft.js';

export type TextOperator = 'equals' | 'not-equals' | 'contains' | 'not-contains' | 'matches' | 'not-matches';

/** Matchers of one text: what must hold of it, and what must not. */
export interface TextMatchers {
  expect: Record<string, string | string[]>;
  not: Record<string, string | string[]>;
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

  write(): TextMatchers {
    const several =
      this.#notEquals.size > 1 ? [...this.#notEquals].map((text) => `^${literalPattern(text)}$`) : [];
    return {
      expect: {
        ...(this.#equals === undefined ? {} : { equals: this.#equals }),
        ...all('contains', [...this.#contains]),
        ...all('not-contains', [...this.#notContains]),
        ...all('matches', [...this.#matches]),
      },
      not: {
        ...(several.length > 0 ? {} : all('equals', [...this.#notEquals])),
        ...all('matches', [...several, ...this.#notMatches]),
      },
    };
  }
}

/** One text, or several as a list. */
function all(key: string, texts: readonly string[]): Record<string, string | string[]> {
  const [text, ...more] = texts;
  return text === undefined ? {} : { [key]: more.length > 0 ? [...texts] : text };
}

/** A pattern of all texts that a pattern does not match anywhere; flags stay at its start. */
export function notMatching(source: string): string {
  const [, flags = '', rest = ''] = /^(\(\?[is]+\))?([^]*)$/.exec(source) ?? [];
  return `${flags}^(?![^]*(?:${rest}))`;
}

/** A text as a pattern that matches it alone; references stay, since the suite fills them in literally. */
export function literalPattern(text: string): string {
  return text
    .split(/(\{\{ [\w.-]+ \}\})/)
    .map((part, index) => (index % 2 === 1 ? part : escapePattern(part)))
    .join('');
}
