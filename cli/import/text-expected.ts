import { escapePattern } from '../../shared/probes/evaluators/pattern.js';
import type { Refuse } from './draft.js';

/** What can be asked of a text; `not-equals` and `not-matches` are written as patterns. */
export type TextOperator = 'equals' | 'not-equals' | 'contains' | 'not-contains' | 'matches' | 'not-matches';

/** Collects what must hold of one text, and writes it as a matcher: several conditions become one pattern that looks ahead for each. */
export class TextExpected {
  #equals: string | undefined;
  readonly #contains = new Set<string>();
  readonly #notContains = new Set<string>();
  readonly #matches = new Set<string>();
  readonly #notMatches = new Set<string>();

  add(operator: TextOperator, value: string, refuse: Refuse): void {
    if (operator === 'equals') {
      if (this.#equals !== undefined && this.#equals !== value)
        return refuse('a second value of the same text', 'keep one of them');
      this.#equals = value;
    } else if (operator === 'not-equals') this.#notMatches.add(`^${literalPattern(value)}$`);
    else if (value === '') refuse('an empty text: everything contains nothing', 'look for a text');
    else if (operator === 'contains') this.#contains.add(value);
    else if (operator === 'not-contains') this.#notContains.add(value);
    else if (operator === 'matches') this.#matches.add(value);
    else this.#notMatches.add(value);
  }

  write(): Record<string, string> {
    const [contains] = this.#contains;
    const [notContains] = this.#notContains;
    const single = this.#contains.size === 1 && this.#matches.size === 0;
    const wanted = [...(single ? [] : [...this.#contains].map(literalPattern)), ...this.#matches];
    const unwanted = [
      ...(this.#notContains.size > 1 ? [...this.#notContains].map(literalPattern) : []),
      ...this.#notMatches,
    ];
    const [only] = wanted;
    const lookAheads = [
      ...wanted.map((pattern) => lookAhead('=', pattern)),
      ...unwanted.map((pattern) => lookAhead('!', pattern)),
    ];
    return {
      ...(this.#equals === undefined ? {} : { equals: this.#equals }),
      ...(single && contains !== undefined ? { contains } : {}),
      ...(this.#notContains.size === 1 && notContains !== undefined ? { 'not-contains': notContains } : {}),
      ...(wanted.length === 1 && unwanted.length === 0 && only !== undefined
        ? { matches: only }
        : lookAheads.length > 0
          ? { matches: `^${lookAheads.join('')}` }
          : {}),
    };
  }
}

/** Whether a pattern is found anywhere; without the flag m, `^` and `$` inside it are the ends of the whole text. */
function lookAhead(sign: '=' | '!', pattern: string): string {
  return `(?${sign}[^]*(?:${pattern}))`;
}

/** A text as a pattern that matches it alone; references stay, since the suite fills them in literally. */
export function literalPattern(text: string): string {
  return text
    .split(/(\{\{ [\w.-]+ \}\})/)
    .map((part, index) => (index % 2 === 1 ? part : escapePattern(part)))
    .join('');
}
